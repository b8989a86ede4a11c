"""Any nanoBragg as a child process: found, probed, worded for, recorded."""

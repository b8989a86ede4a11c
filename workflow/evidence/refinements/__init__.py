"""Refinements: a noisy image of the C engine, many wrong starts, and how many find back to the truth."""

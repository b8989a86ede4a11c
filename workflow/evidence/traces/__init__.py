"""Every number on the way to a pixel, and the first that differs."""

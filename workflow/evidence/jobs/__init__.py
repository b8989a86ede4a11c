"""What the Snakefile and its scripts call."""

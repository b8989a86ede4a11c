"""Speed and memory, measured the same way."""

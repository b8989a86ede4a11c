"""Two images, measured and drawn."""

"""What was attempted and sealed, and whether it still is."""

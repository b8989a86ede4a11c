"""What to run and how to judge it."""

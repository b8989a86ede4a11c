"""The runs and numbers behind each gate."""

"""The same functions compiled ahead of time and kept on disk."""

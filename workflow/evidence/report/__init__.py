"""Pages for people, every number with its file."""

"""One module a phase: runs and numbers behind a gate."""

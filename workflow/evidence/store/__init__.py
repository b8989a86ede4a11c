"""The only hands that write: atomic files, hashes, who is alive."""

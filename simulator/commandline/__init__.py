"""From words to an experiment, and one run."""

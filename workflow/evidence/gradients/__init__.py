"""Every derivative of a case proved and timed, as a bundle of its own."""

"""From a failing case to its cause: the shortest command line, the first tap, the commit."""

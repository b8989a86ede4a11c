"""From an experiment to an image: vectors placed, loops of the lattice sum, traces of pixels."""

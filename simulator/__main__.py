"""`python -m simulator`."""

from simulator.cli import console

console()

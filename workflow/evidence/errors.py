"""What went wrong, in one line: the simulator's family of errors, and what the evidence adds to it."""

import os
import sys
from typing import NoReturn

from simulator.errors import ExpectationError, InputError

__all__ = ["ExpectationError", "InputError", "MissingError", "SealedError", "StoreError", "leave"]


class StoreError(ExpectationError):
    """What the store, the ledger or a seal refuses."""

    exit_status = 2  # of a command that it ends


class SealedError(StoreError):
    """A write into a sealed bundle."""


class MissingError(Exception):
    """Something that a measurement needs is not there; the text is the reason, for the gate."""


def leave(problem: InputError) -> NoReturn:
    """At once: what Snakemake would make of an exception in an input function is no line for a user."""
    print(f"error: {problem}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(2)

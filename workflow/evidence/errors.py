"""What went wrong, in one line: where, what was expected, what came instead."""


class ExpectationError(ValueError):
    """`str()` is the one line to print after `error: `."""

    def __init__(self, where: object, expected: object, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {got}")


class InputError(ExpectationError):
    """A mistake in what a user gave: exit status 2."""


class StoreError(ExpectationError):
    """What the store, the ledger or a seal refuses."""


class SealedError(StoreError):
    """A write into a sealed bundle."""


class MissingError(Exception):
    """Something that a measurement needs is not there; the text is the reason, for the gate."""

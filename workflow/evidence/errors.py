"""One wording for what a user can get wrong: where, what was expected, what came instead."""


class Complaint(ValueError):
    """A mistake in the input; `str()` is the one line to print after `error: ` (exit status 2)."""

    def __init__(self, where: object, expected: str, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {got}")

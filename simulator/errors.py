"""What a user got wrong, in one line: where, what was expected, what came instead."""


class ExpectationError(ValueError):
    """`str()` is the one line to print after `error: `."""

    def __init__(self, where: object, expected: object, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {got}")


class InputError(ExpectationError):
    """A mistake in what a user gave: exit status 2."""


def quoted(text: str | bytes) -> str:
    """A piece of someone's input, safe to print: one line, 40 characters, in single quotes."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    shown = "".join(chr(c) if 0x20 <= c <= 0x7E else "?" for c in raw)
    return f"'{shown[:40]}...'" if len(shown) > 40 else f"'{shown}'"

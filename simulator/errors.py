"""What a user got wrong, in one line: where, what was expected, what came instead."""


class InputError(ValueError):
    """A mistake in the input. `str()` is the one line to print after `error: `; the exit status is 2."""

    def __init__(self, where: object, expected: str, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {got}")


def quoted(text: str | bytes) -> str:
    """A piece of someone's input, safe to print: one line, 40 characters, in single quotes."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    shown = "".join(chr(c) if 0x20 <= c <= 0x7E else "?" for c in raw)
    return f"'{shown[:40]}...'" if len(shown) > 40 else f"'{shown}'"

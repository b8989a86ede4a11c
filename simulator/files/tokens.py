"""One word of a command line or file: is it a number, a count, a file name? Twin: reference/files/tokens.c.

Kinds: num any number, pos > 0, nonneg >= 0, int, count >= 1, index >= 0, file, quirks, and words (a|b|c);
num|random and nonneg|inf take the word as well.
"""

import re

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
INT_MAX = 2147483647
LONGEST = 63  # characters of a number

Value = float | int | str


EXPECTED = {
    "num": "a number",
    "pos": "a number > 0",
    "nonneg": "a number >= 0",
    "int": "an integer",
    "count": "an integer >= 1",
    "index": "an integer >= 0",
    "file": "a file name",
    "word": "a word",
    "quirks": "+name or -name",
    "num|random": "a number or random",
    "nonneg|inf": "a number >= 0 or inf",
}


def number(token: str) -> float | None:
    """The token as a finite double, or None."""
    value = float(token) if len(token) <= LONGEST and NUMBER.fullmatch(token) else float("inf")
    return value if abs(value) < float("inf") else None


def integer(token: str) -> int | None:
    """The token as a 32-bit integer, or None."""
    value = int(token) if INTEGER.fullmatch(token) and len(token) < 12 else INT_MAX + 1
    return value if abs(value) <= INT_MAX else None


def expected(kind: str, token: str = "") -> str:
    """What a value of this kind should be, in words; for a whole number that is too large, the largest."""
    if kind in ("int", "count", "index") and INTEGER.fullmatch(token) and float(token) > INT_MAX:
        return f"an integer <= {INT_MAX}"
    return EXPECTED.get(kind) or " or ".join(kind.split("|"))


def convert(kind: str, token: str) -> Value | None:
    """The token as a value of this kind, or None if it is none."""
    if kind in ("file", "word"):
        return token if token and not token.startswith("-") else None
    if kind == "quirks":
        return token or None
    if kind in ("int", "count", "index"):
        whole = integer(token)
        least = {"int": -INT_MAX, "count": 1, "index": 0}[kind]
        return whole if whole is not None and whole >= least else None
    if kind.partition("|")[0] in ("num", "pos", "nonneg"):
        base, _, word = kind.partition("|")
        if word and token == word:
            return token
        value = number(token)
        if value is None or (base == "pos" and not value > 0) or (base == "nonneg" and not value >= 0):
            return None
        return value
    return token if token in kind.split("|") else None

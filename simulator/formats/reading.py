"""Checked access to the values of a JSON or text file, with one wording for what is wrong."""

import json
import math
from pathlib import Path

import numpy as np

from simulator.errors import InputError, quoted
from simulator.files.disk import read_bytes
from simulator.files.tokens import number
from simulator.formats.frames import Vector

MOST_NAMED = 4  # panels
LONGEST_SHOWN = 80  # characters of what came instead
SHORTEST, LONGEST_EDGE = 0.1, 1e6  # A
FLATTEST = 1e-6  # volume of a cell with unit edges
LONGEST = 1 << 26  # bytes of a text file that describes a geometry


def within(where: str, error: InputError) -> InputError:
    """The same mistake, made inside a file."""
    inner, _, rest = str(error).partition(": expected ")
    wanted, _, got = rest.partition(", got ")
    shown = got if len(got) <= LONGEST_SHOWN else f"{got[:LONGEST_SHOWN]}..."
    return InputError(f"{where}: {inner}" if where else inner, wanted, shown)


def read_text(path: Path, where: str) -> str:
    """A text file; raises InputError for one that is unreadable, binary or huge."""
    raw = read_bytes(path, where)
    if len(raw) > LONGEST or b"\0" in raw:
        raise InputError(where, "a text file", f"{quoted(raw[:40])}")
    return raw.decode("utf-8", "replace")


def numbers(tokens: list[str], count: int, where: str) -> list[float]:
    """Exactly this many numbers."""
    values = [number(token) for token in tokens]
    for token, value in zip(tokens, values, strict=True):
        if value is None:
            raise InputError(where, f"{count} numbers", quoted(token))
    if len(values) != count:
        raise InputError(where, f"{count} numbers", len(values))
    return [value for value in values if value is not None]


def one_panel(names: list[str], where: str) -> None:
    """Raise InputError, with the first names, for a detector of another number of panels than the engines."""
    if len(names) != 1:
        shown = quoted(" ".join(names[:MOST_NAMED])) if names else ""
        raise InputError(where, "one panel (the engines have one)", f"{len(names)} {shown}".strip())


def unit(values: list[float], where: str) -> Vector:
    """A direction; raises InputError for a vector without one."""
    v = np.array(values)
    length = float(np.linalg.norm(v))
    if not 0 < length < math.inf:
        raise InputError(where, "a vector of non-zero length", " ".join(map(str, values)))
    return v if length == 1.0 else v / length


def span(vectors: Vector, where: str) -> Vector:
    """Rows a, b, c that make a cell; raises InputError for those that do not."""
    edges = np.linalg.norm(vectors, axis=1)
    if not ((edges > SHORTEST) & (edges < LONGEST_EDGE)).all():
        shown = " ".join(f"{edge:g}" for edge in edges)
        raise InputError(where, f"cell edges from {SHORTEST:g} to {LONGEST_EDGE:g} A", shown)
    if not abs(float(np.linalg.det(vectors / edges[:, None]))) > FLATTEST:
        raise InputError(where, "a cell with a volume", "vectors in a plane")
    return vectors


class Node:
    """A JSON value and where it stands in its file."""

    def __init__(self, value: object, where: str) -> None:
        self.value, self.where = value, where

    @classmethod
    def of_text(cls, text: str, where: str) -> "Node":
        """A whole file's text; raises InputError if it is no JSON."""
        try:
            return cls(json.loads(text), where)
        except (ValueError, RecursionError) as error:
            first = quoted(str(error).partition("\n")[0])
            raise InputError(where, "JSON", first) from None

    def wrong(self, wanted: str) -> InputError:
        """The mistake that something else stands here."""
        return InputError(self.where, wanted, quoted(json.dumps(self.value)))

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def __getitem__(self, key: str | int) -> "Node":
        """A member; raises InputError if there is none."""
        where = f"{self.where} {key}"
        if isinstance(key, str) and isinstance(self.value, dict) and key in self.value:
            return Node(self.value[key], where)
        if isinstance(key, int) and isinstance(self.value, list) and 0 <= key < len(self.value):
            return Node(self.value[key], where)
        raise InputError(where, "a value", "nothing")

    def size(self) -> int:
        """Length of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return len(self.value)

    def number(self, least: float = -math.inf) -> float:
        """A finite number of at least this size."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong("a number")
        if not (abs(value) <= 1e18 and value >= least):
            raise self.wrong("a finite number" if least == -math.inf else f"a number >= {least:g}")
        return float(value)

    def whole(self, least: int) -> int:
        """An integer of at least this size."""
        value = self.number()
        if value != int(value) or value < least:
            raise self.wrong(f"an integer >= {least}")
        return int(value)

    def numbers(self, count: int) -> list[float]:
        """Exactly this many numbers."""
        if self.size() != count:
            raise self.wrong(f"{count} numbers")
        return [self[i].number() for i in range(count)]

    def unit(self) -> Vector:
        """A direction (3)."""
        return unit(self.numbers(3), self.where)

"""JSON whose numbers remember where they stand.

`load(root, "phase_k/metrics.json")` gives ordinary dictionaries and lists, but each number is a `Real` or a
`Whole` whose `src` is `phase_k/metrics.json#/checks/0/measured`, a JSON pointer (RFC 6901) behind the path.
Reports print numbers of these two kinds only, so that every figure in them can be followed to its file.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evidence.records import Record


class MissingNumberError(ValueError):
    """A report asked for a number that the evidence does not hold."""


class Real(float):
    """A float from a JSON file; `how` names the reduction if it is not the entry itself ("count")."""

    src: str
    how: str

    def __new__(cls, value: float, src: str, how: str = "") -> "Real":
        self = super().__new__(cls, value)
        self.src, self.how = src, how
        return self


class Whole(int):
    """An int from a JSON file, or the count of the entries there."""

    src: str
    how: str

    def __new__(cls, value: int, src: str, how: str = "") -> "Whole":
        self = super().__new__(cls, value)
        self.src, self.how = src, how
        return self


def load(root: Path, name: str) -> Any:
    """The JSON file `name` below `root`, its numbers sourced; NaN and Infinity are refused."""
    try:
        text = (root / name).read_text(encoding="utf-8")
    except OSError as error:
        raise MissingNumberError(f"{name}: expected a readable file, got '{error.strerror}'") from None
    try:
        return sourced(json.loads(text, parse_constant=_refuse), f"{name}#")
    except ValueError as error:
        raise MissingNumberError(f"{name}: expected JSON, got '{error}'") from None


def sourced(value: Any, src: str) -> Any:
    """`value` with every number replaced by its sourced twin."""
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {key: sourced(item, f"{src}/{_escape(key)}") for key, item in value.items()}
    if isinstance(value, list):
        return [sourced(item, f"{src}/{index}") for index, item in enumerate(value)]
    if isinstance(value, int):
        return Whole(value, src)
    return Real(value, src) if isinstance(value, float) else value


def count(items: list[Any], src: str, how: str = "count") -> Whole:
    """How many `items` there are; `src` points at the list that they were taken from."""
    return Whole(len(items), src, how)


def find(value: Any, keys: set[str], where: str = "") -> Iterator[tuple[str, Record]]:
    """Every dictionary below `value` that has all `keys`, with the names on the way to it."""
    if isinstance(value, dict):
        if keys <= value.keys():
            yield where, value
            return
        for key, item in value.items():
            yield from find(item, keys, f"{where}/{key}" if where else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from find(item, keys, f"{where}/{index}" if where else str(index))


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _refuse(name: str) -> Any:
    raise ValueError(f"the constant {name}")

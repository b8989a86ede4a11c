"""What a value of an experiment has to be: rules in words and as tests, and the line for what breaks them.

Numbers in tensors are read from detached copies. Where torch.func maps over them each is judged, but not what
several are together (a direction, a cell).
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from simulator.errors import InputError, quoted
from simulator.rendering.known import known

TINY_VOLUME = 1e-12  # square of the volume of a cell with unit edges
MOST_SHOWN = 9  # numbers
PLAIN, SEQUENCES = (float, int), (tuple, list)


class Rule(NamedTuple):
    """What a value has to be, in words and as a test, which may fail on other types."""

    expected: str
    holds: Callable[[Any], bool]


def require(where: str, value: object, rule: Rule) -> None:
    """Raises InputError for a value that breaks the rule."""
    try:
        good = rule.holds(value)
    except (TypeError, ValueError, AttributeError):
        good = False
    if not good:
        raise InputError(where, rule.expected, shown(value))


def shape_of(value: Any) -> tuple[int, ...]:
    """Lengths along the axes, () of a number; raises ValueError where rows differ."""
    if isinstance(value, SEQUENCES):
        (row,) = {shape_of(item) for item in value}
        return (len(value), *row)
    return tuple(value.shape) if hasattr(value, "shape") else ()


def _numbers(value: Any) -> list[float]:
    """All numbers of a value, one row after another; raises TypeError for other things."""
    if isinstance(value, PLAIN):
        return [value]
    if isinstance(value, SEQUENCES):
        return [number for item in value for number in _numbers(item)]
    if isinstance(value, Tensor):
        return _numbers(known(value).reshape(-1).tolist())
    if hasattr(value, "shape"):  # of numpy
        return _numbers(value.tolist())
    raise TypeError


def shown(value: Any) -> str:
    """A value in one line."""
    try:
        numbers = _numbers(value)
        if 0 < len(numbers) <= MOST_SHOWN:
            return " ".join(f"{number:g}" for number in numbers)
    except (TypeError, ValueError):
        pass
    if hasattr(value, "shape"):
        return f"{value.dtype} {tuple(value.shape)}"
    return quoted(value if isinstance(value, str) else repr(value))


def real(
    expected: str,
    shape: tuple[int, ...],
    each: Callable[[float], bool],
    together: Callable[[list[float]], bool] = lambda _: True,
) -> Rule:
    """Numbers in this shape, each as it should be, and all together, unless they are mapped over."""
    count = math.prod(shape)

    def holds(value: Any) -> bool:
        if shape_of(value) != shape:
            return False
        numbers = _numbers(value)
        return all(map(each, numbers)) and (len(numbers) != count or together(numbers))

    return Rule(expected, holds)


def one_of(*allowed: object) -> Rule:
    """One of these."""
    return Rule(" or ".join(map(str, allowed)), lambda value: value in allowed)


def has_direction(vector: Sequence[float]) -> bool:
    """Whether x, y, z have a length that a double holds."""
    x, y, z = vector
    return 0 < x * x + y * y + z * z < math.inf


def has_volume(cell: Sequence[float]) -> bool:
    """Whether a, b, c (A), al, be, ga (degrees) span one."""
    al, be, ga = (math.radians(angle) for angle in cell[3:])
    q = (al + be + ga) / 2
    product = math.sin(q) * math.sin(q - al) * math.sin(q - be) * math.sin(q - ga)
    return product > TINY_VOLUME and 0 < math.prod(cell[:3]) < math.inf


def _spans(rows: Sequence[float]) -> bool:
    """Whether three vectors lie in no plane."""
    a, b, c, d, e, f, g, h, i = rows
    return 0 < abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)) < math.inf


def is_count(value: Any) -> bool:
    """Whether this is a whole number of 1 or more."""
    return operator.index(value) >= 1


COUNT = Rule("an integer >= 1", is_count)
NUMBER = real("a number", (), math.isfinite)
POSITIVE = real("a number > 0", (), lambda x: 0 < x < math.inf)
SIGNED = real("a number", (), lambda x: not math.isnan(x))  # a difference may step beyond 0
TRIPLE = real("three numbers", (3,), math.isfinite)
CELLS = real("three numbers > 0", (3,), lambda x: 0 < x < math.inf)
DIRECTION = real("a vector of non-zero length", (3,), math.isfinite, has_direction)
CELL = real("a cell of non-zero volume", (6,), lambda x: 0 < x < math.inf, has_volume)
MATRIX = real("three vectors that span a cell", (3, 3), math.isfinite, _spans)

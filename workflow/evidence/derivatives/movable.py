"""The continuous numbers of a command line, and how the fields of an experiment move with each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from evidence.derivatives.every_field import NOT_CONTINUOUS, fixed
from evidence.engines.arguments import flat, grouped, name_of
from simulator import Experiment
from simulator.commandline.flags import FLAGS
from simulator.errors import InputError
from simulator.rendering.differentiable import tensors

CONTINUOUS = {"num", "pos", "nonneg"}
STEP = 1e-4  # of a number, or absolute where it is 0: of the fields alone, so no image limits it
SAME = 1e-6  # what two estimates of how a field moves may differ by
Tangent = dict[str, Tensor]  # field -> change of its numbers, in one row, per unit of the number
Parse = Callable[[list[str]], Experiment]


@dataclass(frozen=True)
class Number:
    """One number of a command line: its flag and which of the flag's values it is."""

    flag: str
    which: int
    value: float

    @property
    def name(self) -> str:
        """As `-cell 2`; the first value of a flag goes by the flag."""
        return f"{self.flag} {self.which + 1}" if self.which else self.flag


def numbers(argv: Sequence[str]) -> list[Number]:
    """Every continuous number of a command line, those of the last flag of each name."""
    kinds = {
        flag.names[0]: [value.partition(":")[2].split("|")[0] for value in flag.values] for flag in FLAGS
    }
    found: dict[str, list[Number]] = {}
    for group in grouped(argv):
        flag = name_of(group)
        pairs = enumerate(zip(group[1:], kinds.get(flag, ()), strict=False))
        found[flag] = [Number(flag, i, float(word)) for i, (word, kind) in pairs if _is_number(word, kind)]
    return [number for each in found.values() for number in each]


def _is_number(word: str, kind: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return kind in CONTINUOUS


def moved(argv: Sequence[str], number: Number, by: float) -> list[str]:
    """The command line with this number moved, in its place."""
    groups = [list(group) for group in grouped(argv)]
    last = next(group for group in reversed(groups) if name_of(tuple(group)) == number.flag)
    last[1 + number.which] = repr(number.value + by)
    return flat(tuple(group) for group in groups)


def tangent(argv: Sequence[str], number: Number, parse: Parse) -> Tangent:
    """How every field moves with the number; empty where none does.

    Raises InputError where the command line is refused beside it, ValueError where a field jumps.
    """
    step = STEP * (abs(number.value) or 1.0)

    def central(by: float) -> Tangent:
        up, down = (_values(parse(moved(argv, number, side))) for side in (by, -by))
        if {name: x.shape for name, x in up.items()} != {name: x.shape for name, x in down.items()}:
            raise ValueError(f"{number.name}: the experiment is of another kind beside {number.value:g}")
        return {name: (x - down[name]) / (2 * by) for name, x in up.items()}

    fine, coarse = central(step), central(2 * step)
    found = {}
    for name, slope in fine.items():
        if not slope.any() and not coarse[name].any():
            continue
        if float((slope - coarse[name]).abs().max()) > SAME * float(slope.abs().max()):
            raise ValueError(f"{number.name}: {name} jumps beside {number.value:g}")
        found[name] = (4 * slope - coarse[name]) / 3
    return found


def _values(experiment: Experiment) -> Tangent:
    """The numbers of every field, each field in one row."""
    return {
        name: torch.tensor(list(_numbers(value)), dtype=torch.float64)
        for name, value in tensors(experiment)
        if name not in (*NOT_CONTINUOUS, "crystal.reflections.data", "beam.sources")
    }


def _numbers(value: Any) -> list[float]:
    if isinstance(value, Tensor):
        return [float(x) for x in value.reshape(-1)]
    if isinstance(value, tuple):
        return [float(x) for i, x in enumerate(value) if not fixed(value, i)]
    return [float(value)]


def refused(argv: Sequence[str], number: Number, parse: Parse) -> tuple[Tangent, str | None]:
    """`tangent`, or nothing and the reason."""
    try:
        return tangent(argv, number, parse), None
    except (InputError, ValueError) as problem:
        return {}, str(problem)

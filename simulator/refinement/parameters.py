"""What is refined: numbers of an experiment, by name, each with a scale, bounds, a prior."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from simulator.errors import InputError
from simulator.experiment import Experiment
from simulator.refinement.fields import components
from simulator.refinement.naming import BACKGROUND, SCALE, numbers, part_of
from simulator.rendering.quirks import Quirks

OWN = ("misset", "phi", SCALE, BACKGROUND)  # what each of many images has for itself
RELATIVE = {  # expected errors: parts of the value
    "crystal.cell": 3e-3,
    "crystal.n_cells": 0.1,
    "crystal.fudge": 0.1,
    "crystal.default_F": 0.1,
    "crystal.reflections.data": 0.1,
    "beam.wavelength": 1e-3,
    "beam.fluence": 0.1,
    SCALE: 0.1,
}
ABSOLUTE = {  # in the field's unit
    "crystal.misset": 0.2,
    "crystal.a_star": 1e-4,
    "crystal.mosaic_spread": 0.05,
    "detector.distance": 2e-4,
    "detector.close_distance": 2e-4,
    "detector.rotation": 0.2,
    "detector.twotheta": 0.2,
    "detector.ORGX": 1.0,
    "detector.ORGY": 1.0,
    "goniometer.phi": 0.2,
    "beam.kahn": 0.1,
    BACKGROUND: 1.0,
}
PIXELS = tuple(f"detector.{name}" for name in ("Xbeam", "Ybeam", "Xclose", "Yclose"))  # one pixel
LEAST = {"crystal.n_cells": 1.0, "crystal.mosaic_spread": 0.0, SCALE: 0.0, BACKGROUND: 0.0}


@dataclass(frozen=True)
class Parameter:
    """A field, or one number of it, that `refine` may change.

    name: `misset` (all three), `misset.x`, `cell.a`, `a_star[0,1]`, `F[1,2,3]`, `scale`, `background[0]`, or
    with its part, `detector.distance`. scale: the expected error, by which steps and random starts are sized.
    prior: mean and standard deviation. Everything in the field's own unit; for a name of several numbers, the
    same for each.

    >>> from simulator import Parameter
    >>> Parameter("distance", scale=1e-4, lower=0.05, upper=0.5).prior is None  # metres
    True
    """

    name: str
    scale: float | None = None
    lower: float = -math.inf
    upper: float = math.inf
    prior: tuple[float, float] | None = None


@dataclass(frozen=True)
class Unknown:
    """One number that is refined. image: the one it belongs to; None: all of them."""

    name: str
    field: str
    index: tuple[int, ...]
    start: float
    scale: float
    lower: float
    upper: float
    prior: tuple[float, float] | None
    image: int | None = None


def unknowns(
    wanted: Sequence[str | Parameter],
    experiments: Sequence[Experiment],
    boxes: int,
    own: Sequence[str],
    quirks: Quirks,
) -> list[Unknown]:
    """Every number to refine. Raises InputError for one that is none, comes twice or has no derivative."""
    found: list[Unknown] = []
    for one in wanted:
        parameter = Parameter(one) if isinstance(one, str) else one
        is_own = any(parameter.name.removeprefix(part_of(parameter.name)).startswith(name) for name in own)
        alone = is_own and len(experiments) > 1
        for number, experiment in enumerate(experiments if alone else experiments[:1]):
            for name, field, index in numbers(parameter.name, experiment, boxes, quirks):
                named = f"{name} of image {number}" if alone else name
                found.append(_unknown(parameter, named, field, index, experiment, number if alone else None))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError("parameters", "each number once", f"{name} twice")
    if not found:
        raise InputError("parameters", "at least one", "none")
    return found


def _unknown(
    parameter: Parameter,
    name: str,
    field: str,
    index: tuple[int, ...],
    experiment: Experiment,
    image: int | None,
) -> Unknown:
    start = {SCALE: 1.0, BACKGROUND: 0.0}.get(field)
    if start is None:
        start = float(components(experiment, field)[index])
    scale = parameter.scale if parameter.scale is not None else _expected(field, start, experiment)
    lower = max(parameter.lower, LEAST.get(field, -math.inf))
    if scale is None or not (math.isfinite(scale) and scale > 0):
        raise InputError(f"parameters {name}", "a scale above 0 (the expected error)", scale)
    if not lower < parameter.upper or not lower <= start <= parameter.upper:
        raise InputError(
            f"parameters {name}", f"a start within {lower:g} and {parameter.upper:g}", f"{start:g}"
        )
    if parameter.prior is not None and not parameter.prior[1] > 0:
        raise InputError(
            f"parameters {name}", "a prior with a standard deviation above 0", parameter.prior[1]
        )
    return Unknown(name, field, index, start, scale, lower, parameter.upper, parameter.prior, image)


def _expected(field: str, value: float, experiment: Experiment) -> float | None:
    """The expected error where none is given, None where there is no telling."""
    if field in PIXELS:
        return float(experiment.detector.pixel_size)
    if field in RELATIVE:
        return abs(value) * RELATIVE[field]
    return ABSOLUTE.get(field)


def initial_values(found: Sequence[Unknown]) -> Tensor:
    """Where the search begins, (p)."""
    return torch.tensor([one.start for one in found], dtype=torch.float64)


def expected_errors(found: Sequence[Unknown]) -> Tensor:
    """Expected errors, (p)."""
    return torch.tensor([one.scale for one in found], dtype=torch.float64)

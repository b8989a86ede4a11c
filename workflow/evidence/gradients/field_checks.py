"""gradcheck of every field, crystal shape and mode; gradgradcheck of cell, orientation and distance."""

import itertools
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from evidence.derivatives.every_field import put, with_tensors
from evidence.derivatives.exactness import judge_fields
from evidence.gradients.small_experiments import SHAPES, experiments, plain
from evidence.records import Record
from simulator import Experiment, simulate
from simulator.rendering.differentiable import NEVER, differentiable_fields
from simulator.rendering.quirks import MODES

TWICE = ("crystal.cell", "crystal.misset", "detector.distance")
WHOLE = "by rule that of whole numbers of cells, which is not the formula's: checked in spec"
# Steps of differences, of a number scaled so that the image changes by as much as it is bright. One that
# agrees is enough: short ones are lost in rounding (a round crystal at the beam in c-parity), long ones cross
# an edge.
STEPS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-7)
# The angle of a mosaic domain is rounded to single precision: only a wide difference sees past the rounding
WIDE = {"crystal.mosaic_spread": ((1e-2, 1e-3), 1e-4)}  # steps, rtol
Image = Callable[..., Tensor]


def measure() -> Record:
    """Rows of all checks, and the fields that none of them reached."""
    rows = list(_rows())
    reached = {row["field"] for row in rows if row["times"] and row["ok"]}
    return {
        "checks": rows,
        "unreached": [f for f in differentiable_fields() if f not in reached | NEVER.keys()],
    }


def _rows() -> Iterator[Record]:
    for shape in SHAPES:
        for variant, experiment in experiments(shape).items():
            for mode in MODES:
                yield from check_fields(experiment, shape, variant, mode)
        for mode in MODES:
            yield from check_twice(plain(shape), shape, mode)


def check_fields(experiment: Experiment, shape: str, variant: str, mode: str) -> Iterator[Record]:
    """One row a field: gradcheck where it has a gradient, else whether that is explained."""
    for found in judge_fields(experiment, mode):
        row = {"shape": shape, "variant": variant, "mode": mode, "field": found["field"]}
        ok, reason, times = found["finite"] and found["explained"], found["reason"], 0
        if row["field"] == "crystal.n_cells" and (shape, mode) == ("square", "c-parity"):
            reason = WHOLE
        elif ok and found["gradient"]:
            times, reason = 1, _checked(gradcheck, experiment, found["field"], mode)
            ok = reason is None
        yield {**row, "times": times, "ok": ok, "reason": reason}


def check_twice(experiment: Experiment, shape: str, mode: str) -> Iterator[Record]:
    """One row for each of `TWICE` that the image depends on."""
    there = {found["field"] for found in judge_fields(experiment, mode) if found["gradient"]}
    for field in TWICE:
        row = {"shape": shape, "variant": "plain", "mode": mode, "field": field}
        if field in there:
            reason = _checked(gradgradcheck, experiment, field, mode)
            yield {**row, "times": 2, "ok": reason is None, "reason": reason}


def _checked(check: Callable[..., bool], experiment: Experiment, field: str, mode: str) -> str | None:
    """None where torch's check agrees at a step, else the first line of what it said of the first.

    In one random direction; where that agrees at no step, number by number.
    """
    image, start = scaled(experiment, field, mode)
    steps, rtol = WIDE.get(field, (STEPS, 1e-5))
    said = []
    for fast, eps in itertools.product((True, False), steps):
        try:
            check(image, start, eps=eps, atol=1e-6, rtol=rtol, fast_mode=fast)
        except (RuntimeError, NotImplementedError) as problem:  # GradcheckError is a RuntimeError
            said.append(str(problem).strip().splitlines()[0])
        else:
            return None
    return said[0]


def scaled(experiment: Experiment, field: str, mode: str) -> tuple[Image, tuple[Tensor, ...]]:
    """The image over its brightest pixel by a field's numbers on the scale on which they change it; all 0."""
    placed, asked = with_tensors(experiment, [field])
    leaves = asked[field]
    image = simulate(placed, mode=mode, compile="off")
    brightest = float(image.detach().max())
    grads = torch.autograd.grad(image.sum() / brightest, leaves, allow_unused=True)
    given = [leaf.detach() for leaf in leaves]
    sizes = [float(value.abs().max()) or 1.0 for value in given]
    slopes = [0.0 if g is None else float(g.abs().max()) for g in grads]
    scales = [min(size, 1.0 / slope) if slope else size for size, slope in zip(sizes, slopes, strict=True)]

    def found(*x: Tensor) -> Tensor:
        moved = iter(v + s * each for v, s, each in zip(given, scales, x, strict=True))
        value = _value(placed, field)
        made = (
            tuple(next(moved) if isinstance(v, Tensor) else v for v in value)
            if isinstance(value, tuple)
            else next(moved)
        )
        made_experiment: Experiment = put(experiment, field.split("."), made)
        return simulate(made_experiment, mode=mode, compile="off") / brightest

    return found, tuple(torch.zeros_like(v).requires_grad_() for v in given)


def _value(experiment: Experiment, field: str) -> object:
    value: object = experiment
    for name in field.split("."):
        value = getattr(value, name)
    return value

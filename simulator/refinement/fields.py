"""Fields of an experiment by their names: their numbers, and experiments with others in their place."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from simulator.experiment import Experiment
from simulator.rendering.differentiable import differentiable_fields, without_derivative
from simulator.rendering.placing import Tensors, beam_centre
from simulator.rendering.quirks import Quirks

TABLE = "crystal.reflections.data"
LABELS = {
    "crystal.cell": ("a", "b", "c", "alpha", "beta", "gamma"),
    "crystal.n_cells": ("a", "b", "c"),
    **dict.fromkeys(("crystal.misset", "detector.rotation", "detector.twotheta_axis"), ("x", "y", "z")),
    **dict.fromkeys(("beam.direction", "beam.polarization_normal", "goniometer.spindle"), ("x", "y", "z")),
}
NOT_NUMBERS = ("beam.hdiv", "beam.vdiv", "beam.dispersion", "detector.size")  # steps among them, or None


def field_names() -> list[str]:
    """Fields that can be refined."""
    return [name for name in differentiable_fields() if name not in NOT_NUMBERS]


def reasons(experiment: Experiment, quirks: Quirks) -> dict[str, str]:
    """Fields that this experiment does not depend on, or that it lacks, each with why."""
    found = without_derivative(experiment, quirks)
    lacking = {name: "there is none" for name in field_names() if _default(experiment, name) is None}
    return lacking | found


def components(experiment: Experiment, field: str) -> Tensor:
    """The numbers of a field, float64, no gradient."""
    return Tensors(torch.device("cpu"))(_default(experiment, field)).detach()


def _get(experiment: Experiment, field: str) -> Any:
    value: Any = experiment
    for step in field.split("."):
        value = None if value is None else getattr(value, step)
    return value


def _default(experiment: Experiment, field: str) -> Any:
    """A field's value, or what stands for it where it is not given."""
    value, detector = _get(experiment, field), experiment.detector
    if value is not None:
        return value
    if field == "crystal.misset":
        return (0.0, 0.0, 0.0)
    centre, (x, y) = beam_centre(detector, Tensors(torch.device("cpu")))
    pixel = detector.pixel_size
    standing = {
        "detector.Xbeam": x,
        "detector.Ybeam": y,
        "detector.ORGX": centre.Fclose / pixel + 0.5,
        "detector.ORGY": centre.Sclose / pixel + 0.5,
    }
    return standing.get(field)


def labels(experiment: Experiment, field: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What follows a field's name for each of its numbers, and where it is."""
    shape = components(experiment, field).shape
    for place in torch.cartesian_prod(*map(torch.arange, shape)).reshape(-1, len(shape)) if shape else [()]:
        index = tuple(int(i) for i in place)
        if not index:
            yield "", index
        elif field in LABELS:
            yield f".{LABELS[field][index[0]]}", index
        else:
            yield f"[{','.join(map(str, index))}]", index


def with_numbers(
    experiment: Experiment, field: str, where: Sequence[tuple[int, ...]], values: Sequence[Tensor]
) -> Experiment:
    """The experiment with some numbers of a field replaced, gradients kept."""
    old = components(experiment, field)
    if old.dim() == 0:
        (new,) = values
    else:
        places = tuple(torch.tensor(axis) for axis in zip(*where, strict=True))
        new = old.index_put(places, torch.stack(list(values)))
    changed: Experiment = _put(experiment, field.split("."), new)
    return changed


def _put(whole: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    return replace(whole, **{name: _put(getattr(whole, name), rest, value) if rest else value})

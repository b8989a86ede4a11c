"""One search: from a start through coarse and fine crystals to the likeliest values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import optimize
from torch import Tensor

from simulator.refinement.model import Model, coarse
from simulator.refinement.naming import BACKGROUND, SCALE
from simulator.refinement.objective import Objective, Vector
from simulator.refinement.optimizers import Method, least_squares
from simulator.refinement.parameters import Unknown
from simulator.refinement.stages import cells_of_stages, finest, movements, moving_spots
from simulator.refinement.statistics import Fit, Information, fit, information, verdict

COARSE, FINE = 1e-4, 1e-9  # relative changes of loss or values at which a stage, or the search, is over
TRUST = 50.0  # what is explained of an image by a stage's start weighs as much as this many expected errors
Report = Callable[[str, float], None]  # stage, loss


@dataclass(frozen=True)
class Step:
    """One step of a search: loss of its stage (scale-free, or the deviance) and values (p)."""

    stage: str
    cells: float | None  # a side of the coarse crystal; None: the crystal as it is
    loss: float
    values: Vector


@dataclass(frozen=True)
class Found:
    """Where a search ended."""

    values: Vector
    information: Information
    fit: Fit
    verdict: str
    history: tuple[Step, ...]
    objective: Objective


def search(
    models: Sequence[Model],
    unknowns: Sequence[Unknown],
    start: Tensor,
    method: Method,
    eager: float,
    report: Report,
) -> Found:
    """The likeliest values from one start (p); a larger `eager` begins with broader spots."""
    x, history = start, list[Step]()

    def stage(
        name: str, cells: float | None, moving: Sequence[int], tolerance: float, by: Method
    ) -> Objective:
        likely = name == "likelihood"
        used = models if cells is None else [_broad(model, cells) for model in models]
        objective = Objective(used, unknowns, moving, x, likely)
        if not likely:
            first = objective.residuals(x[list(moving)].numpy())
            objective.hold = (len(models) - float(first @ first)) / TRUST

        def step(values: Vector, loss: float) -> None:
            history.append(Step(name, cells, loss, objective.place(values).numpy()))
            report(name if cells is None or likely else f"{cells:.0f} cells", loss)

        values = by(objective, x[list(moving)].numpy(), tolerance, step)
        objective.x = objective.place(values)
        return objective

    movement = torch.stack([movements(model, x) for model in models]).amax(0)
    moving = moving_spots(movement.tolist())
    if moving:
        sharpest = max(finest(model, x) for model in models)
        for cells in [*cells_of_stages(float(movement.norm()), sharpest, eager), None]:
            x = stage("scale-free", cells, moving, COARSE, least_squares).x
    x = _scaled(models, unknowns, x)
    objective = stage("likelihood", None, range(len(unknowns)), FINE, method)
    values = objective.x.numpy()
    known, found = information(objective, values), fit(objective, values)
    return Found(values, known, found, verdict(found, known.remaining), tuple(history), objective)


def _broad(model: Model, cells: float) -> Model:
    return replace(model, picture=replace(model.picture, experiment=coarse(model.picture.experiment, cells)))


def _scaled(models: Sequence[Model], unknowns: Sequence[Unknown], x: Tensor) -> Tensor:
    """Values with scale and backgrounds, where they are unknown, that fit each image best."""
    x = x.clone()
    with torch.no_grad():
        braggs = [model.bragg(x) for model in models]
    linear = [i for i, one in enumerate(unknowns) if one.field in (SCALE, BACKGROUND)]
    if not linear:
        return x
    rows, seen = [], []
    for model, bragg in zip(models, braggs, strict=True):
        picture, mine = model.picture, set(model.mine)
        root = (picture.weights / (picture.counts + 1.0)).sqrt()
        columns = torch.zeros(len(bragg), len(linear), dtype=torch.float64)
        rest = picture.counts.clone()
        if not any(unknowns[i].field == SCALE for i in mine):
            rest -= bragg
        for k, i in enumerate(linear):
            one = unknowns[i]
            if i in mine:
                columns[:, k] = bragg if one.field == SCALE else (picture.box == one.index[0]).double()
        rows.append((columns * root[:, None]).numpy())
        seen.append((rest * root).numpy())
    bounds = np.array([(unknowns[i].lower, unknowns[i].upper) for i in linear]).T
    found = optimize.lsq_linear(np.concatenate(rows), np.concatenate(seen), bounds=tuple(bounds))
    x[linear] = torch.as_tensor(found.x)
    return x

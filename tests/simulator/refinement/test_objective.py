"""Slopes of all residuals, for every kind of unknown, against differences and reverse mode."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from simulator.errors import InputError
from simulator.refinement import objective as objectives
from simulator.refinement.model import Model
from simulator.refinement.objective import Objective, Vector
from simulator.refinement.optimizers import least_squares
from simulator.refinement.parameters import OWN, Parameter, Unknown, initial_values, unknowns
from simulator.refinement.pictures import pictures
from simulator.rendering.quirks import Quirks
from tests.simulator.refinement import small

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # of torch itself
EVERY = [
    "misset",
    "cell.a",
    "cell.gamma",
    Parameter("distance", prior=(0.0601, 1e-4)),
    "beam_centre",
    "n_cells.b",
    "F[0,1,1]",
    "scale",
    "background",
]


def problem(likely: bool, monkeypatch: pytest.MonkeyPatch, images: int = 1) -> Objective:
    """Twelve pixels a side, every row with its slopes."""
    monkeypatch.setattr(objectives, "KEPT", 1.0)
    monkeypatch.setattr(objectives, "KEPT_COARSE", 1.0)
    true = small.experiment(cells=4, pixels=12)
    halves = replace(true, sampling=replace(true.sampling, roi=[(0, 5, 0, 11), (6, 11, 0, 11)]))
    seen = pictures(halves, [small.counts(true, seed=i) for i in range(images)], None, None)
    found = unknowns(EVERY, [one.experiment for one in seen], 2, OWN, Quirks.of("spec"))
    models = [Model(one, i, found, "spec", None) for i, one in enumerate(seen)]
    x = initial_values(found)
    x[[i for i, one in enumerate(found) if one.field == "background"]] = 1.0
    moving = [i for i, one in enumerate(found) if likely or one.field not in ("scale", "background")]
    return Objective(models, found, moving, x, likely)


@pytest.mark.parametrize("images", [1, 2])
@pytest.mark.parametrize("likely", [True, False])
def test_slopes_of_residuals(likely: bool, images: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Differences of the residuals, unknown by unknown."""
    found = problem(likely, monkeypatch, images)
    values = found.x[found.moving].numpy() * 1.0001
    slopes = found.slopes(values)
    assert slopes.shape == (len(found.residuals(values)), len(found.moving))
    for k, i in enumerate(found.moving):
        step = 1e-5 * found.unknowns[i].scale * np.eye(len(values))[k]
        wanted = (found.residuals(values + step) - found.residuals(values - step)) / (2 * step[k])
        size = float(np.abs(wanted).max())
        assert size > 0, found.unknowns[i].name
        assert np.abs(slopes[:, k] - wanted).max() < 1e-4 * size, found.unknowns[i].name


def test_gradient_is_that_of_the_residuals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reverse mode's value and gradient of the deviance against residuals and their slopes."""
    found = problem(True, monkeypatch, 2)
    values = found.x[found.moving].numpy() * 1.0001
    loss, gradient = found.gradient(values)
    residuals = found.residuals(values)
    assert loss == pytest.approx(float(residuals @ residuals), rel=1e-6)
    wanted = 2 * residuals @ found.slopes(values)
    assert np.allclose(gradient, wanted, rtol=1e-5, atol=1e-8 * np.abs(wanted).max())


def test_rows_that_tell_nothing_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pixels hold nearly all that the spots tell: the others hardly change the information."""
    found = problem(True, monkeypatch)
    values = found.x.numpy()
    (every,) = found.mean_slopes(values)
    monkeypatch.setattr(objectives, "KEPT", 1 - 1e-4)
    (few,) = found.mean_slopes(values)
    left = [k for k, one in enumerate(found.unknowns) if one.field not in ("scale", "background")]
    assert int((few[:, left] != 0).any(1).sum()) < len(few)
    mean = found.means(values)[0]
    whole, part = (torch.einsum("np,n,np->p", x, 1 / mean, x)[left] for x in (every, few))
    assert bool((part <= whole).all() & (part > 0.9 * whole).all())


class Impossible(Objective):
    """ln(x) = ln(0.01), where the first step from 1 goes to -3.6."""

    def compact(self, values: Vector) -> tuple[Vector, Vector]:
        """Residuals and slopes; below 0 there is no experiment."""
        if values[0] <= 0:
            raise InputError("detector.distance", "a number > 0", values[0])
        return np.array([np.log(values[0] / 0.01), 0.0]), np.array([[1 / values[0]], [0.0]])


def test_a_step_to_what_cannot_be_is_too_long() -> None:
    """The search goes on with a shorter one; a start that cannot be is told."""
    one = Unknown("distance", "detector.distance", (), 1.0, 1.0, -math.inf, math.inf, None)
    objective = Impossible([], [one], [0], torch.ones(1, dtype=torch.float64), True)
    found = least_squares(objective, np.array([1.0]), 1e-12, lambda *_: None)
    assert found[0] == pytest.approx(0.01, rel=1e-6)
    with pytest.raises(InputError, match=r"^detector\.distance: "):
        least_squares(objective, np.array([-1.0]), 1e-12, lambda *_: None)

"""Errors and verdict from the likelihood: Fisher's information, and the deviance of mere noise."""

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import Tensor

from simulator.refinement.losses import LEAST, deviance
from simulator.refinement.objective import Objective, Vector

LARGE = 1e3  # photons from which on the moments of a pixel's deviance follow their series
SURPLUS = 5.0  # standard deviations of the deviance above its expectation that noise does not explain
AT_REST = 0.1  # standard errors from the minimum that count as being there
FLAT = 1e-12  # of the largest eigenvalue: nothing is known along such a direction
AT_BOUND = 1e-4  # expected errors from a bound within which an unknown that pulls outwards stands at it
TOUCHES = 1e-6  # component of such a direction from which on an unknown is part of it


class Information(NamedTuple):
    """Errors (p) of the unknowns, their correlations (p, p), and what is known along which direction.

    eigenvalues (p), ascending, and eigenvectors (p, p; columns) of the information in units of the expected
    errors: an eigenvalue of 1 is a combination known no better than it was expected. An unknown that the
    likelihood presses against its bound is held there: it has no part in the others' errors, and its own is
    the way inwards over which the likelihood falls by 1/e.
    """

    errors: Vector
    correlations: Vector
    eigenvalues: Vector
    eigenvectors: Vector
    remaining: float  # standard errors to the minimum, by one more Newton step


class Fit(NamedTuple):
    """Deviance of all images, what it should be if only noise is left, and how much that scatters."""

    deviance: float
    expected: float
    spread: float

    @property
    def surplus(self) -> float:
        """Standard deviations above the expectation."""
        return (self.deviance - self.expected) / self.spread


def information(objective: Objective, values: Vector) -> Information:
    """Fisher's information, J^T diag(w/mu) J and priors, at these values."""
    scale = np.array([objective.unknowns[i].scale for i in objective.moving])
    matrix, pull = np.zeros((len(scale), len(scale))), np.zeros(len(scale))
    pairs = zip(objective.models, objective.means(values), objective.mean_slopes(values), strict=True)
    for model, predicted, slopes in pairs:
        seen, mean = model.picture, predicted.clamp(min=LEAST)
        scaled = slopes.numpy() * scale
        matrix += scaled.T @ (scaled * (seen.weights / mean).numpy()[:, None])
        pull += scaled.T @ (seen.weights * (seen.counts - mean) / mean).numpy()
    residuals, rows = objective.priors(values)
    rows = rows * scale
    matrix, pull = matrix + rows.T @ rows, pull - rows.T @ residuals
    held = _at_bound(objective, values, pull)
    matrix[held], matrix[:, held] = 0.0, 0.0
    inwards, pull = np.abs(pull[held]), np.where(held, 0.0, pull)
    eigenvalues, eigenvectors = np.linalg.eigh(matrix)
    known = eigenvalues > FLAT * eigenvalues.max(initial=0.0)
    inverse = np.where(known, 1.0 / np.where(known, eigenvalues, 1.0), 0.0)
    blind = (np.abs(eigenvectors[:, ~known]) > TOUCHES).any(1)
    finite = (eigenvectors[:, known] * inverse[known]) @ eigenvectors[:, known].T
    size = np.sqrt(np.clip(np.diag(finite), np.finfo(float).tiny, None))
    along = eigenvectors[:, known].T @ pull
    correlations = finite / np.outer(size, size)
    correlations[held, held] = 1.0
    errors = np.where(blind, np.inf, size)
    errors[held] = 1.0 / inwards
    return Information(
        errors * scale,
        correlations,
        eigenvalues,
        eigenvectors,
        float(np.sqrt((along**2 * inverse[known]).sum())),
    )


def _at_bound(objective: Objective, values: Vector, pull: Vector) -> npt.NDArray[np.bool_]:
    """Which unknowns (moving) stand at a bound that the likelihood presses them against."""
    moving = [objective.unknowns[i] for i in objective.moving]
    rows = [
        (x - one.lower <= AT_BOUND * one.scale and force < 0)
        or (one.upper - x <= AT_BOUND * one.scale and force > 0)
        for one, x, force in zip(moving, values, pull, strict=True)
    ]
    return np.array(rows, dtype=bool)


def fit(objective: Objective, values: Vector) -> Fit:
    """Deviance against its moments; each unknown takes one from the expectation."""
    total, expected, variance = 0.0, -float(len(objective.moving)), 0.0
    for model, mean in zip(objective.models, objective.means(values), strict=True):
        seen = model.picture
        first, second = deviance_moments(mean)
        total += float((seen.weights * deviance(seen.counts, mean)).sum())
        expected += float((seen.weights * first).sum())
        variance += float((seen.weights**2 * second).sum())
    return Fit(total, expected, float(np.sqrt(variance)))


def deviance_moments(mean: Tensor) -> tuple[Tensor, Tensor]:
    """Expectation and variance (n) of a Poisson variable's deviance, exact below 1000 photons."""
    grid, first, second = _moments()
    known = mean.clamp(min=LEAST)
    at = known.clamp(max=LARGE).log().numpy()
    small = known <= LARGE
    series = 1.0 + 1.0 / (6.0 * known)
    return (
        torch.where(small, torch.as_tensor(np.interp(at, grid, first)), series),
        torch.where(small, torch.as_tensor(np.interp(at, grid, second)), torch.full_like(known, 2.0)),
    )


@functools.cache
def _moments() -> tuple[Vector, Vector, Vector]:
    """Logarithms of means, and the moments there, summed over all counts."""
    means = np.geomspace(LEAST, LARGE, 400)
    counts = np.arange(int(LARGE + 12 * LARGE**0.5 + 30))[:, None]
    chances = stats.poisson.pmf(counts, means)
    values = deviance(torch.as_tensor(counts, dtype=torch.float64), torch.as_tensor(means)[None]).numpy()
    first = (chances * values).sum(0)
    return np.log(means), first, (chances * values**2).sum(0) - first**2


def verdict(found: Fit, remaining: float) -> str:
    """`converged` if the search is at rest and noise explains what is left, else `stuck`."""
    return "converged" if found.surplus <= SURPLUS and remaining <= AT_REST else "stuck"

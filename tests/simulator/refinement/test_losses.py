"""What is minimised: values against their definitions, slopes against automatic differentiation."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from simulator.refinement.losses import deviance, poisson, scale_free

F64 = torch.float64
GENERATOR = torch.Generator().manual_seed(0)
COUNTS = torch.poisson(torch.rand(60, dtype=F64, generator=GENERATOR) * 20, generator=GENERATOR)
BRAGG = COUNTS * 0.5 + torch.rand(60, dtype=F64, generator=GENERATOR) * 3
WEIGHTS = torch.rand(60, dtype=F64, generator=GENERATOR) + 0.1
BOX = torch.arange(60) // 20
NONE, ALL = torch.zeros(60, 0, dtype=F64), torch.arange(60)


def test_scale_free_is_what_correlation_leaves() -> None:
    """With backgrounds, sum of squares = 1 - r^2 of the weighted values; no scale or background matters."""
    one = torch.ones(60, dtype=F64)
    found = scale_free(COUNTS, BRAGG, one, torch.zeros_like(BOX), NONE, ALL)[0]
    wanted = 1 - np.corrcoef(COUNTS, BRAGG)[0, 1] ** 2
    assert float(found @ found) == pytest.approx(wanted, rel=1e-12)
    for box in (None, BOX):
        first = scale_free(COUNTS, BRAGG, WEIGHTS, box, NONE, ALL)[0]
        other = scale_free(3 * COUNTS, 7 * BRAGG, WEIGHTS, box, NONE, ALL)[0]
        assert torch.allclose(first, other, rtol=1e-12)
    shifted = scale_free(COUNTS + 5.0 * BOX, BRAGG - 2.0 * BOX, WEIGHTS, BOX, NONE, ALL)[0]
    whole = scale_free(COUNTS, BRAGG, WEIGHTS, BOX, NONE, ALL)[0]
    assert torch.allclose(shifted / shifted.norm(), whole / whole.norm(), rtol=1e-9)


@pytest.mark.parametrize("box", [None, BOX])
def test_scale_free_slopes(box: Tensor | None) -> None:
    """By each unknown, against automatic differentiation; rows left out count as 0."""
    moves = torch.rand(60, 3, dtype=F64, generator=GENERATOR)
    moves[40:] = 0.0

    def residuals(x: Tensor) -> Tensor:
        return scale_free(COUNTS, BRAGG + moves @ x, WEIGHTS, box, NONE, ALL)[0]

    wanted = torch.func.jacrev(residuals)(torch.zeros(3, dtype=F64))
    found = scale_free(COUNTS, BRAGG, WEIGHTS, box, moves[:40], torch.arange(40))[1]
    assert torch.allclose(found, wanted, rtol=1e-10, atol=1e-13)


def test_an_image_that_is_the_reverse_is_no_match() -> None:
    """A negative scale is none: nothing is explained."""
    found, slopes = scale_free(COUNTS, COUNTS.max() - COUNTS, WEIGHTS, BOX, torch.ones(60, 1, dtype=F64), ALL)
    assert float(found @ found) == pytest.approx(1.0)
    assert not bool(slopes.any())


def test_poisson_residuals_are_the_likelihood() -> None:
    """Half the sum of squares is the logarithm of the likelihood, but for what the mean does not change."""
    mean, other = COUNTS * 0.8 + 1.0, COUNTS * 1.3 + 0.2
    losses = [
        0.5 * float((poisson(COUNTS, m, torch.ones(60, dtype=F64))[0] ** 2).sum()) for m in (mean, other)
    ]
    likely = [-float(stats.poisson.logpmf(COUNTS.numpy(), m.numpy()).sum()) for m in (mean, other)]
    assert losses[0] - losses[1] == pytest.approx(likely[0] - likely[1], rel=1e-10)
    assert float(deviance(COUNTS, mean).sum()) == pytest.approx(2 * losses[0])


def test_poisson_slopes() -> None:
    """Far from, near and at the count; for no photon; for a mean of nothing."""
    counts = torch.tensor([0.0, 3.0, 3.0, 3.0, 9.0, 0.0, 2.0], dtype=F64)
    mean = torch.tensor([2.0, 3.0, 3.0001, 2.0, 30.0, 0.0, 0.0], dtype=F64)
    weights = torch.full((7,), 4.0, dtype=F64)
    found, slopes = poisson(counts, mean, weights)
    assert bool(found.isfinite().all() & slopes.isfinite().all())
    step = 1e-5
    up, down = (poisson(counts, mean + s, weights)[0] for s in (step, -step))
    assert torch.allclose(slopes[:5], (up - down)[:5] / (2 * step), rtol=1e-4)
    assert float(slopes[1]) == pytest.approx(-2 / 3**0.5)

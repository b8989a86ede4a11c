"""Errors from the information, and the verdict from the deviance."""

import numpy as np
import pytest
import torch
from scipy import stats

from simulator.refinement.statistics import Fit, deviance_moments, verdict

F64 = torch.float64


@pytest.mark.parametrize("mean", [1e-4, 0.03, 0.7, 3.3, 40.0, 900.0, 5000.0])
def test_moments_of_the_deviance(mean: float) -> None:
    """Summed over all counts of this very mean."""
    counts = np.arange(int(mean + 14 * mean**0.5 + 40))
    chances = stats.poisson.pmf(counts, mean)
    safe = np.where(counts > 0, counts, 1)
    values = 2 * (np.where(counts > 0, counts * np.log(safe / mean), 0.0) - counts + mean)
    first = (chances * values).sum()
    second = (chances * values**2).sum() - first**2
    found = deviance_moments(torch.tensor([mean], dtype=F64))
    assert float(found[0]) == pytest.approx(first, rel=2e-3)
    assert float(found[1]) == pytest.approx(second, rel=5e-3)


def test_noise_alone_is_no_surplus() -> None:
    """Of drawn images, bright and dark pixels mixed, the surplus scatters around 0 with a deviation of 1."""
    generator = np.random.default_rng(3)
    mean = 10 ** generator.uniform(-3, 3, 3000)
    first, second = deviance_moments(torch.as_tensor(mean))
    surpluses = []
    for _ in range(200):
        counts = generator.poisson(mean)
        safe = np.where(counts > 0, counts, 1)
        total = 2 * (np.where(counts > 0, counts * np.log(safe / mean), 0.0) - counts + mean).sum()
        surpluses.append(Fit(total, float(first.sum()), float(second.sum()) ** 0.5).surplus)
    assert abs(np.mean(surpluses)) < 0.3
    assert 0.85 < np.std(surpluses) < 1.15


def test_verdict() -> None:
    """Converged only at rest and with nothing but noise left; no number is stuck."""
    assert verdict(Fit(100.0, 98.0, 10.0), 1e-3) == "converged"
    assert verdict(Fit(200.0, 98.0, 10.0), 1e-3) == "stuck"
    assert verdict(Fit(100.0, 98.0, 10.0), 0.5) == "stuck"
    assert verdict(Fit(float("nan"), 98.0, 10.0), 1e-3) == "stuck"
    assert verdict(Fit(100.0, 98.0, 10.0), float("nan")) == "stuck"

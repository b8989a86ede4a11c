"""PyTorch in single precision on every image that is finite and not black. Oracle: tests/golden."""

from pathlib import Path

import numpy as np
import pytest
import torch

from simulator import simulate
from tests.helpers.golden import experiment
from tests.truth.conftest import SETS, Pixels

CORRELATION, SUM_RATIO = 0.999999, 1e-4
# What single precision cannot do: case -> why.
EXCEPTIONS = {
    "random0372": "far spots' Gaussians underflow to 0: terms left out, so a running sum has fewer factors",
}


def likeness(image: Pixels, reference: Pixels) -> tuple[float, float]:
    """Correlation, and sum ratio minus one. An image of one value has no correlation: how far off it is."""
    a, b = image.astype(np.float64), reference.astype(np.float64)
    scale = np.abs(b).max()  # keeps the squares in range
    a, b = a / scale, b / scale
    ratio = float(a.sum() / b.sum() - 1)
    if np.ptp(b) == 0 or np.ptp(a) == 0:
        return 1.0 - float(np.abs(a - b).max()), ratio
    return float(np.corrcoef(a, b)[0, 1]), ratio


@pytest.mark.parametrize("cases", SETS)
def test_single_precision(cases: str, truth: dict[str, Pixels], tmp_path: Path) -> None:
    """Correlation and sum; an exception that is none any more is a failure too."""
    found, compared = {}, 0
    for name, arguments in SETS[cases].items():
        reference = truth[name]
        if not np.isfinite(reference).all() or not reference.any():
            continue
        compared += 1
        image = simulate(experiment(arguments, tmp_path), dtype=torch.float32).numpy().ravel()
        correlation, ratio = likeness(image, reference)
        if not (correlation >= CORRELATION and abs(ratio) <= SUM_RATIO):
            found[name] = f"correlation {correlation:.8f}, sum off by {ratio:.2e}"
    listed = "\n".join(f"{name}: {text}" for name, text in found.items())
    assert set(found) == set(EXCEPTIONS) & set(SETS[cases]), f"{len(found)} of {compared}\n{listed}"
    assert compared >= len(SETS[cases]) * 0.4

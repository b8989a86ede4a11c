"""The sine that compiled kernels spell out, against 40 digits: as good as the library's."""

import math

import mpmath
import numpy as np
import pytest
import torch

from simulator.physics import trig


def exact(x: np.ndarray) -> np.ndarray:
    """sin(x) rounded once."""
    with mpmath.workdps(40):
        return np.array([float(mpmath.sin(mpmath.mpf(float(value)))) for value in x])


@pytest.mark.parametrize("largest", [3.0, 300.0, 3e5, 3e8])
def test_double(largest: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 2 units in the last place of the result, or of 1e-3 where it is smaller."""
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    x = np.random.default_rng(1).uniform(-largest, largest, 4000)
    x = np.concatenate([x, np.arange(-40, 41) * math.pi, np.arange(-40, 41) * math.pi / 2, [0.0, 1e-30]])
    found = trig.sine(torch.from_numpy(x)).numpy()
    reference = exact(x)
    unit = np.spacing(np.maximum(np.abs(reference), 1e-3))
    assert np.abs(found - reference).max() < 1e-15
    assert (np.abs(found - reference) / unit).max() <= 2


def test_single(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 3 units in the last place of single precision over half a turn either way."""
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    x = np.random.default_rng(1).uniform(-0.5, 0.5, 4000).astype(np.float32)
    x = np.concatenate([x, np.float32([0.5, -0.5, 0, 2.0**-30, 1e-3])])
    found = trig.sine_of_turns(torch.from_numpy(x)).numpy()
    with mpmath.workdps(40):
        reference = np.array([float(mpmath.sinpi(mpmath.mpf(float(value)))) for value in x])
    assert (np.abs(found - reference) <= 3 * 2.0**-23 * np.abs(reference)).all()


def test_a_wrong_part_of_pi_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the last part of pi the bound is broken: the comparison above can fail."""
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    monkeypatch.setattr(trig, "PI_PARTS", trig.PI_PARTS[:2])
    x = np.arange(1, 41) * math.pi
    assert np.abs(trig.sine(torch.from_numpy(x)).numpy() - exact(x)).max() > 1e-15

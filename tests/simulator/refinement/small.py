"""A small crystal on a small detector, and its photons."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simulator import Beam, Crystal, Detector, Experiment, Reflections, Sampling, simulate

F64 = torch.float64


def reflections() -> Reflections:
    """Structure factors between 30 and 100 in a box of Miller indices."""
    generator = torch.Generator().manual_seed(4)
    return Reflections(torch.rand(17, 17, 17, dtype=F64, generator=generator) * 70 + 30, (-8, -8, -8))


def experiment(cells: int = 8, pixels: int = 48, **crystal: Any) -> Experiment:
    """A still with a dozen spots."""
    return Experiment(
        beam=Beam(wavelength=1.2, fluence=3e27),
        crystal=Crystal(
            cell=(24.0, 27.0, 31.0, 85.0, 95.0, 100.0),
            misset=(11.0, 22.0, 33.0),
            n_cells=(cells, cells, cells),
            reflections=reflections(),
            **crystal,
        ),
        detector=Detector(shape=(pixels, pixels), pixel_size=0.05 / pixels, distance=0.06),
        sampling=Sampling(oversample=1),
    )


def counts(true: Experiment, background: float | Tensor = 1.0, seed: int = 7) -> Tensor:
    """Photons counted in spec mode."""
    with torch.no_grad():
        mean = simulate(true, mode="spec") + background
    return torch.as_tensor(np.random.default_rng(seed).poisson(mean.numpy()), dtype=F64)


def moved(true: Experiment, misset: float = 0.2, cell: float = 1.003) -> Experiment:
    """The experiment, wrong."""
    crystal = true.crystal
    assert crystal.misset is not None
    assert crystal.cell is not None
    angles = tuple(float(x) + sign * misset for x, sign in zip(crystal.misset, (1, -1, 1), strict=True))
    sides = tuple(float(x) * (cell if i % 2 else 2 - cell) for i, x in enumerate(crystal.cell))
    return replace(true, crystal=replace(crystal, misset=angles, cell=sides))

"""From coarse to fine: which unknowns move spots, how far, and crystals of how many cells to begin with.

A spot of N cells is 1/N of a Miller index wide. While the expected errors move indices by more than that, the
true image and the predicted one do not overlap and no derivative points home: a crystal of fewer cells has
broader spots, which do.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from simulator.physics.scattering import miller_indices
from simulator.physics.vectors import norm
from simulator.refinement.model import Model
from simulator.rendering.kernels import EAGER
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import build_scene

OVERLAP = 0.5  # expected shift of the first stage's indices, in widths of its spots
GROWTH = 1.8  # cells of a stage over those of the one before, at most
STILL = 1e-9  # of an index: less is no movement
MOST_PIXELS = 2000  # where indices are looked at


def movements(model: Model, x: Tensor) -> Tensor:
    """How far each unknown's expected error moves Miller indices, (p): root mean square over the image."""
    pixels = model.picture.pixels
    pixels = pixels[:: max(len(pixels) // MOST_PIXELS, 1)]
    here = miller_indices_of(model, x, pixels)
    found = torch.zeros(len(x), dtype=torch.float64)
    for i in model.mine:
        step = torch.zeros_like(x)
        step[i] = model.unknowns[i].scale
        moved = miller_indices_of(model, x + step, pixels) - here
        found[i] = float(moved.square().mean(1).max().sqrt())
    return found


def miller_indices_of(model: Model, x: Tensor, pixels: Tensor) -> Tensor:
    """Fractional h, k, l (3, n) in the first orientation's and first source's light."""
    with torch.no_grad():
        scene = build_scene(model.experiment(x), Quirks.of(model.mode, model.quirks), torch.device("cpu"))
        raster = pixels[:, 0] * scene.experiment.detector.shape[1] + pixels[:, 1]
        ray = EAGER.ray(scene, raster, (0, 0, 0))
        q, _ = EAGER.light(scene, ray.diffracted, 0, False)
        return torch.cat(miller_indices(q, scene.orientations[:1]))


def finest(model: Model, x: Tensor) -> float:
    """Cells along the longest side of a block whose spots are as sharp as this crystal's."""
    experiment = model.experiment(x.detach())
    crystal = experiment.crystal
    cells = [float(n) for n in crystal.n_cells]
    if crystal.shape in ("square", "round"):
        return max(cells)
    with torch.no_grad():
        scene = build_scene(experiment, Quirks.of(model.mode, model.quirks), torch.device("cpu"))
    # width of exp(-(|dh a*| N^3)^2 fudge/0.63), in indices
    widths = 1.0 / (norm(scene.star) * math.prod(cells) * math.sqrt(float(crystal.fudge)))
    return max(1.0, float(1.0 / widths.min()))


def cells_of_stages(movement: float, finest: float, eager: float = 1.0) -> list[float]:
    """Cells of each stage before the full crystal; fewer to begin with for a larger `eager`."""
    first = max(OVERLAP / max(eager * movement, STILL), 2.0)
    if first >= finest:
        return []
    count = math.ceil(math.log(finest / first) / math.log(GROWTH))
    return [float(n) for n in np.geomspace(first, finest, count + 1)[:-1]]


def moving_spots(found: Sequence[float]) -> list[int]:
    """Unknowns that move spots."""
    return [i for i, movement in enumerate(found) if movement > STILL]

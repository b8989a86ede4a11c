"""Images as refinement looks at them: counts and weights of the pixels that count, each in its box."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from simulator.errors import InputError
from simulator.experiment import Box, Experiment
from simulator.refinement.model import Picture
from simulator.rendering.checks import check, check_pixels

Image = Tensor | npt.NDArray[Any]


def pictures(
    experiment: Experiment | Sequence[Experiment],
    image: Image | Sequence[Image],
    mask: Image | Sequence[Image] | None,
    weights: Image | Sequence[Image] | None,
) -> list[Picture]:
    """One for each image. Raises InputError where numbers or shapes do not fit."""
    images = [image] if isinstance(image, Tensor | np.ndarray) else list(image)
    experiments = [experiment] if isinstance(experiment, Experiment) else list(experiment)
    if not images:
        raise InputError("image", "at least one", "none")
    masks, scales = _each(mask, len(images), "mask"), _each(weights, len(images), "weights")
    if len(experiments) == 1:
        experiments *= len(images)
    if len(experiments) != len(images):
        raise InputError("experiment", f"one, or one for each of {len(images)} images", len(experiments))
    rows = zip(experiments, images, masks, scales, strict=True)
    return [_picture(*row, number) for number, row in enumerate(rows)]


def _each(given: Image | Sequence[Image] | None, count: int, name: str) -> list[Image | None]:
    """One for each image: as given, or the same for all."""
    if given is None or isinstance(given, Tensor | np.ndarray):
        return [given] * count
    if len(given) != count:
        raise InputError(name, f"one, or one for each of {count} images", len(given))
    return list(given)


def _picture(
    experiment: Experiment, image: Image, mask: Image | None, weights: Image | None, number: int
) -> Picture:
    check(experiment)
    shape = experiment.detector.shape
    counts = _tensor(image, shape, f"image {number}")
    used = torch.full(shape, -1, dtype=torch.int64)
    boxes = experiment.sampling.roi or (0, shape[1] - 1, 0, shape[0] - 1)
    listed: list[Box] = [boxes] if isinstance(boxes, tuple) else boxes
    for box, (f0, f1, s0, s1) in enumerate(listed):
        part = used[s0 : s1 + 1, f0 : f1 + 1]
        part[part < 0] = box  # boxes may overlap: the first counts
    for other in (mask, experiment.sampling.mask):
        if other is not None:
            used[_tensor(other, shape, f"mask {number}") == 0] = -1
    weight = torch.ones(shape, dtype=torch.float64)
    if weights is not None:
        weight = _tensor(weights, shape, f"weights {number}")
    used[weight == 0] = -1
    slow, fast = torch.nonzero(used >= 0, as_tuple=True)
    if not len(slow):
        raise InputError(f"image {number}", "a pixel that counts", "none")
    chosen, heavy = counts[slow, fast], weight[slow, fast]
    if not bool((chosen >= 0).all() & chosen.isfinite().all()):
        raise InputError(
            f"image {number}", "photon counts of 0 or more (mask the others)", float(chosen.min())
        )
    if not bool((heavy > 0).all() & heavy.isfinite().all()):
        raise InputError(f"weights {number}", "finite numbers of 0 or more", float(heavy.min()))
    if not bool((chosen > 0).any()):
        raise InputError(f"image {number}", "photons", "none")
    return Picture(experiment, torch.stack((slow, fast), 1), chosen, heavy, used[slow, fast])


def _tensor(value: Image, shape: tuple[int, int], name: str) -> Tensor:
    found = torch.as_tensor(np.array(value) if isinstance(value, np.ndarray) else value).detach()
    check_pixels(name, tuple(found.shape), shape)
    return found.to(torch.float64)

"""What a scene adds up and how: which terms are left out, and what multiplies the others.

Twin: reference/rendering/terms.c.
"""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.vectors import norm
from simulator.rendering.scene import Scene
from simulator.units import ANGSTROM


class Context(NamedTuple):
    """What of the image's history reaches these pixels."""

    first_sweep: bool = False  # the block is the one pixel that opens the image
    latch: tuple[int, int] | None = None  # raster index and evaluation where interpolation turned itself off


FRESH = Context()


def subpixels(scene: Scene) -> Iterator[tuple[int, int, int]]:
    """Layer, row and column of every subpixel, in the order of the loops."""
    n = scene.oversample
    for layer in range(scene.layers):
        yield from ((layer, row, column) for row in range(n) for column in range(n))


def recomputes(scene: Scene) -> bool:
    """Whether some factor is recomputed for every evaluation."""
    sampling = scene.experiment.sampling
    return sampling.oversample_thick or sampling.oversample_polar or sampling.oversample_omega


def runs(scene: Scene) -> bool:
    """Whether recomputed factors multiply the whole running sum: quirk running-sum."""
    return scene.quirks.running_sum and recomputes(scene)


def layers_apart(scene: Scene) -> bool:
    """Whether each layer is scaled by its own capture fraction: without the quirk last-layer."""
    return not (scene.quirks.last_layer or scene.experiment.sampling.oversample_thick)


class Factor(NamedTuple):
    """What multiplies each term: its source's and layer's own part, and what is recomputed every time."""

    own: Tensor
    every: tuple[Tensor, ...]  # capture, polarization, solid angle, where recomputed

    def times_every(self, value: Tensor) -> Tensor:
        """The value times what is recomputed, in this order."""
        return functools.reduce(torch.mul, self.every, value)


def is_dark(scene: Scene, f_latt: Tensor) -> Tensor | None:
    """Which terms are left out altogether: those without lattice factor, unless there is water."""
    return None if scene.wet else f_latt == 0


def in_part(scene: Scene, source: int, first: int, count: int) -> Tensor:
    """Which of `count` orientations (k), counted from `first`, are added up in this source's light."""
    number = torch.arange(first, first + count, device=scene.pixel.device)
    if scene.part is None:
        return torch.ones_like(number, dtype=torch.bool)
    domains = scene.experiment.crystal.mosaic_domains
    number = number % domains if scene.part.of == "domains" else torch.full_like(number, source)
    return (scene.part.first <= number) & (number <= scene.part.last)


def has_background(scene: Scene) -> bool:
    """Whether the background is added to this part: once over all of them."""
    return scene.part is None or scene.part.first == 0


def resolution_skip(scene: Scene, q: Tensor) -> Tensor | None:
    """Which pixels lie beyond the resolution limit for this source, None if there is no limit."""
    dmin = scene.experiment.sampling.dmin * ANGSTROM
    return dmin > 0.5 / (0.5 * norm(q)) if dmin > 0 else None

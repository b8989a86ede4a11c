"""The three costly steps of a render, behind one interface: eager here, compiled in fused.py."""

import torch
from torch import Tensor

from simulator.polarization import polarization_factor
from simulator.ray import Place, Ray, trace_ray
from simulator.scattering import Scatter, scatter
from simulator.scene import Scene

IN_FLIGHT = 1 << 15  # pixels times orientations held at once: their temporaries stay in the cache


class Kernels:
    """Eager kernels: the physics functions as they stand, differentiable."""

    name = "eager"
    block = IN_FLIGHT  # pixels rendered together
    own_threads = False  # whether a kernel spreads its work over the threads by itself

    def orientations(self, pixels: int) -> int:
        """How many orientations to sweep at once for this many pixels."""
        return max(IN_FLIGHT // max(pixels, 1), 1)

    def ray(self, scene: Scene, slow: Tensor, fast: Tensor, subpixel: tuple[int, int, int]) -> Ray:
        """Rays to a layer, row and column of each pixel (n)."""
        return trace_ray(scene.panel, place(scene, slow, fast, subpixel))

    def polar(self, scene: Scene, incident: Tensor, diffracted: Tensor) -> Tensor:
        """Polarization factor (n) of the directions (n, 3); the scene has a Kahn factor."""
        assert scene.kahn is not None
        return polarization_factor(scene.kahn, incident, diffracted, scene.polar_normal)

    def terms(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Scatter:
        """Everything about each orientation (k, 3, 3) at each scattering vector (n, 3)."""
        return scatter(q, directions, scene.shape, scene.table, scene.default_f, interpolate, dtype)

    def sweep(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Tensor:
        """Sum (n) of F_cell^2 F_latt^2 over the orientations."""
        return self.terms(scene, q, directions, interpolate, dtype).intensity.sum(0)


def place(scene: Scene, slow: Tensor, fast: Tensor, subpixel: tuple[int, int, int]) -> Place:
    """A subpixel of each pixel, as tensors."""
    layer, row, column, n = (scene.pixel.new_tensor(float(x)) for x in (*subpixel, scene.oversample))
    return Place(slow, fast, layer, row, column, n)


EAGER = Kernels()

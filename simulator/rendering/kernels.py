"""The steps of a render that touch every pixel, behind one interface: eager here, compiled in fused.py."""

from collections.abc import Iterator

import torch
from torch import Tensor

from simulator.physics.polarization import polarization_factor
from simulator.physics.ray import Place, Ray, trace_ray
from simulator.physics.scattering import Scatter, scatter, scattering_vector
from simulator.rendering.scene import Scene
from simulator.units import R_E_SQR

IN_FLIGHT = 1 << 16  # pixels times orientations held at once: their temporaries stay in the cache
HELD = 768  # bytes of temporaries for one pixel in one orientation: interpolation holds the most, 650


class Kernels:
    """Eager kernels: the physics functions as they stand, differentiable."""

    name = "eager"
    block = IN_FLIGHT  # pixels rendered together
    own_threads = False  # whether a kernel spreads its work over the threads by itself

    def orientations(self, pixels: int) -> int:
        """How many orientations to sweep at once for this many pixels."""
        return max(IN_FLIGHT // max(pixels, 1), 1)

    def ray(self, scene: Scene, raster: Tensor, subpixel: tuple[int, int, int]) -> Ray:
        """Rays to a layer, row and column of each pixel (n)."""
        return trace_ray(scene.panel, place(scene, raster, subpixel))

    def light(
        self, scene: Scene, diffracted: Tensor, number: int, polarized: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Scattering vectors (n, 3) in one source's light and, if asked for, polarization factors (n)."""
        incident, wavelength = -scene.sources.direction[number], scene.sources.wavelength[number]
        q = scattering_vector(diffracted, incident, wavelength)
        if not polarized or scene.kahn is None:
            return q, None
        return q, polarization_factor(scene.kahn, incident, diffracted, scene.polar_normal)

    def terms(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Scatter:
        """Everything about each orientation (k, 3, 3) at each scattering vector (n, 3)."""
        return scatter(q, directions, scene.shape, scene.table, scene.default_f, interpolate, dtype)

    def sweep(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Tensor:
        """Sum (n), in float64, of F_cell^2 F_latt^2 over the orientations."""
        found = self.terms(scene, q, directions, interpolate, dtype)
        terms = found.intensity if scene.wet else torch.where(found.f_latt == 0, 0.0, found.intensity)
        return terms.sum(0, dtype=torch.float64)

    def photons(self, scene: Scene, total: Tensor, factors: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Photons (n) from the sum over evaluations and its capture, polarization and solid angle."""
        return photons(total, *factors, scene.fluence, scene.pixel.new_full((), scene.steps))

    def has_slopes(self) -> bool:
        """Whether there is a kernel behind `pull_sweep`."""
        return False

    def pull_sweep(
        self,
        scene: Scene,
        q: Tensor,
        directions: Tensor,
        interpolate: Tensor | bool,
        dtype: torch.dtype,
        needed: list[bool],
        grad: Tensor,
    ) -> list[Tensor | None] | None:
        """Gradients of q, orientations, cells, fudge factor, a* b* c*, default F and table (if any).

        None: these kernels have none.
        """
        return None


class Batched(Kernels):
    """The same on a device with memory of its own, in steps as large as half of what is free allows."""

    own_threads = True

    def __init__(self, free: int) -> None:
        self.block = max(free // (2 * HELD), 1)

    def orientations(self, pixels: int) -> int:
        """As many as fit beside the pixels."""
        return max(self.block // max(pixels, 1), 1)


def find_kernels(device: torch.device) -> Kernels:
    """Eager kernels for a device."""
    if device.type == "cpu":
        return EAGER
    free, _ = torch.accelerator.get_memory_info(device)
    return Batched(free)


def place(scene: Scene, raster: Tensor, subpixel: tuple[int, int, int]) -> Place:
    """A subpixel of each pixel, as tensors."""
    numbers = (scene.experiment.detector.shape[1], *subpixel, scene.oversample)
    width, layer, row, column, n = (scene.pixel.new_full((), x) for x in numbers)  # no copy from the host
    return Place(raster, width, layer, row, column, n)


def photons(
    total: Tensor, capture: Tensor, polar: Tensor, omega: Tensor, fluence: Tensor, steps: Tensor
) -> Tensor:
    """r_e^2 fluence I / steps times the three factors: README "Intensity"."""
    return R_E_SQR * fluence * total / steps * capture * polar * omega


EAGER = Kernels()


def blocks(raster: Tensor, kernels: Kernels = EAGER) -> Iterator[Tensor]:
    """The pixels in pieces that keep the work in the cache."""
    yield from torch.split(raster, kernels.block)

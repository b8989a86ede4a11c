"""What is compiled: physics functions over plain tensors, with the choices that shape their code.

A program's name says everything that its code depends on, so that it can be kept on disk under that name.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from simulator.physics.derivatives import intensity_slopes
from simulator.physics.detector import Frame
from simulator.physics.polarization import polarization_factor
from simulator.physics.ray import Panel, Place, trace_ray
from simulator.physics.scattering import Shape, miller_indices, scatter, scattering_vector
from simulator.physics.structure import Table
from simulator.rendering.kernels import photons

Tensors = tuple[Tensor, ...]
Dynamic = dict[int, str]  # which axes of an input may have any size, and under which name


@dataclass(frozen=True)
class Program:
    """A function to compile: name, code, an example of its inputs, their free axes."""

    name: str
    code: torch.nn.Module
    example: tuple[Tensor, ...]
    free: tuple[Dynamic, ...]
    contract: bool = False  # whether a product and a sum may be one instruction, rounded once, unlike C's
    traced: bool = (
        False  # whether the code transforms functions: then it is written out before it is exported
    )


class RayCode(torch.nn.Module):
    """`trace_ray`: direction as planes (3, n), solid angle and, with a sensor, capture fraction (n)."""

    def __init__(self, curved: bool, point_pixel: bool, sensor: bool) -> None:
        super().__init__()
        self.curved, self.point_pixel, self.sensor = curved, point_pixel, sensor

    def forward(self, inputs: Tensors) -> Tensors:
        raster, numbers, pixel, thickness, attenuation, *frame = inputs
        absorbs = attenuation if self.sensor else None
        panel = Panel(Frame(*frame), pixel, thickness, absorbs, self.curved, self.point_pixel)
        ray = trace_ray(panel, Place(raster, *numbers.unbind()))
        direction = torch.stack(ray.diffracted.unbind(-1))
        return (direction, ray.omega, ray.capture) if self.sensor else (direction, ray.omega)


class LightCode(torch.nn.Module):
    """`scattering_vector` as planes (3, n) and, if asked for, `polarization_factor` (n)."""

    def __init__(self, polarized: bool) -> None:
        super().__init__()
        self.polarized = polarized

    def forward(self, inputs: Tensors) -> Tensors:
        diffracted, incident, wavelength, kahn, normal = inputs
        q = torch.stack(scattering_vector(diffracted, incident, wavelength).unbind(-1))
        return (q, polarization_factor(kahn, incident, diffracted, normal)) if self.polarized else (q,)


class PhotonsCode(torch.nn.Module):
    """`photons`."""

    def forward(self, inputs: Tensors) -> Tensor:
        return photons(*inputs)


class SweepCode(torch.nn.Module):
    """The sum of `scatter`'s intensities over orientations."""

    def __init__(self, shape: str, cancels: bool, table: bool, interpolate: bool, dtype: torch.dtype) -> None:
        super().__init__()
        self.shape, self.table, self.interpolate, self.dtype = shape, table, interpolate, dtype
        self.cancels = cancels

    def forward(self, inputs: Tensors) -> Tensor:
        q, directions, n_cells, fudge, star, default, padded, lowest = inputs
        table = Table(padded, lowest) if self.table else None
        shape = Shape(self.shape, n_cells, fudge, star, self.cancels)
        found = scatter(q, directions, shape, table, default, self.interpolate, self.dtype)
        return found.intensity.sum(0, dtype=torch.float64)


class SlopesCode(torch.nn.Module):
    """Rows (r, k, n) of `intensity_slopes`, weight (n): by h, k, l; if all, by cells, fudge, F too."""

    def __init__(self, shape: str, table: bool, everything: bool, dtype: torch.dtype) -> None:
        super().__init__()
        self.shape, self.table, self.everything, self.dtype = shape, table, everything, dtype

    def forward(self, inputs: Tensors) -> Tensor:
        weight, q, directions, n_cells, fudge, star, default, padded, lowest = inputs
        table = Table(padded, lowest) if self.table else None
        hkl = miller_indices(q, directions)
        shape = Shape(self.shape, n_cells, fudge, star)
        found = intensity_slopes(hkl, shape, table, default, weight, self.dtype)
        by_hkl, cells, by_fudge, by_f = found
        if not self.everything:
            return torch.stack(by_hkl)
        return torch.stack((*by_hkl, *cells, by_fudge, by_f))


def ray_program(panel: Panel, inputs: Tensors) -> Program:
    """Rays for one kind of detector."""
    sensor = panel.attenuation is not None
    name = f"ray{'-curved' * panel.curved}{'-point' * panel.point_pixel}{'-sensor' * sensor}"
    free: tuple[Dynamic, ...] = ({0: "n"}, *({},) * (len(inputs) - 1))
    return Program(name, RayCode(panel.curved, panel.point_pixel, sensor), inputs, free)


def light_program(polarized: bool, inputs: Tensors) -> Program:
    """Scattering vectors, with or without polarization factors."""
    return Program(
        f"light{'-polarized' * polarized}", LightCode(polarized), inputs, ({0: "n"}, {}, {}, {}, {})
    )


def photons_program(inputs: Tensors) -> Program:
    """Photons; a factor is a number or one for each pixel."""
    each = [tensor.dim() == 1 for tensor in inputs]
    name = "photons-" + "".join("n" if many else "1" for many in each)
    return Program(name, PhotonsCode(), inputs, tuple({0: "n"} if many else {} for many in each))


def sweep_program(
    shape: str, cancels: bool, table: bool, interpolate: bool, dtype: torch.dtype, inputs: Tensors
) -> Program:
    """The lattice sum for one shape of crystal and one way to structure factors."""
    kind = ("tricubic" if interpolate else "nearest") if table else "constant"
    box: Dynamic = {0: "nh", 1: "nk", 2: "nl"} if table else {}
    free: tuple[Dynamic, ...] = ({0: "n"}, {0: "k"}, {}, {}, {}, {}, box, {})
    exact = "" if cancels else "-exact"
    name = f"sweep-{shape}{exact}-{kind}-{str(dtype).removeprefix('torch.')}"
    return Program(
        name, SweepCode(shape, cancels, table, interpolate, dtype), inputs, free, dtype != torch.float64
    )


def slopes_program(shape: str, table: bool, everything: bool, dtype: torch.dtype, inputs: Tensors) -> Program:
    """As `sweep_program`, for structure factors that are looked up."""
    kind = "nearest" if table else "constant"
    box: Dynamic = {0: "nh", 1: "nk", 2: "nl"} if table else {}
    free: tuple[Dynamic, ...] = ({0: "n"}, {0: "n"}, {0: "k"}, {}, {}, {}, {}, box, {})
    name = f"slopes-{shape}-{kind}{'-all' * everything}-{str(dtype).removeprefix('torch.')}"
    return Program(name, SlopesCode(shape, table, everything, dtype), inputs, free, True)

"""What is compiled: physics functions over plain tensors, with the choices that shape their code.

A program's name says everything that its code depends on, so that it can be kept on disk under that name.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from simulator.detector import Frame
from simulator.polarization import polarization_factor
from simulator.ray import Panel, Place, trace_ray
from simulator.scattering import Shape, scatter
from simulator.structure import Table

Tensors = tuple[Tensor, ...]
Dynamic = dict[int, str]  # which axes of an input may have any size, and under which name


@dataclass(frozen=True)
class Program:
    """A function to compile: name, code, an example of its inputs, their free axes."""

    name: str
    code: torch.nn.Module
    example: tuple[Tensor, ...]
    free: tuple[Dynamic, ...]


class RayCode(torch.nn.Module):
    """`trace_ray`, its direction as three planes."""

    def __init__(self, curved: bool, point_pixel: bool, sensor: bool) -> None:
        super().__init__()
        self.curved, self.point_pixel, self.sensor = curved, point_pixel, sensor

    def forward(self, inputs: Tensors) -> Tensors:
        slow, fast, numbers, pixel, thickness, attenuation, *frame = inputs
        panel = Panel(
            Frame(*frame),
            pixel,
            thickness,
            attenuation if self.sensor else None,
            self.curved,
            self.point_pixel,
        )
        layer, row, column, oversample = numbers.unbind()
        ray = trace_ray(panel, Place(slow, fast, layer, row, column, oversample))
        x, y, z = ray.diffracted.unbind(-1)
        return x.clone(), y.clone(), z.clone(), ray.omega, ray.capture


class PolarCode(torch.nn.Module):
    """`polarization_factor`."""

    def forward(self, inputs: Tensors) -> Tensor:
        return polarization_factor(*inputs)


class SweepCode(torch.nn.Module):
    """The sum of `scatter`'s intensities over orientations."""

    def __init__(self, shape: str, table: bool, interpolate: bool, dtype: torch.dtype) -> None:
        super().__init__()
        self.shape, self.table, self.interpolate, self.dtype = shape, table, interpolate, dtype

    def forward(self, inputs: Tensors) -> Tensor:
        q, directions, n_cells, fudge, star, default, padded, lowest = inputs
        table = Table(padded, lowest) if self.table else None
        shape = Shape(self.shape, n_cells, fudge, star)
        return scatter(q, directions, shape, table, default, self.interpolate, self.dtype).intensity.sum(0)


def ray_program(panel: Panel, inputs: tuple[Tensor, ...]) -> Program:
    """Rays for one kind of detector."""
    sensor = panel.attenuation is not None
    name = f"ray{'-curved' * panel.curved}{'-point' * panel.point_pixel}{'-sensor' * sensor}"
    free: tuple[Dynamic, ...] = ({0: "n"}, {0: "n"}, *({},) * (len(inputs) - 2))
    return Program(name, RayCode(panel.curved, panel.point_pixel, sensor), inputs, free)


def polar_program(inputs: tuple[Tensor, ...]) -> Program:
    """Polarization factors."""
    return Program("polar", PolarCode(), inputs, ({}, {}, {0: "n"}, {}))


def sweep_program(
    shape: str, table: bool, interpolate: bool, dtype: torch.dtype, inputs: tuple[Tensor, ...]
) -> Program:
    """The lattice sum for one shape of crystal and one way to structure factors."""
    kind = ("tricubic" if interpolate else "nearest") if table else "constant"
    box: Dynamic = {0: "nh", 1: "nk", 2: "nl"} if table else {}
    free: tuple[Dynamic, ...] = ({0: "n"}, {0: "k"}, {}, {}, {}, {}, box, {})
    name = f"sweep-{shape}-{kind}-{str(dtype).removeprefix('torch.')}"
    return Program(name, SweepCode(shape, table, interpolate, dtype), inputs, free)

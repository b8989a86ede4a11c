"""What is compiled for derivatives: steps of a render pulled back from their inputs alone.

Gradients of all that a step depends on, by torch.func's vector-Jacobian product of the physics function, or, for
the lattice sum, by closed formulas.
"""

import torch
from torch import Tensor

from simulator.compiled.programs import Dynamic, Program, Tensors
from simulator.physics.derivatives import intensity_slopes
from simulator.physics.detector import Frame
from simulator.physics.polarization import polarization_polynomial
from simulator.physics.ray import Panel, Place, trace_ray
from simulator.physics.scattering import Shape, miller_indices, scattering_vector
from simulator.physics.structure import Table


class RayPull(torch.nn.Module):
    """Gradients of pixel, layer thickness, attenuation, frame from those of direction (3, n), omega, capture."""

    def __init__(self, curved: bool, point_pixel: bool, sensor: bool) -> None:
        super().__init__()
        self.curved, self.point_pixel, self.sensor = curved, point_pixel, sensor

    def forward(self, inputs: Tensors) -> Tensors:
        raster, numbers, direction, omega, capture, *placed = inputs

        def value(pixel: Tensor, thickness: Tensor, attenuation: Tensor, *frame: Tensor) -> Tensors:
            absorbs = attenuation if self.sensor else None
            panel = Panel(Frame(*frame), pixel, thickness, absorbs, self.curved, self.point_pixel)
            ray = trace_ray(panel, Place(raster, *numbers.unbind()))
            found = torch.stack(ray.diffracted.unbind(-1)), ray.omega
            return (*found, ray.capture) if self.sensor else found

        pull = torch.func.vjp(value, *placed)[1]
        pulled: Tensors = pull((direction, omega, capture) if self.sensor else (direction, omega))
        return pulled


class LightPull(torch.nn.Module):
    """Gradients of diffracted (3, n), incident, wavelength, normal, K from those of q and polar."""

    def __init__(self, polarized: bool) -> None:
        super().__init__()
        self.polarized = polarized

    def forward(self, inputs: Tensors) -> Tensors:
        q, polar, *given = inputs

        def value(
            diffracted: Tensor, incident: Tensor, wavelength: Tensor, normal: Tensor, kahn: Tensor
        ) -> Tensors:
            d = diffracted.movedim(0, -1)
            found = torch.stack(scattering_vector(d, incident, wavelength).unbind(-1))
            return (found, polarization_polynomial(kahn, incident, d, normal)) if self.polarized else (found,)

        pull = torch.func.vjp(value, *given)[1]
        pulled: Tensors = pull((q, polar) if self.polarized else (q,))
        return pulled


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


def ray_pull(panel: Panel, inputs: Tensors) -> Program:
    """As `ray_program`."""
    sensor = panel.attenuation is not None
    name = f"pull-ray{'-curved' * panel.curved}{'-point' * panel.point_pixel}{'-sensor' * sensor}"
    rows: tuple[Dynamic, ...] = ({0: "n"}, {}, {1: "n"}, {0: "n"}, {0: "n"} if sensor else {})
    free = (*rows, *({},) * (len(inputs) - len(rows)))
    return Program(name, RayPull(panel.curved, panel.point_pixel, sensor), inputs, free, True, True)


def light_pull(polarized: bool, inputs: Tensors) -> Program:
    """As `light_program`."""
    rows: tuple[Dynamic, ...] = ({1: "n"}, {0: "n"} if polarized else {}, {1: "n"})
    free = (*rows, *({},) * (len(inputs) - len(rows)))
    return Program(f"pull-light{'-polarized' * polarized}", LightPull(polarized), inputs, free, True, True)


def slopes_program(shape: str, table: bool, everything: bool, dtype: torch.dtype, inputs: Tensors) -> Program:
    """As `sweep_program`, for structure factors that are looked up."""
    kind = "nearest" if table else "constant"
    box: Dynamic = {0: "nh", 1: "nk", 2: "nl"} if table else {}
    free: tuple[Dynamic, ...] = ({0: "n"}, {0: "n"}, {0: "k"}, {}, {}, {}, {}, box, {})
    name = f"slopes-{shape}-{kind}{'-all' * everything}-{str(dtype).removeprefix('torch.')}"
    return Program(name, SlopesCode(shape, table, everything, dtype), inputs, free, True)

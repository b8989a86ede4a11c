"""An image from an experiment, for use from Python: by compiled kernels where they may be used.

Twin: none; the C engine is its command line.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from simulator.compiled.choice import add_slopes, choose, default_folder
from simulator.errors import InputError
from simulator.experiment import Experiment
from simulator.rendering.checks import find_device
from simulator.rendering.differentiable import warn_without_derivative
from simulator.rendering.image import needs_gradient, render_image, transformed
from simulator.rendering.kernels import Kernels
from simulator.rendering.quirks import DEFAULT_MODE, Quirks
from simulator.rendering.rules import one_of, require
from simulator.rendering.scene import Scene, build_scene, rendered_pixels


def simulate(
    experiment: Experiment,
    *,
    mode: str = DEFAULT_MODE,
    quirks: str | None = None,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = "cpu",
    compile: str = "auto",
    pixels: Tensor | None = None,
) -> Tensor:
    """Photons per pixel, (slow, fast), zero outside the ROI and where the mask is zero.

    Differentiable with respect to every tensor of the experiment. `dtype` is the precision of the lattice sum
    and of the image; geometry is always float64. `compile` is that of the command line: auto, on or off.
    `pixels`: slow and fast indices (n, 2), integers; then the result is (n), and nothing else is rendered.
    Formula: "Intensity" in simulator/README.md. Raises
    InputError (a ValueError) for an unknown mode, quirk, dtype, device or compile, for pixels that there are
    not, and for an experiment that there cannot be or that cannot be placed.

    >>> import torch
    >>> from simulator import Crystal, Detector, Experiment, Sampling, simulate
    >>> side = torch.tensor(50.0, dtype=torch.float64, requires_grad=True)  # angstrom
    >>> crystal = Crystal(cell=(side, side, side, 90.0, 90.0, 90.0), n_cells=(5, 5, 5), default_F=10.0)
    >>> detector = Detector(shape=(32, 48), pixel_size=1e-3)
    >>> image = simulate(Experiment(crystal=crystal, detector=detector, sampling=Sampling(oversample=1)))
    >>> image.shape, image.dtype
    (torch.Size([32, 48]), torch.float64)
    >>> image.sum().backward()
    >>> bool(side.grad.isfinite())  # photons per angstrom
    True
    """
    require("dtype", dtype, one_of(torch.float64, torch.float32))
    require("compile", compile, one_of("auto", "on", "off"))
    scene = build_scene(experiment, Quirks.of(mode, quirks), find_device("device", device))
    if torch.is_grad_enabled():
        warn_without_derivative(experiment, scene.quirks)
    if pixels is None:
        return _recorded(scene, dtype, compile)
    asked = raster_indices(pixels, experiment.detector.shape).to(scene.pixel.device)
    chosen = replace(scene, wanted=torch.unique(asked))
    return picked(rendered_pixels(chosen), _recorded(chosen, dtype, compile), asked)


def raster_indices(pixels: Tensor, shape: tuple[int, int]) -> Tensor:
    """Raster indices (n) of slow and fast ones (n, 2).

    Raises InputError for a pixel outside the image, and for anything but whole numbers, two a pixel.
    """
    whole = not (pixels.is_floating_point() or pixels.is_complex() or pixels.dtype == torch.bool)
    if not whole or pixels.dim() != 2 or pixels.shape[1] != 2:
        raise InputError("pixels", "integers (n, 2)", f"{pixels.dtype} {tuple(pixels.shape)}")
    pixels = pixels.to(torch.int64)  # small types hold no raster index
    slow, fast = pixels.unbind(1)
    outside = (slow < 0) | (slow >= shape[0]) | (fast < 0) | (fast >= shape[1])
    if bool(outside.any()):
        raise InputError(
            "pixels", f"slow and fast below {shape[0]} and {shape[1]}", pixels[outside][0].tolist()
        )
    return slow * shape[1] + fast


def picked(raster: Tensor, values: Tensor, asked: Tensor) -> Tensor:
    """The values (n) at raster indices that were asked for; 0 where one was not rendered."""
    if not len(raster):
        return values.new_zeros(len(asked))
    places = torch.searchsorted(raster, asked).clamp(max=len(raster) - 1)
    return torch.where(raster[places] == asked, values[places], 0.0)


def _recorded(scene: Scene, dtype: torch.dtype, compile: str) -> Tensor:
    """`render_image` of the scene, with gradients where something asks for them."""
    if transformed(scene):
        with torch.enable_grad():
            return render_image(scene, dtype)
    recorded = torch.is_grad_enabled() and needs_gradient(scene)
    with torch.no_grad():
        kernels = choose_kernels(scene, dtype, compile, recorded)
    with torch.set_grad_enabled(recorded):
        return render_image(scene, dtype, None, kernels)


def simulate_many(experiments: Sequence[Experiment], **how: Any) -> Tensor:
    """Images (m, slow, fast) of experiments that differ in the numbers that tensors hold, by `simulate`.

    Raises ValueError for detectors of different shapes.

    >>> from simulator import Crystal, Detector, Experiment, Sampling, simulate_many
    >>> panel, one = Detector(shape=(8, 12), pixel_size=1e-3), Sampling(oversample=1)
    >>> cells = [(50.0, 50.0, c, 90.0, 90.0, 90.0) for c in (60.0, 61.0, 62.0)]
    >>> crystals = [Crystal(cell=cell, n_cells=(5, 5, 5), default_F=10.0) for cell in cells]
    >>> simulate_many([Experiment(crystal=x, detector=panel, sampling=one) for x in crystals]).shape
    torch.Size([3, 8, 12])
    """
    shapes = {experiment.detector.shape for experiment in experiments}
    if len(shapes) != 1:
        raise ValueError(f"simulate_many: expected detectors of one shape, got {sorted(shapes)}")
    return torch.stack([simulate(experiment, **how) for experiment in experiments])


def choose_kernels(scene: Scene, dtype: torch.dtype, wanted: str, recorded: bool) -> Kernels:
    """Kernels by the rules of the command line; recorded: with their derivatives."""
    rows = rendered_pixels(scene)
    work = float(len(rows)) * scene.steps * scene.layers

    def report(text: str) -> None:
        print(text, file=sys.stderr)

    kernels, _ = choose(scene, dtype, wanted, work, default_folder(), report)
    if recorded:
        formed = (scene.shape.n_cells, scene.shape.fudge, scene.default_f, *(scene.table or ()))
        everything = any(tensor.requires_grad for tensor in formed)
        add_slopes(kernels, scene, dtype, wanted, work, default_folder(), report, everything)
    return kernels

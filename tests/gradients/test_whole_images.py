"""Derivatives of whole images: twice, compiled as eager, and as differences of the C engine say."""

import subprocess
import warnings
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from simulator import Beam, Crystal, Detector, Experiment, Goniometer, Sampling, simulate
from simulator.compiled.fused import Fused
from simulator.compiled.simulation import choose_kernels
from simulator.formats.experiment_file import parse
from simulator.rendering.differentiable import tensors
from simulator.rendering.image import render_image
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import build_scene
from tests.gradients.every_field import gradients
from tests.helpers.golden import scene_of
from tests.reference.conftest import engine  # noqa: F401  a fixture

F64 = torch.float64
CELL = (31.0, 29.0, 34.0, 82.0, 95.0, 101.0)


def small(shape: str = "square") -> Experiment:
    """A 3x3 image near a few spots."""
    crystal = Crystal(cell=CELL, n_cells=(3, 4, 2), default_F=50.0, shape=shape, fudge=0.9)
    detector = Detector(shape=(3, 3), pixel_size=2e-3, distance=0.05)
    turn = Goniometer(phi=3.0, phistep=0.5, phisteps=2)
    return Experiment(Beam(wavelength=1.1, kahn=0.7), crystal, detector, turn, Sampling(oversample=1))


def placed(x: Tensor, shape: str) -> Experiment:
    """`small` with the first lengths of the cell, the misset and the distance from x (4)."""
    start = small(shape)
    cell = torch.cat((x[:1], torch.tensor(CELL[1:], dtype=F64)))
    crystal = replace(start.crystal, cell=cell, misset=torch.stack((x[1], x[2], 0 * x[2])))
    return replace(start, crystal=crystal, detector=replace(start.detector, distance=x[3] / 1000))


@pytest.mark.parametrize("mode", ["c-parity", "spec"])
@pytest.mark.parametrize("shape", ["square", "round", "gauss"])
def test_differentiated_twice(shape: str, mode: str) -> None:
    """gradcheck and gradgradcheck in cell, orientation and distance."""
    start = torch.tensor([31.0, 3.0, -5.0, 50.0], dtype=F64, requires_grad=True)
    largest = float(simulate(placed(start.detach(), shape), mode=mode).max())

    def image(x: Tensor) -> Tensor:
        return simulate(placed(x, shape), mode=mode) / largest

    assert torch.autograd.gradcheck(image, (start,), eps=1e-6, atol=1e-6, rtol=1e-5)
    assert torch.autograd.gradgradcheck(image, (start,), eps=1e-6, atol=1e-5, rtol=1e-4)


MANY = (
    "-mat A.mat -hkl wilson_p1.hkl -Na 12 -Nb 9 -Nc 8 -lambda 0.9768 -distance 150 -detpixels 80 -pixel 0.5 "
    "-nointerpolate -oversample 2 -phi 0 -osc 1 -phisteps 4 -mosaic 0.5 -mosaic_dom 3 -polar 0.9"
)


# What a term's amplitude is made of: compiling its derivatives takes two minutes more
FORMED = ("crystal.n_cells", "crystal.fudge", "crystal.default_F", "crystal.reflections.data")


@pytest.mark.parametrize("without", [FORMED, pytest.param((), marks=pytest.mark.slow)], ids=["light", "all"])
def test_compiled_as_eager(tmp_path: Path, without: tuple[str, ...]) -> None:
    """Compiled derivatives are the eager ones."""
    experiment = scene_of(MANY, tmp_path).experiment
    fields = [name for name, _ in tensors(experiment) if name not in without]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        eager = gradients(experiment, fields, compile="off")
        compiled = gradients(experiment, fields, compile="on")
    reason = "crystal.fudge has no gradient of its own: a square crystal"
    assert any(reason in str(each.message) for each in told) == ("crystal.fudge" in fields)
    compared = 0
    for field, values in eager.items():
        for one, other in zip(values, compiled[field], strict=True):
            if one is None or not bool(one.any()):
                assert other is None or not bool(other.any()), field
                continue
            assert other is not None
            assert float((one - other).abs().max() / one.abs().max()) < 1e-9, field
            compared += 1
    assert compared >= 12


def asking(experiment: Experiment) -> Experiment:
    """With a gradient."""
    wanted = torch.tensor(1e29, dtype=F64, requires_grad=True)
    return replace(experiment, beam=replace(experiment.beam, fluence=wanted))


def test_the_image_is_the_same_with_and_without_gradient(tmp_path: Path) -> None:
    """To the last bit: the forward pass of a differentiated image is the plain one."""
    experiment = scene_of(MANY, tmp_path).experiment
    asked = asking(experiment)
    plain = replace(experiment, beam=replace(experiment.beam, fluence=1e29))
    for compile in ("off", "on"):
        assert torch.equal(simulate(asked, compile=compile).detach(), simulate(plain, compile=compile))


def test_kernels_are_chosen_as_the_command_line_does(tmp_path: Path) -> None:
    """Compiled where they are asked for, with their derivatives where those are."""
    experiment = asking(scene_of(MANY, tmp_path).experiment)
    scene = build_scene(experiment, Quirks.of("c-parity"), torch.device("cpu"))
    with torch.no_grad():
        assert isinstance(choose_kernels(scene, F64, "on", False), Fused)
        assert choose_kernels(scene, F64, "on", True).has_slopes()
        assert not isinstance(choose_kernels(scene, F64, "off", True), Fused)
    assert render_image(scene, F64).shape == (80, 80)


CUBIC = (
    "-cell 31 29 34 82 95 101 -default_F 50 -Na 5 -Nb 4 -Nc 3 -lambda 1.1 -distance 50 -detpixels 8 -pixel 2 "
    "-misset 3 -5 8 -phi 3 -phistep 0.5 -phisteps 2 -osc 1 -polar 0.7 -oversample 1"
)
# flag, which of its values, the size of the steps, field, component of the field, its unit in the flag's
DIFFERENCES: tuple[tuple[str, int, float, str, int | None, float], ...] = (
    *(("-cell", i, 2e-3, "crystal.cell", i, 1.0) for i in range(6)),
    *(("-misset", i, 2e-3, "crystal.misset", i, 1.0) for i in range(3)),
    ("-distance", 0, 2e-3, "detector.distance", None, 1e-3),
    ("-pixel", 0, 1e-4, "detector.pixel_size", None, 1e-3),
    ("-lambda", 0, 1e-4, "beam.wavelength", None, 1.0),
    ("-polar", 0, 2e-3, "beam.kahn", None, 1.0),
    ("-phi", 0, 2e-3, "goniometer.phi", None, 1.0),
    ("-phistep", 0, 2e-3, "goniometer.phistep", None, 1.0),
    ("-default_F", 0, 0.05, "crystal.default_F", None, 1.0),
)
TURNED = "-spindle_axis 0.1 0.2 1 -beam_vector 1 0.01 0.02"
ROTATED = "-detector_rotx 1 -detector_roty 2 -detector_rotz 3"
EXTRA: tuple[tuple[str, str, int, float, str, int | None, float], ...] = (
    *((ROTATED, f"-detector_rot{a}", 0, 2e-3, "detector.rotation", i, 1.0)
      for i, a in enumerate("xyz")),
    ("-twotheta 4", "-twotheta", 0, 2e-3, "detector.twotheta", None, 1.0),
    ("-Xbeam 7 -Ybeam 8.5", "-Xbeam", 0, 2e-3, "detector.Xbeam", None, 1e-3),
    ("-Xbeam 7 -Ybeam 8.5", "-Ybeam", 0, 2e-3, "detector.Ybeam", None, 1e-3),
    ("-xds -ORGX 4 -ORGY 4.5", "-ORGX", 0, 1e-3, "detector.ORGX", None, 1.0),
    ("-xds -ORGX 4 -ORGY 4.5", "-ORGY", 0, 1e-3, "detector.ORGY", None, 1.0),
    ("-close_distance 49", "-close_distance", 0, 2e-3, "detector.close_distance", None, 1e-3),
    ("-gauss_xtal -fudge 0.9", "-fudge", 0, 2e-3, "crystal.fudge", None, 1.0),
    ("-round_xtal -fudge 0.9", "-fudge", 0, 2e-3, "crystal.fudge", None, 1.0),
    ("-water 30", "-water", 0, 0.02, "beam.water_size", None, 1e-6),
    ("-fluence 1e29", "-fluence", 0, 1e25, "beam.fluence", None, 1.0),
    *((TURNED, "-spindle_axis", i, 1e-3, "goniometer.spindle", i, 1.0) for i in range(3)),
)  # fmt: skip
CASES = [("", *row) for row in DIFFERENCES] + list(EXTRA)
STEPS = (1, 2, 4, 8, 16)


def moved(words: list[str], flag: str, which: int, by: float) -> list[str]:
    """The command line with one number moved."""
    at = len(words) - 1 - words[::-1].index(flag) + 1 + which
    return [*words[:at], repr(float(words[at]) + by), *words[at + 1 :]]


def c_image(engine: Path, words: list[str], folder: Path) -> npt.NDArray[np.float64]:  # noqa: F811
    """The C engine's pixels in double precision, as its trace prints them."""
    traced = [
        word for slow in range(8) for fast in range(8) for word in ("-trace_pixel", str(slow), str(fast))
    ]
    done = subprocess.run(
        [str(engine), *words, *traced, "--trace-only"], cwd=folder, capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines() if "I_pixel_final" in line]
    return np.array([float(line[-1]) for line in lines])


def derivative(words: list[str], field: str, component: int | None, folder: Path) -> npt.NDArray[np.float64]:
    """The PyTorch engine's derivative of every pixel by one number of a field."""

    experiment = parse([*words, "-nonoise", "-nopgm"], folder)
    part, name = field.split(".")
    value: Any = getattr(getattr(experiment, part), name)
    start = torch.as_tensor(value, dtype=F64)

    def image(x: Tensor) -> Tensor:
        whole = x if component is None else torch.cat((start[:component], x[None], start[component + 1 :]))
        return simulate(
            replace(experiment, **{part: replace(getattr(experiment, part), **{name: whole})})
        ).reshape(-1)

    at = start if component is None else start[component]
    found: Tensor = torch.autograd.functional.jacobian(image, at)  # type: ignore[no-untyped-call]
    return found.numpy()


@pytest.mark.parametrize(("extra", "flag", "which", "step", "field", "component", "unit"), CASES)
def test_differences_of_the_c_engine(
    extra: str, flag: str, which: int, step: float, field: str, component: int | None, unit: float,
    engine: Path, tmp_path: Path,  # noqa: F811
) -> None:  # fmt: skip
    """Forward differences err in proportion to the step, and extrapolated they are the derivative to 1e-6."""
    words = f"{CUBIC} {extra}".split()
    slope = derivative(words, field, component, tmp_path) * unit
    base = c_image(engine, words, tmp_path)
    assert base.size == 64
    rows = [
        (c_image(engine, moved(words, flag, which, step * k), tmp_path) - base) / (step * k) for k in STEPS
    ]
    largest = np.abs(slope).max()
    assert largest > 0
    errors = [np.abs(row - slope).max() / largest for row in rows]
    while len(rows) > 1:  # Richardson: each column removes one more power of the step
        order = len(STEPS) - len(rows) + 1
        rows = [(2**order * fine - coarse) / (2**order - 1) for fine, coarse in pairwise(rows)]
    assert np.abs(rows[0] - slope).max() <= 1e-6 * largest
    if errors[-1] > 1e-9:  # not linear in this parameter
        assert np.corrcoef(STEPS, errors)[0, 1] > 0.99


def test_thirty_parameters() -> None:
    """Fewer would be less of a proof."""
    assert len(CASES) >= 30

"""Every golden and edge configuration backward with every field at once: finite, nothing else is missing."""

import json
import tempfile
import warnings
from pathlib import Path

import pytest
import torch

from simulator import Experiment
from simulator.errors import InputError
from simulator.formats.experiment_file import parse
from simulator.rendering.differentiable import differentiable_fields, without_derivative
from simulator.rendering.quirks import Quirks
from tests.gradients.every_field import gradients, is_none

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ARGUMENTS: dict[str, str] = {
    **{name: case["args"] for name, case in json.loads((GOLDEN / "images.json").read_text()).items()},
    **json.loads((GOLDEN / "edges.json").read_text()),
}
SAMPLE = "hkl_tricubic mosaic_phi round_fudge gauss_phi_mosaic sourcefile_xds everything conv_adxv water"
REFUSED = 11  # of the edge cases, by our command lines
# Nothing reaches these pixels: a sensor that captures nothing, a spot that underflows
BLACK = {
    "thick_none_oversampled",
    "abs_inf_then_thick",
    "abs_zero_then_thick",
    "gauss_underflow_oversample_omega",
}
MOVES_SPOTS = set(
    "beam.wavelength beam.dispersion crystal.cell crystal.a_star crystal.misset crystal.mosaic_spread "
    "goniometer.phi goniometer.phistep goniometer.spindle".split()
)
# Where a field's derivative exists and is 0
STATIONARY = {
    "sourcefile_xds": {"beam.direction"},  # along the normal
    "point_pixel": {"detector.normal"},  # neither solid angle nor place depend on it
    "supervisor_roi": {"crystal.reflections.data"},
}


def read(arguments: str) -> Experiment | None:
    """The experiment, None where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        words = [*arguments.split(), "-nonoise", "-nopgm"]
        words += ["-dump", f"{folder}/cache"] if "-hkl" in words else []
        try:
            return parse(words, GOLDEN)
        except InputError:
            return None


def stationary(name: str, experiment: Experiment) -> set[str]:
    """Fields at a value where their derivative is 0."""
    beam, crystal, turn = experiment.beam, experiment.crystal, experiment.goniometer
    found = set(STATIONARY.get(name, ()))
    if beam.water_size == 0:
        found |= {"beam.water_size"}  # water grows with the cube of its size
    if experiment.detector.twotheta == 0:
        found |= {"detector.twotheta_axis"}
    spreads = float(beam.hdiv[0]) != 0 or float(beam.vdiv[0]) != 0
    if beam.kahn == 0 and (beam.sources is not None or not spreads):
        found |= {"beam.polarization_normal"}
    if turn.phi == 0 and (turn.phisteps == 1 or turn.phistep == 0):
        found |= {"goniometer.spindle"}
    if crystal.shape == "tophat" or max(float(n) for n in crystal.n_cells) <= 1:
        found |= MOVES_SPOTS
    return found


def check(name: str, mode: str) -> None:
    """Gradients of everything, and exactly those missing that the table and the values explain."""
    experiment = read(ARGUMENTS[name])
    assert experiment is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the fields without derivative, that are asserted below
        found = gradients(experiment, mode=mode, compile="off")
    assert len(found) >= 20
    for field, grads in found.items():
        assert all(grad is None or bool(torch.isfinite(grad).all()) for grad in grads), field
    missing = {field for field, grads in found.items() if grads and is_none(grads)}
    explained = set(without_derivative(experiment, Quirks.of(mode))) & {f for f, g in found.items() if g}
    still = stationary(name, experiment) & found.keys()
    optional = {"crystal.default_F"} if experiment.crystal.reflections is not None else set()
    if name in BLACK and mode == "c-parity":
        assert missing == {field for field, grads in found.items() if grads}
        return
    assert explained <= missing
    assert missing - optional <= explained | still
    assert still - missing <= MOVES_SPOTS | {"beam.wavelength"}


@pytest.mark.parametrize("name", SAMPLE.split())
def test_a_sample(name: str) -> None:
    """Some configurations in c-parity."""
    check(name, "c-parity")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["c-parity", "spec"])
@pytest.mark.parametrize("name", [name for name, text in ARGUMENTS.items() if read(text) is not None])
def test_all(name: str, mode: str) -> None:
    """Every one, in both modes."""
    check(name, mode)


def test_all_are_here() -> None:
    """An empty list would pass everything above; every field that may be a tensor is tried somewhere."""
    experiments = [read(text) for text in ARGUMENTS.values()]
    assert len(experiments) == 73 + 63
    assert sum(experiment is None for experiment in experiments) <= REFUSED
    assert len(differentiable_fields()) == 44

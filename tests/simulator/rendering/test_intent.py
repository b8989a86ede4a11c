"""What is right where nanoBragg is not, said without the other mode: six of the quirks, off."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from simulator import Beam, Crystal, Detector, Experiment, Sampling, simulate
from simulator.physics.vectors import dot, norm
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import build_scene
from tests.helpers.golden import CPU, experiment

CUBIC = Crystal(
    cell=(40.0, 40.0, 40.0, 90.0, 90.0, 90.0), default_F=10.0, n_cells=(4, 4, 4), misset=(3.0, 5.0, 7.0)
)
PANEL = Detector(shape=(12, 12), pixel_size=2e-3, distance=0.06)
ONE = Sampling(oversample=1)
TRICLINIC = (
    (70.0, 80.0, 90.0, 75.0, 85.0, 95.0),
    (27.07, 31.25, 33.76, 87.98, 72.0, 67.89),
    (50.0, 60.0, 70.0, 100.0, 110.0, 65.0),
    (10.0, 90.0, 35.0, 60.0, 75.0, 80.0),
)


def image(quirks: str, **parts: object) -> np.ndarray:
    """A small image as nanoBragg makes it but for these quirks."""
    made = Experiment(**{"crystal": CUBIC, "detector": PANEL, "sampling": ONE, **parts})  # type: ignore[arg-type]
    return simulate(made, quirks=quirks).numpy()


def cell_of(direct: torch.Tensor) -> list[float]:
    """Lengths and angles (degrees) of three vectors."""
    a, b, c = direct
    pairs = ((b, c), (a, c), (a, b))
    angles = [torch.rad2deg(torch.arccos(dot(x, y) / (norm(x) * norm(y)))) for x, y in pairs]
    return [float(value) for value in (norm(a), norm(b), norm(c), *angles)]


@pytest.mark.parametrize("cell", TRICLINIC)
@pytest.mark.parametrize("misset", [None, (10.0, -20.0, 30.0)])
def test_the_cell_is_the_one_asked_for(cell: tuple[float, ...], misset: tuple[float, ...] | None) -> None:
    """cstar-z: lengths and angles of the direct vectors; with the quirk the angles are others."""
    asked = Experiment(crystal=replace(CUBIC, cell=cell, misset=misset), detector=PANEL, sampling=ONE)
    right, wrong = (
        cell_of(build_scene(asked, Quirks.of("c-parity", q), CPU).direct) for q in ("-cstar-z", None)
    )
    np.testing.assert_allclose(right, cell, rtol=1e-12)
    assert max(abs(x - y) for x, y in zip(wrong[3:], cell[3:], strict=True)) > 1e-3


def test_nanobraggs_cell() -> None:
    """cstar-z: the angles that nanoBragg makes of 75 85 95."""
    asked = Experiment(crystal=replace(CUBIC, cell=TRICLINIC[0]), detector=PANEL, sampling=ONE)
    made = cell_of(build_scene(asked, Quirks.of("c-parity"), CPU).direct)
    assert [round(angle, 2) for angle in made[3:]] == [75.04, 85.01, 95.01]


SENSOR = replace(PANEL, thickness=3e-4, layers=3, layer_thickness=1.5e-4)


@pytest.mark.parametrize("sampling", [ONE, replace(ONE, oversample_thick=True)])
def test_what_absorbs_nothing_or_all_counts_every_photon(sampling: Sampling) -> None:
    """blank-sensor: without absorption as without a sensor; where all is absorbed at once as well."""
    quirks = "-blank-sensor,-last-layer,-running-sum"
    bare = image(quirks)
    assert bare.min() > 0
    np.testing.assert_array_equal(image(quirks, sampling=sampling), bare)
    np.testing.assert_array_equal(image(quirks, detector=SENSOR, sampling=sampling), bare)
    opaque = replace(SENSOR, attenuation=1e9)
    np.testing.assert_allclose(image(quirks, detector=opaque, sampling=sampling), bare, rtol=1e-12)


def test_the_length_of_an_axis_is_nothing() -> None:
    """raw-axis: only its direction turns the detector."""
    swung = replace(PANEL, twotheta=11.0)
    axis = (0.3, -0.2, 0.6)  # of length 0.7
    images = [
        image("-raw-axis", detector=replace(swung, twotheta_axis=tuple(x * scale for x in axis)))
        for scale in (1.0, 1.0 / 0.7, 5.0)
    ]
    np.testing.assert_allclose(images[0], images[1], rtol=1e-12)
    np.testing.assert_allclose(images[0], images[2], rtol=1e-12)


LARGE, SMALL = "-N 1 -xtalsize 0.00003", "-N 9 -xtalsize 0.000005"


@pytest.mark.parametrize(("size", "same"), [(LARGE, "-nointerpolate"), (SMALL, "-interpolate")])
def test_what_is_rendered_says_whether_to_interpolate(size: str, same: str, tmp_path: Path) -> None:
    """early-interpolate: not the cells given, but those that the size makes of them."""
    base = f"-cell 50 60 70 90 90 90 -hkl wilson_p1.hkl -detpixels 12 -pixel 0.3 -oversample 1 {size}"
    images = [
        simulate(experiment(arguments, tmp_path), quirks=quirks).numpy()
        for arguments, quirks in ((base, "-early-interpolate"), (f"{base} {same}", None), (base, None))
    ]
    np.testing.assert_array_equal(images[0], images[1])
    assert (images[0] != images[2]).any()


def test_water_is_seen_beyond_the_resolution_limit() -> None:
    """unlit-polar: the background's photons are I_bg polar w, worked out here."""
    water = Beam(water_size=2e-5, fluence=1e22)
    far = replace(ONE, dmin=100.0)
    seen = image("-unlit-polar,-water-twice", beam=water, sampling=far)
    assert (image("-water-twice", beam=water, sampling=far) == 0).all()
    molecules = 2e-5**3 * 1e6 * 6.02214179e23 / 18
    background = 2.57**2 * 7.94079248018965e-30 * 1e22 * molecules
    index = np.arange(12) * 2e-3 + 1e-3 - 0.014  # the beam centre of a panel of 24 mm, half a pixel added
    r = np.sqrt(0.06**2 + index[:, None] ** 2 + index[None, :] ** 2)
    polar = (1 + (0.06 / r) ** 2) / 2
    omega = 2e-3**2 / r**2 * 0.06 / r
    expected = np.sort((background * polar * omega).ravel())  # whichever way the axes run
    np.testing.assert_allclose(np.sort(seen.ravel()), expected, rtol=1e-9)


def test_no_polarization_stays_none() -> None:
    """nopolar-undone: recomputed for every subpixel, 1 is still 1."""
    free = Beam(nopolar=True)
    every = replace(ONE, oversample_polar=True)
    np.testing.assert_allclose(
        image("-nopolar-undone", beam=free, sampling=every), image("", beam=free), rtol=1e-14
    )
    assert (image("", beam=free, sampling=every) < image("", beam=free)).any()

"""Spec mode is physically right, and every quirk can be seen: independent statements, not the other mode."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from simulator import Beam, Crystal, Detector, Experiment, Goniometer, Sampling, simulate
from simulator.rendering.quirks import NAMES, Quirks, active_quirks
from simulator.rendering.scene import build_scene
from tests.helpers.golden import CPU

# A crystal of one cell: no spots, the image is as smooth as the geometry
SMOOTH = Crystal(cell=(40.0, 40.0, 40.0, 90.0, 90.0, 90.0), default_F=10.0)
SPOTS = replace(SMOOTH, n_cells=(4, 4, 4), misset=(3.0, 5.0, 7.0))
PANEL = Detector(shape=(16, 16), pixel_size=2e-3, distance=0.06)
SENSOR = replace(PANEL, thickness=4.5e-4, layers=4, layer_thickness=4.5e-4 / 3, attenuation=1 / 3e-4)
ONE = Sampling(oversample=1)
PHI0 = Goniometer(phi=0.0, phistep=0.4, phisteps=4)


def image(**parts: object) -> torch.Tensor:
    """A small image in spec mode unless told otherwise."""
    mode = str(parts.pop("mode", "spec"))
    quirks = parts.pop("quirks", None)
    experiment = Experiment(**{"crystal": SPOTS, "detector": PANEL, "sampling": ONE, **parts})  # type: ignore[arg-type]
    return simulate(experiment, mode=mode, quirks=quirks)  # type: ignore[arg-type]


def test_phi_zero_is_the_unrotated_crystal() -> None:
    """A sweep from phi = 0 averages its steps, the first of them not turned at all."""
    steps = [
        image(goniometer=Goniometer(phi=0.4 * k, phistep=0.0, phisteps=1)).numpy()
        for k in range(PHI0.phisteps)
    ]
    np.testing.assert_allclose(image(goniometer=PHI0), np.mean(steps, axis=0), rtol=1e-12)
    np.testing.assert_allclose(steps[0], image(), rtol=1e-12)


def test_carryover_repeats_the_last_step() -> None:
    """c-parity: phi = 0 shows the last step again, but for the first pixel's first sweep."""
    steps = [image(goniometer=Goniometer(phi=0.4 * k, phistep=0.0)).numpy() for k in range(PHI0.phisteps)]
    carried = image(goniometer=PHI0, mode="c-parity").numpy()
    expected = np.mean([steps[3], *steps[1:]], axis=0)
    expected[0, 0] = np.mean(steps, axis=0)[0, 0]
    np.testing.assert_allclose(carried, expected, rtol=1e-12)


def test_oversampling_conserves_energy() -> None:
    """Recomputing solid angle and polarization per subpixel moves little; with the quirk it is a disaster."""
    plain = image(crystal=SMOOTH, sampling=Sampling(oversample=4)).sum()
    every = Sampling(oversample=4, oversample_polar=True, oversample_omega=True)
    recomputed = image(crystal=SMOOTH, sampling=every).sum()
    assert float(recomputed / plain) == pytest.approx(1.0, abs=0.02)
    running = image(crystal=SMOOTH, sampling=every, mode="c-parity").sum()
    assert float(running / plain) == pytest.approx(1 / 16, rel=0.1)  # only the last subpixel is left
    # the finest sampling is the truth: recomputing comes closer to it than the first subpixel does
    fine = image(crystal=SMOOTH, sampling=replace(every, oversample=16)).sum()
    assert abs(float(recomputed - fine)) < abs(float(plain - fine))


@pytest.mark.parametrize("thick", [False, True])
def test_layers_sum_to_what_is_absorbed(thick: bool) -> None:
    """All layers together capture 1 - exp(-mu t/c) of what a sensor that counts everything does.

    Layers of vanishing distance between them see the same spots: the crystal is one cell.
    """
    layers = 4
    thin = 1e-9  # m: all layers in one place, the absorption scaled up to match
    sensor = replace(
        PANEL, thickness=layers * thin, layers=layers, layer_thickness=thin, attenuation=0.375 / thin
    )
    captured = image(crystal=SMOOTH, detector=sensor, sampling=replace(ONE, oversample_thick=thick))
    ratio = (captured / image(crystal=SMOOTH)).numpy()
    index = np.arange(16) * 2e-3 + 1e-3 - 0.018
    r = np.sqrt(0.06**2 + index[:, None] ** 2 + index[None, :] ** 2)
    # whichever way the axes run, the set of obliquities is the same
    expected = 1 - np.exp(-0.375 * layers / (0.06 / r))
    np.testing.assert_allclose(np.sort(ratio.ravel()), np.sort(expected.ravel()), rtol=1e-5)


def test_source_weights_count() -> None:
    """Two sources: their weighted mean. With the quirk the plain mean."""
    rows = torch.tensor([[-10.0, 0, 0, 3.0, 1e-10], [-10.0, 0.05, 0, 1.0, 1.02e-10]], dtype=torch.float64)

    def lit(sources: torch.Tensor, mode: str) -> np.ndarray:
        return image(beam=Beam(sources=sources), mode=mode).numpy()

    alone = [lit(rows[i : i + 1], "spec") for i in range(2)]
    polar = image(beam=Beam(sources=rows[:1], nopolar=True)).numpy() / alone[0]
    second = image(beam=Beam(sources=rows[1:], nopolar=True)).numpy() / polar  # polar is the first source's
    np.testing.assert_allclose(lit(rows, "spec"), 0.75 * alone[0] + 0.25 * second, rtol=1e-9)
    np.testing.assert_allclose(lit(rows, "c-parity"), 0.5 * alone[0] + 0.5 * second, rtol=1e-9)


def test_water_scales_once_with_fluence() -> None:
    """Photons from water grow like the fluence; with the quirk like its square."""
    for mode, power in (("spec", 1), ("c-parity", 2)):
        dark = replace(SMOOTH, default_F=1e-30)
        levels = [
            float(image(crystal=dark, beam=Beam(fluence=f, water_size=2e-5), mode=mode).sum())
            for f in (1e22, 2e22)
        ]
        assert levels[1] / levels[0] == pytest.approx(2**power, rel=1e-9)


def test_given_pix0_is_the_corner() -> None:
    """Spec: the given corner is the corner, and the beam centre follows from it."""
    corner = (0.06, 0.011, -0.019)
    moved = replace(PANEL, convention="custom", pix0=corner, Xbeam=1.0, Ybeam=1.0)
    scene = build_scene(Experiment(crystal=SPOTS, detector=moved), Quirks.of("spec"), CPU)
    np.testing.assert_allclose(scene.frame.origin, corner, rtol=1e-15)
    assert float(scene.frame.Fbeam) == pytest.approx(0.019)
    assert float(scene.frame.Sbeam) == pytest.approx(0.011)
    ignored = build_scene(Experiment(crystal=SPOTS, detector=moved), Quirks.of("c-parity"), CPU)
    assert float(ignored.frame.Fbeam) == pytest.approx(1.0)


def test_resolution_limit_darkens() -> None:
    """Beyond dmin nothing is left; within it nothing changes."""
    limited = image(sampling=replace(ONE, dmin=2.5)).numpy()
    full = image().numpy()
    index = np.arange(16) * 2e-3 + 1e-3 - 0.018
    angle = np.arctan(np.hypot(index[:, None], index[None, :]) / 0.06)
    lit = np.sort((1.0 / (2 * np.sin(angle / 2)) >= 2.5).ravel())
    assert np.sort(limited.ravel() != 0).tolist() == lit.tolist()
    np.testing.assert_array_equal(limited[limited != 0], full[limited != 0])


def test_intensity_follows_the_inverse_square() -> None:
    """Twice the distance and twice the pixel: the same solid angle, the same photons."""
    far = replace(PANEL, distance=0.12, pixel_size=4e-3)
    np.testing.assert_allclose(image(detector=far), image(), rtol=1e-9)


ACTIVE = {
    "phi-carryover": {"goniometer": PHI0},
    "running-sum": {"sampling": Sampling(oversample=2, oversample_omega=True)},
    "last-layer": {"detector": SENSOR},
    "flat-weights": {
        "beam": Beam(
            sources=torch.tensor([[-10.0, 0, 0, 3, 1e-10], [-10.0, 0.05, 0, 1, 1e-10]], dtype=torch.float64)
        )
    },
    "pix0-derived": {"detector": replace(PANEL, pix0=(0.06, 0.011, -0.019))},
    "water-twice": {"beam": Beam(water_size=2e-5, fluence=1e22)},
    "misset-90rad": {"crystal": replace(SPOTS, misset=None, misset_seed=5)},
    "raw-axis": {"detector": replace(PANEL, twotheta=9.0, twotheta_axis=(0.0, -2.0, 0.5))},
    "blank-sensor": {"detector": replace(SENSOR, attenuation=None)},
    "cstar-z": {"crystal": replace(SPOTS, cell=(40.0, 42.0, 44.0, 75.0, 85.0, 95.0))},
    "nopolar-undone": {
        "beam": Beam(nopolar=True),
        "sampling": Sampling(oversample=1, oversample_polar=True),
    },
}


@pytest.mark.parametrize("name", ACTIVE)
def test_each_quirk_is_seen_and_named(name: str) -> None:
    """Where a quirk applies, its switch alone changes the image, and the engine says so beforehand."""
    parts = ACTIVE[name]
    experiment = Experiment(**{"crystal": SPOTS, "detector": PANEL, "sampling": ONE, **parts})  # type: ignore[arg-type]
    on = simulate(experiment, mode="spec", quirks=f"+{name}")
    assert not torch.equal(on, simulate(experiment, mode="spec"))
    assert active_quirks(build_scene(experiment, Quirks.of("spec"), CPU), latched=False, unlit=False) == {
        name
    }


def test_quirks_that_cannot_matter() -> None:
    """A plain image has none, not even with phi = 0 given or with one layer."""
    plain = Experiment(crystal=SPOTS, detector=PANEL, sampling=ONE, goniometer=Goniometer(phi=0.0))
    assert active_quirks(build_scene(plain, Quirks.of("c-parity"), CPU), latched=False, unlit=False) == set()


def test_polarization_normal_along_the_beam() -> None:
    """No plane of polarization is defined: finite all the same, as in the C engine."""
    beam = Beam(kahn=0.5, polarization_normal=(1.0, 0.0, 0.0))
    assert bool(torch.isfinite(image(beam=beam)).all())


def test_quirk_names() -> None:
    """Fourteen switches, each shown above or, where reflections or a dark pixel are needed, elsewhere."""
    assert len(NAMES) == 14
    assert set(ACTIVE) | {"interp-latch", "early-interpolate", "unlit-polar"} == set(NAMES)


def test_beam_and_cell_axes() -> None:
    """Bragg: the (0,0,1) spot of a 40 A cell lies at 2 asin(lambda/2d) from the beam."""
    cell = replace(SMOOTH, n_cells=(30, 30, 30), misset=(0.0, math.degrees(math.asin(1 / 80)), 0.0))
    panel = Detector(shape=(101, 101), pixel_size=1e-4, distance=0.1)
    bright = image(crystal=cell, detector=panel)
    slow, fast = np.unravel_index(int(bright.argmax()), bright.shape)
    offset = math.hypot(slow * 1e-4 + 5e-5 - 0.0052, fast * 1e-4 + 5e-5 - 0.0052)
    central = bright.numpy().copy()
    central[45:57, 45:57] = 0  # the direct beam's own spot
    slow, fast = np.unravel_index(int(central.argmax()), central.shape)
    offset = math.hypot(slow * 1e-4 + 5e-5 - 0.0052, fast * 1e-4 + 5e-5 - 0.0052)
    assert offset == pytest.approx(0.1 * math.tan(2 * math.asin(1 / 80)), abs=1.5e-4)

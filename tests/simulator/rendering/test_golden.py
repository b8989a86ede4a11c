"""The PyTorch engine against nanoBragg's own images, traces and files. Oracle: tests/golden."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from simulator import simulate
from simulator.cli import main
from simulator.rendering.trace import trace_pixel
from tests.helpers.golden import CASES, DEVICES, TRACES, experiment, scene_of, window
from tests.helpers.places import GOLDEN

Images = dict[str, npt.NDArray[np.float32]]
RENAMED = {
    "scattering_vec_A_inv": "scattering_vec_m_inv"
}  # the instrumented build's name lies about the unit
OURS_ALONE = {"lambda_angstroms", "r_e_meters", "floatimage_accumulated"}  # printed by that build only


def test_every_case_is_here() -> None:
    """An empty table would pass everything below."""
    assert len(CASES) == 73
    assert len(TRACES) == 9


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", CASES)
def test_image_float64(name: str, device: str, golden_images: Images, tmp_path: Path) -> None:
    """Every pixel of every image to the last bit of its float32."""
    reference = golden_images[name]
    image = window(simulate(experiment(CASES[name]["args"], tmp_path), device=device), CASES[name])
    assert image.shape == reference.shape
    worst = np.abs(image.astype(float) - reference).max() / reference.max()
    share = float((image == reference).mean())
    assert worst <= 1e-6
    assert share >= (1.0 if device == "cpu" else 0.999), (
        f"{share:.6f} of the pixels identical, worst {worst:.1e}"
    )


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", CASES)
def test_image_float32(name: str, device: str, golden_images: Images, tmp_path: Path) -> None:
    """Single precision: correlation and sum, on every image without exception."""
    reference = golden_images[name].astype(float).ravel()
    case = CASES[name]
    image = window(simulate(experiment(case["args"], tmp_path), dtype=torch.float32, device=device), case)
    correlation = np.corrcoef(image.astype(float).ravel(), reference)[0, 1]
    assert correlation >= 0.999999
    assert abs(image.astype(float).sum() / reference.sum() - 1) <= 1e-4


@pytest.mark.parametrize("case", TRACES, ids=[f"{t['case']}-{t['slow']}-{t['fast']}" for t in TRACES])
def test_trace(case: dict, tmp_path: Path) -> None:
    """Every tap of the instrumented build within 1e-10, relative; absolute near zero."""
    lines = trace_pixel(scene_of(case["args"], tmp_path), case["slow"], case["fast"], torch.float64)
    ours = dict(reversed(lines))
    compared = 0
    for name, value in case["trace"].items():
        if name in OURS_ALONE or name.startswith("oversample"):
            continue
        expected = np.atleast_1d(value)
        np.testing.assert_allclose(
            ours[RENAMED.get(name, name)], expected, rtol=1e-10, atol=1e-12, err_msg=name
        )
        compared += expected.size
    assert compared >= 60


def test_acceptance_figures(tmp_path: Path) -> None:
    """README "Known figures": pixel slow 685, fast 1039 with one.hkl."""
    case = TRACES[0]
    ours = dict(reversed(trace_pixel(scene_of(case["args"], tmp_path), 685, 1039, torch.float64)))
    np.testing.assert_allclose(
        ours["hkl_frac"], [-6.8795206024501, -0.607255839576692, -13.766298525469], rtol=0, atol=1e-10
    )
    factors = [ours[f"F_latt_{axis}"][0] for axis in "abc"]
    np.testing.assert_allclose(factors, [-2.36012735995387, 1.05079664302326, 0.960961003611676], rtol=1e-9)
    figures = {
        "F_latt": -2.38319665299058,
        "F_cell": 190.27,
        "I_before_scaling": 943654.80923755,
        "polar": 0.91463969894451,
        "omega_pixel": 4.20412684465831e-07,
        "I_pixel_final": 2.88139542684698e-07,
    }
    for name, figure in figures.items():
        assert ours[name][0] == pytest.approx(figure, rel=1e-9), name


@pytest.mark.parametrize("name", ["cubic_default", "roi_rect", "conv_adxv", "scaled"])
def test_written_files(name: str, tmp_path: Path) -> None:
    """Counts and greys value for value, header key for key, as nanoBragg wrote them."""
    stored = np.load(GOLDEN / "outputs.npz")
    arguments = CASES["cubic_default" if name == "scaled" else name]["args"].split()
    arguments += ["-scale", "3.5", "-adc", "12"] if name == "scaled" else []
    assert main([*arguments, "-nonoise"], tmp_path) == 0
    raw = (tmp_path / "intimage.img").read_bytes()
    counts = np.frombuffer(raw[512:], "<u2").reshape(stored[f"{name}_int"].shape)
    np.testing.assert_array_equal(counts, stored[f"{name}_int"])
    if name == "scaled":
        return
    pgm = (tmp_path / "image.pgm").read_bytes()
    greys = np.frombuffer(pgm[-counts.size :], np.uint8).reshape(counts.shape)
    np.testing.assert_array_equal(greys, stored[f"{name}_pgm"])
    expected = dict(line.split("=") for line in str(stored[f"{name}_header"]).split("\n") if "=" in line)
    ours = dict(line.split("=") for line in raw[:512].decode().split("\n") if "=" in line)
    assert ours.pop("ADC_OFFSET") == "40;"
    assert {key: value.strip(";") for key, value in ours.items()} == {
        key: value.strip(";") for key, value in expected.items()
    }

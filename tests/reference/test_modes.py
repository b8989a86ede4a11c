"""Modes, quirks, threads and the parity breakers, by statements that need no other engine."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.engine import QUIET, Run, read_cases

CASES = read_cases()
CUBIC = "-cell 80 70 60 90 95 90 -default_F 100 -N 5 -distance 60 -detpixels 24 -pixel 0.5 -misset 4 5 6"
Image = npt.NDArray[np.float64]


def render(run: Run, folder: Path, arguments: str, pixels: int = 24) -> Image:
    """The image as float64."""
    run([*arguments.split(), *QUIET])
    return np.fromfile(folder / "image.bin", "<f4").astype(np.float64).reshape(pixels, pixels)


def shaped(text: str) -> set[str]:
    """Quirks that a run says shaped its image."""
    line = next(x for x in text.splitlines() if x.startswith("quirks that shaped"))
    return set(line.split(":")[1].replace(",", " ").split())


@pytest.mark.parametrize("name", ["phi0_carryover", "hkl_tricubic_latch", "everything", "mosaic_phi"])
def test_threads_change_nothing(name: str, run: Run, tmp_path: Path) -> None:
    """The same bytes from 1, 2 and 5 threads."""
    images = []
    for threads in (1, 2, 5):
        run([*CASES[name]["args"].split(), *QUIET, "--threads", str(threads)])
        images.append((tmp_path / "image.bin").read_bytes())
    assert images[0] == images[1] == images[2]


# What else departs from intent where a quirk shows: off, so that it shows alone
BESIDE = {"early-interpolate": ["-interp-latch"], "unlit-polar": ["-water-twice"]}


@pytest.mark.parametrize(
    ("quirk", "arguments"),
    [
        ("phi-carryover", "-osc 0.9 -phisteps 3"),
        ("running-sum", "-oversample 2 -oversample_omega"),
        ("last-layer", "-detector_abs 300 -detector_thick 450 -thicksteps 3"),
        ("interp-latch", "-hkl half.hkl -interpolate"),
        ("flat-weights", "-sourcefile sources3.txt"),
        ("pix0-derived", "-pix0_vector_mm 61 6 -6"),
        ("water-twice", "-water 20 -fluence 1e22"),
        ("misset-90rad", "-misset random"),
        ("raw-axis", "-twotheta 9 -twotheta_axis 0 -2 0.5"),
        ("blank-sensor", "-detector_abs inf -detector_thick 300"),
        ("cstar-z", "-cell 70 80 90 75 85 95"),
        ("early-interpolate", "-hkl wilson_p1.hkl -N 1 -xtalsize 0.00003"),
        ("unlit-polar", "-water 30 -dmin 8 -fluence 1e24"),
        ("nopolar-undone", "-nopolar -oversample_polar -oversample 1"),
    ],
)
def test_every_quirk_is_a_switch(quirk: str, arguments: str, run: Run, tmp_path: Path) -> None:
    """Each quirk changes its image, is named after the run, and can be switched in either mode."""
    case = [*f"{CUBIC} {arguments}".split(), *QUIET]
    beside = BESIDE.get(quirk, [])
    images = {}
    for label, extra in {
        "parity": ["--quirks", ",".join(beside)] if beside else [],
        "spec": ["--mode", "spec"],
        "off": ["--quirks", ",".join([f"-{quirk}", *beside])],
        "on": ["--mode", "spec", "--quirks", f"+{quirk}"],
    }.items():
        text = run([*case, *extra]).stdout
        images[label] = (tmp_path / "image.bin").read_bytes()
        assert (quirk in shaped(text)) == (label in ("parity", "on"))
    assert images["parity"] != images["off"]
    assert images["spec"] == images["off"]
    assert images["parity"] == images["on"]


def test_plain_case_has_no_quirks(run: Run) -> None:
    """A still of a plain crystal is the same in both modes, and the engine says so."""
    assert shaped(run(f"{CUBIC} -nonoise -nopgm").stdout) == {"none"}


def test_carryover_reindexes(run: Run, tmp_path: Path) -> None:
    """From phi = 0 in 3 steps c-parity shows steps 1, 2 and 2 again, except where the image begins."""
    sweep = render(run, tmp_path, f"{CUBIC} -oversample 1 -osc 0.9 -phisteps 3")
    step = [
        render(run, tmp_path, f"{CUBIC} -oversample 1 -phi {phi} -osc 1 -phisteps 1") for phi in (0, 0.3, 0.6)
    ]
    expected = (step[1] + step[2] + step[2]) / 3
    expected[0, 0] = (step[0] + step[1] + step[2])[0, 0] / 3
    np.testing.assert_allclose(sweep, expected, rtol=1e-5)


def test_layers_add_up(run: Run, tmp_path: Path) -> None:
    """Spec: a thick sensor captures 1 - exp(-mu t/c); far away, so that parallax is nothing."""
    far = (
        CUBIC.replace("-distance 60", "-distance 60000").replace("-pixel 0.5", "-pixel 0.1")
        + " --mode spec -oversample 1"
    )
    whole = render(run, tmp_path, far)
    layered = render(run, tmp_path, f"{far} -detector_abs 300 -detector_thick 400 -thicksteps 5")
    # 5 layers of 100 um, as nanoBragg counts them
    np.testing.assert_allclose(layered / whole, 1 - np.exp(-500 / 300), rtol=1e-4)


def test_water_scales_once(run: Run, tmp_path: Path) -> None:
    """Spec: the background is proportional to the fluence."""
    water = f"{CUBIC} -default_F 1e-30 -water 20 --mode spec"
    one, two = (render(run, tmp_path, f"{water} -fluence {x}") for x in ("1e22", "2e22"))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-6)
    assert one.min() > 0


def test_weights_count_in_spec(run: Run, tmp_path: Path) -> None:
    """Spec: an image is the weighted mean of the images of its sources."""
    lines = ["-10 0 0 1 1e-10", "-10 0.01 0 3 1.01e-10"]
    images = []
    for rows in (lines, lines[:1], lines[1:]):
        (tmp_path / "beam.txt").write_text("\n".join(rows))
        images.append(
            render(run, tmp_path, f"{CUBIC} -oversample 1 -nopolar -sourcefile beam.txt --mode spec")
        )
    np.testing.assert_allclose(images[0], (images[1] + 3 * images[2]) / 4, rtol=1e-5)


def test_random_missets_are_uniform(run: Run, tmp_path: Path) -> None:
    """Spec: the cosine between a* and a fixed axis is uniform over 200 draws (Kolmogorov-Smirnov)."""
    from scipy.stats import kstest  # noqa: PLC0415  slow to load

    cosines = []
    for seed in range(200):
        case = (
            f"-cell 50 50 50 90 90 90 -default_F 1 -detpixels 2 -misset random -misset_seed {seed * 7919 + 1}"
        )
        text = run(f"{case} --mode spec -trace_pixel 0 0 --trace-only").stdout
        line = next(x for x in text.splitlines() if "cell_a_star_A_inv" in x)
        cosines.append(float(line.split()[4]) * 50)
    assert kstest(cosines, "uniform", args=(-1, 2)).pvalue > 1e-3


def test_oversampling_keeps_energy(run: Run, tmp_path: Path) -> None:
    """Spec: finer subpixels converge on the same flux."""
    sums = [render(run, tmp_path, f"{CUBIC} --mode spec -oversample {n}").sum() for n in (16, 32)]
    assert sums[0] == pytest.approx(sums[1], rel=2e-3)


def test_nopolar_is_brighter(run: Run, tmp_path: Path) -> None:
    """-nopolar is a factor of one, not zero."""
    plain, bare = render(run, tmp_path, CUBIC), render(run, tmp_path, f"{CUBIC} -nopolar")
    assert (bare >= plain).all()
    assert plain.min() > 0


def test_reflection_at_the_edge_of_the_box(run: Run, tmp_path: Path) -> None:
    """A lookup on the last index is inside, one past it is not."""
    (tmp_path / "edge.hkl").write_text("0 0 0 9\n1 0 0 8\n")
    case = "-cell 50 50 50 90 90 90 -hkl edge.hkl -default_F 3 -N 3 -detpixels 64 -pixel 1"
    text = run(f"{case} -oversample 1 -printout -nointerpolate -nonoise -nopgm").stdout
    found = set()
    for line, after in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if line.startswith("hkl="):
            index = tuple(map(int, line.split("hkl0=")[1].split()))
            found.add((index, float(after.split()[0].split("=")[1])))
    expected = {(0, 0, 0): 9.0, (1, 0, 0): 8.0}
    assert len(found) > 10
    assert all(value == expected.get(index, 3.0) for index, value in found)


def test_many_steps(run: Run, tmp_path: Path) -> None:
    """More than 32767 steps a pixel: the mean of equal steps is the single step."""
    tiny = CUBIC.replace("-detpixels 24", "-detpixels 2") + " -oversample 1"
    one = render(run, tmp_path, f"{tiny} -phi 5 -osc 1 -phisteps 1", 2)
    many = render(run, tmp_path, f"{tiny} -phi 5 -osc 0 -phisteps 40000", 2)
    np.testing.assert_allclose(many, one, rtol=1e-6)


def test_beam_through_a_pixel_centre(run: Run, tmp_path: Path) -> None:
    """h = k = l = 0: the lattice factor is the number of cells."""
    case = "-cell 50 50 50 90 90 90 -default_F 2 -N 4 -detpixels 3 -oversample 1 -Xbeam 0.1 -Ybeam 0.1"
    text = run(f"{case} -printout_pixel 1 1 -nonoise -nopgm").stdout
    assert "F_latt=64 " in text


def test_point_of_one_cell(run: Run) -> None:
    """An axis with one cell contributes a factor of one."""
    case = "-cell 50 60 70 90 90 90 -default_F 2 -Na 1 -Nb 5 -Nc 5 -detpixels 8 -nointerpolate"
    text = run(f"{case} -trace_pixel 2 6 --trace-only").stdout
    assert "TRACE_C: F_latt_a 1\n" in text


def test_million_reflections_in_a_second(run: Run, tmp_path: Path) -> None:
    """Reading is no bottleneck: the processor time of a whole run over 10^6 lines."""
    import os  # noqa: PLC0415
    import resource  # noqa: PLC0415

    side = np.arange(-50, 50)
    rows = np.stack([x.ravel() for x in np.meshgrid(side, side, side, indexing="ij")], axis=1)
    lines = (f"{h} {k} {ell} {abs(h) + 0.25}" for h, k, ell in rows)
    (tmp_path / "big.hkl").write_text("\n".join(lines) + "\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run("-cell 50 60 70 90 90 90 -hkl big.hkl -N 3 -detpixels 2 -nonoise -nopgm")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime
    print(f"{spent:.2f} s on {os.cpu_count()} cores")
    assert spent < 1.0

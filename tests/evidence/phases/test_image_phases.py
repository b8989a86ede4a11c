"""Phases N and O on spot patterns: equal ones pass; another sign, a NaN, a shift, an empty region do not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evidence.cases.roi import Roi
from evidence.phases import o_frame
from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import measure_phase
from tests.helpers.project import Bundle

SHAPE = (96, 80)
Frame = NDArray[np.float32]
Edit = Callable[[Frame], Frame]
SMV = (
    "{{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1={};\nSIZE2={};\n}}"
)


def pattern() -> Frame:
    """Gaussian spots of different heights on a faint slope."""
    slow, fast = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = 0.01 + 1e-4 * slow
    for n, (s, f) in enumerate([(12, 14), (30, 60), (50, 20), (66, 51), (80, 70), (20, 40)]):
        image = image + (n + 2) * np.exp(-((slow - s - 0.3) ** 2 + (fast - f + 0.2) ** 2) / 2.5)
    return image.astype(np.float32)


def same(image: Frame) -> Frame:
    return image


def negative(image: Frame) -> Frame:
    return -image


def mirrored(image: Frame) -> Frame:
    return np.ascontiguousarray(image[:, ::-1])


def bright(image: Frame) -> Frame:
    return (image * 1.02).astype(np.float32)


def shifted(image: Frame) -> Frame:
    return np.roll(image, 2, axis=1)


def with_nan(image: Frame) -> Frame:
    image = image.copy()
    image[30, 60] = np.nan
    return image


def one_pixel(image: Frame) -> Frame:
    image = image.copy()
    image[30, 60] *= np.float32(1.5)
    return image


def one_dark_pixel(image: Frame) -> Frame:
    """Far from any spot, and by less than any detector would see."""
    image = image.copy()
    image[5, 70] *= np.float32(1.5)
    return image


def brighter(image: Frame) -> Frame:
    """As a fault after the last tap would have it."""
    return image * np.float32(1.001)


def two_swapped(image: Frame) -> Frame:
    image = image.copy()
    image[30, 60], image[30, 61] = image[30, 61].copy(), image[30, 60].copy()
    return image


def turned(image: Frame) -> Frame:
    """Transposed within its own shape."""
    image = image.copy()
    side = min(image.shape)
    image[:side, :side] = image[:side, :side].T.copy()
    return image


PIXELS = {"max_abs_photons", "max_rel", "off_share"}
FAULTS = [
    (one_pixel, PIXELS | {"block_sum_rel"}),
    (one_dark_pixel, PIXELS),
    (brighter, PIXELS | {"block_sum_rel", "identical_share"}),
    (two_swapped, PIXELS),
    (turned, PIXELS | {"block_sum_rel", "identical_share"}),
    (with_nan, PIXELS | {"block_sum_rel", "identical_share"}),
]


def dark(image: Frame) -> Frame:
    return np.zeros_like(image)


def cut(image: Frame) -> Frame:
    return image[:-1]


@pytest.fixture
def frames(bundle: Bundle) -> Callable[..., PhaseJob]:
    """frames({phase: {label: image}}) lays out runs with images."""

    def make(phases: dict[str, dict[str, Frame]]) -> PhaseJob:
        work: PhaseJob | None = None
        for phase, images in phases.items():
            work = bundle(phase, {label: ("", []) for label in images})
            for label, image in images.items():
                folder = work.folder(phase) / label
                image.astype("<f4").tofile(folder / "floatimage.bin")
                header = SMV.format(image.shape[1], image.shape[0]).ljust(512).encode()
                (folder / "intimage.img").write_bytes(header + bytes(2 * image.size))
        assert work is not None
        roi = Roi.of((5, 75), (6, 70))
        return replace(work, case=replace(work.case, roi=roi))

    return make


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time and are not what is tested."""
    monkeypatch.setattr("evidence.images.figures.draw_all", lambda *_, **__: [])


def statuses(metrics: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in metrics["checks"]}


def region(frames: Callable[..., PhaseJob], roi: Edit = same, frame: Edit = same) -> PhaseJob:
    c = pattern()
    return frames({"n": {"c": c, "py_float64": roi(c)}, "o": {"c": c, "py_float64": frame(c)}})


@pytest.mark.usefixtures("undrawn")
def test_n_passes_on_equal_images(frames: Callable[..., PhaseJob]) -> None:
    metrics = measure_phase(region(frames), "n")
    assert metrics["status"] == "pass", statuses(metrics)
    assert [row["slow"] for row in metrics["tables"]["spots"]] == [20, 80, 66, 50, 30, 12]
    assert {check["gate"] for check in metrics["checks"]} == {"VG-3", "VG-4"}


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("edit", "failing"),
    [
        (negative, {"correlation", "sum_ratio"}),
        (mirrored, {"correlation"}),
        (bright, {"sum_ratio"}),
        (shifted, {"correlation", "peak_distance_px"}),
        (with_nan, {"correlation", "sum_ratio", "peak_distance_px", "identical_share"}),
        (dark, {"sum_ratio"}),
    ],
)
def test_vg3_and_vg4_fail(frames: Callable[..., PhaseJob], edit: Edit, failing: set[str]) -> None:
    metrics = measure_phase(region(frames, roi=edit), "n")
    found = statuses(metrics)
    assert metrics["status"] == "fail"
    assert {name for name in failing if found[name] == "fail"} == failing
    assert found["spots_correlation"] == "pass"


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("edit", "failing"), FAULTS)
def test_one_wrong_pixel_turns_vg3_red(
    frames: Callable[..., PhaseJob], edit: Edit, failing: set[str]
) -> None:
    found = statuses(measure_phase(region(frames, roi=edit), "n"))
    assert {name for name, status in found.items() if status == "fail"} >= failing


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("edit", "failing"), FAULTS)
def test_one_wrong_pixel_turns_vg5_red(
    frames: Callable[..., PhaseJob], edit: Edit, failing: set[str]
) -> None:
    metrics = measure_phase(full(frames, double=edit), "o")
    frame_found = statuses(metrics)
    assert {name for name, status in frame_found.items() if status == "fail"} >= failing
    assert metrics["status"] == "fail"
    assert frame_found["block_sum_rel_float32"] == "pass"


@pytest.mark.usefixtures("undrawn")
def test_a_wrong_pixel_is_named_with_both_values(frames: Callable[..., PhaseJob]) -> None:
    found = {check["name"]: check for check in measure_phase(full(frames, double=one_pixel), "o")["checks"]}
    a = float(pattern()[30, 60])
    assert found["max_rel"]["measured"] == pytest.approx(0.5)
    assert f"slow 30, fast 60: {float(np.float32(a) * np.float32(1.5)):.9g}" in found["max_rel"]["reason"]
    assert f"against {a:.9g}" in found["max_rel"]["reason"]
    assert found["off_share"]["reason"].startswith("1 of 7680 pixels are more than 1 float32 steps off")
    assert found["block_sum_rel"]["reason"] == "8 x 8 pixels from slow 24, fast 56"


@pytest.mark.usefixtures("undrawn")
def test_a_rounding_of_the_last_bit_is_no_fault(frames: Callable[..., PhaseJob]) -> None:
    def rounded(image: Frame) -> Frame:
        image = image.copy()
        image[30, 60] = np.nextafter(image[30, 60], np.float32(0))
        return image

    metrics = measure_phase(full(frames, double=rounded), "o")
    assert metrics["status"] == "pass", statuses(metrics)
    assert metrics["tables"]["float64"]["identical_pixels"] == 7679


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("edit", [negative, mirrored, shifted, with_nan])
def test_bright_spots_fail(frames: Callable[..., PhaseJob], edit: Edit) -> None:
    found = statuses(measure_phase(region(frames, frame=edit), "n"))
    assert found["spots_correlation"] == "fail"
    assert found["correlation"] == "pass"


@pytest.mark.usefixtures("undrawn")
def test_n_without_peaks_is_not_passed(frames: Callable[..., PhaseJob]) -> None:
    flat = np.ones(SHAPE, np.float32)
    metrics = measure_phase(frames({p: {"c": flat, "py_float64": flat} for p in "no"}), "n")
    found = statuses(metrics)
    assert found["peak_distance_px"] == "blocked"
    assert found["spots_correlation"] == "blocked"
    assert metrics["status"] != "pass"


@pytest.mark.usefixtures("undrawn")
def test_empty_region_is_blocked(frames: Callable[..., PhaseJob]) -> None:
    work = region(frames)
    outside = replace(work, case=replace(work.case, roi=Roi.of((90, 96), (0, 10))))
    found = statuses(measure_phase(outside, "n"))
    assert found["correlation"] == found["sum_ratio"] == found["peak_distance_px"] == "blocked"
    assert found["spots_correlation"] == "pass"


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("lost", ["floatimage.bin", "intimage.img", "run.json"])
def test_missing_file_is_blocked(frames: Callable[..., PhaseJob], lost: str) -> None:
    work = region(frames)
    (work.folder("n") / "py_float64" / lost).unlink()
    metrics = measure_phase(work, "n")
    assert statuses(metrics)["correlation"] == "blocked"
    assert metrics["status"] == "blocked"


def full(frames: Callable[..., PhaseJob], double: Edit = same, single: Edit = same) -> PhaseJob:
    c = pattern()
    return frames({"o": {"c": c, "py_float64": double(c), "py_float32": single(c)}})


def test_o_passes_on_equal_images(frames: Callable[..., PhaseJob]) -> None:
    work = full(frames)
    metrics = measure_phase(work, "o")
    assert metrics["status"] == "pass"
    assert metrics["tables"]["float64"]["identical_float32_share"] == 1.0
    json.dumps(metrics, allow_nan=False)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("edit", [negative, mirrored, bright, shifted, with_nan, dark])
def test_vg5_fails(frames: Callable[..., PhaseJob], edit: Edit) -> None:
    found = statuses(measure_phase(full(frames, double=edit), "o"))
    assert "fail" in {found[name] for name in ("correlation", "sum_ratio", "peak_distance_px")}
    assert found["correlation_float32"] == found["sum_ratio_float32"] == "pass"


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("edit", [negative, with_nan])
def test_vg5_fails_in_float32(frames: Callable[..., PhaseJob], edit: Edit) -> None:
    metrics = measure_phase(full(frames, single=edit), "o")
    assert metrics["status"] == statuses(metrics)["correlation_float32"] == "fail"


@pytest.mark.usefixtures("undrawn")
def test_other_shape_is_blocked(frames: Callable[..., PhaseJob]) -> None:
    found = statuses(measure_phase(full(frames, double=cut), "o"))
    assert found["correlation"] == "blocked"
    assert found["correlation_float32"] == "pass"


FIGURES = ("images", "histogram", "profile", "scatter")


@pytest.mark.parametrize("lost", [False, True])
def test_frames_are_drawn_or_say_why_not(
    frames: Callable[..., PhaseJob], lost: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    work = full(frames)
    if lost:
        (work.folder("o") / "c" / "floatimage.bin").unlink()
    names = [work.folder("o") / "figures" / f"{name}.png" for name in FIGURES]
    o_frame.draw(work, names)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in names)
    assert ("not drawn" in capfd.readouterr().out) == lost


def test_a_comparison_that_breaks_is_blocked_with_its_reason(
    frames: Callable[..., PhaseJob], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("no division today")

    monkeypatch.setattr("evidence.phases.rendered.compare_images", broken)
    metrics = measure_phase(full(frames), "o")
    assert metrics["status"] == "blocked"
    assert metrics["checks"][0]["reason"] == "ZeroDivisionError: no division today"
    assert "Traceback" in capfd.readouterr().err

"""Every image that nanoBragg itself made, from the C engine. Oracle: tests/golden/images.npz."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.engine import QUIET, Run, read_cases

CASES = read_cases()


def test_every_golden_case_is_here() -> None:
    """An empty list of cases would pass everything below."""
    assert len(CASES) == 73


@pytest.mark.parametrize("name", list(CASES))
def test_golden_image(
    name: str, run: Run, tmp_path: Path, golden_images: dict[str, npt.NDArray[np.float32]]
) -> None:
    """At least 99.9 % of the float32 pixels identical, the worst within 1e-6 of the maximum."""
    case, expected = CASES[name], golden_images[name]
    run([*case["args"].split(), *QUIET, "--threads", "1"])
    image = np.fromfile(tmp_path / "image.bin", dtype="<f4").reshape(case["shape"])
    if window := case.get("stored_window"):
        inside = tuple(slice(*window[axis]) for axis in ("slow", "fast"))
        kept = image[inside].copy()
        image[inside] = 0
        assert not image.any(), "light outside the region of interest"
        image = kept
    share = float(np.mean(image == expected))
    worst = float(np.max(np.abs(image - expected)))
    print(f"{name}: {share:.6%} identical, worst {worst:.3g} of {expected.max():.3g}")
    assert share >= 0.999
    assert worst <= 1e-6 * float(expected.max())

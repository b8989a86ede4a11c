"""Every pixel of 663 images that nanoBragg itself rendered, from both engines. Oracle: tests/golden."""

import numpy as np
import pytest

from tests.truth.conftest import EDGES, RANDOM, SETS, SIDES, Pixels, Rendered

# Where a sphere's transform cancels at the direct beam, the last bit of a sine decides: case -> raster index
# of the one pixel that may differ.
CANCELS: dict[str, int] = {}


def wrong(ours: Rendered, theirs: Pixels, allowed: int | None = None) -> str:
    """What is wrong with an image, empty if nothing: NaN is right only where nanoBragg has NaN."""
    if ours.status != 0:
        return f"exit status {ours.status}: {ours.err[-120:]}"
    image = ours.pixels()
    if image.shape != theirs.shape:
        return f"{image.size} pixels, not {theirs.size}"
    differ = ~((image == theirs) | (np.isnan(image) & np.isnan(theirs)))
    if allowed is not None:
        differ[allowed] = False
    if not differ.any():
        return ""
    worst = np.flatnonzero(differ)[0]
    return f"{differ.sum()} of {image.size} pixels, the first {image[worst]:g}, not {theirs[worst]:g}"


def test_every_case_is_here(truth: dict[str, Pixels]) -> None:
    """An empty table would pass everything below; one pixel in 10^5 is the most that may be excused."""
    assert (len(EDGES), len(RANDOM)) == (63, 600)
    assert set(truth) == set(EDGES) | set(RANDOM)
    assert len(CANCELS) <= sum(image.size for image in truth.values()) / 1e5


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("cases", SETS)
def test_every_pixel(
    cases: str, side: str, rendered: dict[str, dict[str, Rendered]], truth: dict[str, Pixels]
) -> None:
    """All images of a set to the last bit of every float32."""
    found = {
        name: text
        for name in SETS[cases]
        if (text := wrong(rendered[side][name], truth[name], CANCELS.get(name)))
    }
    listed = "\n".join(f"{name}: {text}" for name, text in found.items())
    assert not found, f"{len(found)} of {len(SETS[cases])} images differ\n{listed}"


def test_comparison_can_fail() -> None:
    """A last bit, a NaN on one side alone, a pixel missing, a refusal; two NaN are the same."""
    theirs = np.array([1.0, np.nan, 3.0], np.float32)

    def of(values: list[float], status: int = 0) -> Rendered:
        return Rendered(status, "error", {"floatimage.bin": np.array(values, "<f4").tobytes()})

    assert wrong(of([1.0, np.nan, 3.0]), theirs) == ""
    last_bit = float(np.nextafter(np.float32(3.0), np.float32(4.0)))
    for bad in (of([1.0, np.nan, last_bit]), of([1.0, 2.0, 3.0]), of([np.nan, np.nan, 3.0]), of([1.0])):
        assert wrong(bad, theirs)
    assert wrong(of([1.0, np.nan, 3.0], 2), theirs)
    assert wrong(Rendered(0, "", {}), theirs)
    assert wrong(of([1.0, np.nan, last_bit]), theirs, 2) == ""

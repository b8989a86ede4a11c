"""The embedded image data: exact where it says so, never silently wrong elsewhere."""

import base64
import gzip
import math

import numpy as np
import pytest

from evidence.report import viewer
from evidence.report.viewer import Payload


def planes(payload: Payload, name: str, dtype: str) -> np.ndarray:
    """What the page decodes: base64, gzip, byte planes."""
    raw = np.frombuffer(gzip.decompress(base64.b64decode(payload.blobs[name])), np.uint8)
    return raw.reshape(np.dtype(dtype).itemsize, -1).T.copy().view(dtype).ravel()


@pytest.fixture
def pair() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(8)
    c = np.exp(rng.normal(-12, 3, (61, 83))).astype("<f4")
    c[3, 4] = 0.0
    py = np.nextafter(c, np.where(rng.random(c.shape) < 0.3, np.float32(np.inf), c).astype("<f4"))
    return {"C": c, "PyTorch": py}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so low that a small frame is treated like a large one."""
    monkeypatch.setattr(viewer, "WHOLE_PIXELS", 100)
    monkeypatch.setattr(viewer, "OVERVIEW_PIXELS", 600)
    monkeypatch.setattr(viewer, "EXACT_PIXELS", 400)
    monkeypatch.setattr(viewer, "CLOSE_UP", 3)


def test_a_small_frame_is_whole_and_exact(pair: dict[str, np.ndarray]) -> None:
    payload = viewer.pack(pair, (10, 20, 10, 20), [(5, 5)])
    assert payload.manifest["overview"] is None
    assert payload.manifest["tiles"] == [[0, 82, 0, 60]]
    first = planes(payload, "exact-0", "<u4")
    assert np.array_equal(first.view("<f4"), pair["C"].ravel())
    assert np.array_equal((first ^ planes(payload, "exact-1", "<u4")).view("<f4"), pair["PyTorch"].ravel())


@pytest.mark.usefixtures("small")
def test_a_large_frame_is_exact_in_its_tiles(pair: dict[str, np.ndarray]) -> None:
    payload = viewer.pack(pair, (10, 25, 12, 30), [(5, 5), (60, 82)])
    tiles = payload.manifest["tiles"]
    assert tiles == [[10, 25, 12, 30], [2, 8, 2, 8], [79, 82, 57, 60]]
    words = planes(payload, "exact-0", "<u4").view("<f4")
    start = 0
    for x0, x1, y0, y1 in tiles:  # type: ignore[attr-defined]
        cut = pair["C"][y0 : y1 + 1, x0 : x1 + 1]
        assert np.array_equal(words[start : start + cut.size], cut.ravel())
        start += cut.size
    assert start == words.size


@pytest.mark.usefixtures("small")
def test_the_overview_is_the_maximum_of_each_block(pair: dict[str, np.ndarray]) -> None:
    payload = viewer.pack(pair, (10, 25, 12, 30), [])
    plan, factor = payload.manifest["overview"], payload.manifest["factor"]
    assert factor == math.ceil(math.sqrt(61 * 83 / 600))
    codes = planes(payload, "first", "<u2").reshape(plan["shape"])  # type: ignore[index]
    low, high = plan["ends"]  # type: ignore[index]
    for row, column in ((0, 0), (3, 5), (plan["shape"][0] - 1, plan["shape"][1] - 1)):  # type: ignore[index]
        block = pair["C"][row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        shown = math.exp(low + (int(codes[row, column]) - 1) * (high - low) / viewer.CODES)
        assert shown == pytest.approx(float(block.max()), rel=1e-3)


@pytest.mark.usefixtures("small")
def test_the_largest_difference_of_a_block_survives(pair: dict[str, np.ndarray]) -> None:
    pair["PyTorch"] = pair["C"].copy()
    pair["PyTorch"][40, 50] -= np.float32(pair["C"].max() / 2)
    payload = viewer.pack(pair, (10, 25, 12, 30), [])
    plan, factor = payload.manifest["overview"], payload.manifest["factor"]
    codes = planes(payload, "difference-1", "i1").reshape(plan["shape"])  # type: ignore[index]
    assert np.count_nonzero(codes) == 1
    assert codes[40 // factor, 50 // factor] < 0  # type: ignore[operator]
    _, largest = plan["others"][0]["difference"]["ends"]  # type: ignore[index]
    assert largest == pytest.approx(float(pair["C"].max()) / 2, rel=1e-6)


@pytest.mark.usefixtures("small")
def test_pixels_that_are_not_finite_are_marked(pair: dict[str, np.ndarray]) -> None:
    pair["PyTorch"][0, 0] = np.nan
    pair["PyTorch"][30, 30] = np.inf
    payload = viewer.pack(pair, (10, 25, 12, 30), [])
    factor, shape = payload.manifest["factor"], payload.manifest["overview"]["shape"]  # type: ignore[index]
    codes = planes(payload, "difference-1", "i1").reshape(shape)
    assert codes[0, 0] == -128
    assert codes[30 // factor, 30 // factor] == -128  # type: ignore[operator]
    total = planes(payload, "first", "<u2") + planes(payload, "delta-1", "<u2")
    assert total.reshape(shape)[0, 0] == viewer.NOT_FINITE


def test_the_payload_keeps_below_its_limit() -> None:
    rng = np.random.default_rng(1)
    c = rng.random((600, 600)).astype("<f4")
    images = {"C": c, "PyTorch": rng.random((600, 600)).astype("<f4")}
    payload = viewer.pack(images, (0, 599, 0, 599), [(300, 300)], limit=700_000)
    assert 100_000 < payload.size <= 700_000
    with pytest.raises(ValueError, match="expected at most 1000 bytes"):
        viewer.pack(images, (0, 599, 0, 599), [], limit=1000)

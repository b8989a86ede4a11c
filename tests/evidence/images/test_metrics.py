"""Metrics and the verdict: equal images pass, and every way of being wrong fails."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evidence.errors import InputError
from evidence.images.imagefile import Image
from evidence.images.metrics import Comparison, compare_images
from evidence.images.verdict import Check, judge
from evidence.limits import Thresholds

A = (np.random.default_rng(7).random((60, 80)) ** 8 * 1e4).astype(np.float32)


def passes(found: Comparison) -> bool:
    return all(check.ok for check in judge(found))


def check(found: Comparison, name: str) -> Check:
    return next(row for row in judge(found) if row.name == name)


def test_equal_images() -> None:
    found = compare_images(A, A.copy())
    assert passes(found)
    assert (found.correlation, found.rmse, found.sum_ratio, found.max_ratio) == (1.0, 0.0, 1.0, 1.0)
    assert (found.identical_float32_share, found.max_ulp, found.max_abs_diff) == (1.0, 0, 0.0)
    assert found.peaks["matched_share"] == 1.0
    assert found.shape == A.shape


def test_against_the_definitions() -> None:
    rng = np.random.default_rng(1)
    b = (A * (1 + 1e-3 * rng.standard_normal(A.shape))).astype(np.float32)
    found = compare_images(A, b)
    x, y = A.astype(float), b.astype(float)
    assert found.correlation == pytest.approx(np.corrcoef(x.ravel(), y.ravel())[0, 1], rel=1e-13)
    assert found.rmse == pytest.approx(np.sqrt(np.mean((y - x) ** 2)), rel=1e-12)
    assert found.rmse_over_max == pytest.approx(np.sqrt(np.mean((y - x) ** 2)) / x.max(), rel=1e-12)
    assert found.sum_ratio == pytest.approx(y.sum() / x.sum(), rel=1e-13)
    assert found.max_abs_diff == np.abs(y - x).max()
    assert found.max_abs_diff_pixel == np.unravel_index(np.abs(y - x).argmax(), A.shape)
    assert found.max_rel_diff == pytest.approx((np.abs(y - x) / x).max(), rel=1e-15)
    assert found.identical_float32_share == np.mean(b == A)


def test_ulp_distance_crosses_zero() -> None:
    a, b = A.copy(), A.copy()
    tiny = np.float32(1e-45)  # the smallest float32 above zero
    a[0, 0], b[0, 0] = -tiny, tiny
    a[0, 1], b[0, 1] = 0.0, -0.0
    found = compare_images(a, b)
    assert found.max_ulp == 2
    assert found.identical_float32_share == 1 - 1 / A.size


def test_one_float32_step_is_seen() -> None:
    b = A.copy()
    b[13, 17] = np.nextafter(b[13, 17], np.float32(np.inf))
    found = compare_images(A, b)
    assert (found.max_ulp, found.max_abs_diff_pixel) == (1, (13, 17))


def test_roi_is_inclusive_and_x_is_fast() -> None:
    b = A.copy()
    b[10:20, 30:50] *= 2  # slow 10..19, fast 30..49
    inside = compare_images(A, b, (30, 49, 10, 19))
    assert (inside.finite_pixels, inside.sum_ratio) == (200, 2.0)
    assert inside.max_abs_diff_pixel is not None
    assert 10 <= inside.max_abs_diff_pixel[0] <= 19
    assert compare_images(A, b, (0, 29, 0, 59)).identical_float32_share == 1.0
    assert compare_images(A, b, (50, 79, 0, 59)).identical_float32_share == 1.0
    assert inside.peaks["pairs"][0]["a"][1] >= 29


WRONG = {
    "wrong sign": lambda a: -a,
    "twice as bright": lambda a: 2 * a,
    "flux off by 0.2 %": lambda a: 1.002 * a,
    "shifted 2 pixels": lambda a: np.roll(a, 2, axis=1),
    "mirrored": lambda a: a[:, ::-1],
    "upside down": lambda a: a[::-1],
    "one NaN": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 77, np.nan, a),
    "one infinity": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 77, np.inf, a),
    "all NaN": lambda a: np.full_like(a, np.nan),
    "zeros": np.zeros_like,
    "constant": np.ones_like,
    "neighbours swapped": lambda a: a.reshape(-1, 2)[:, ::-1].reshape(a.shape),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_images_fail(name: str) -> None:
    found = compare_images(A, WRONG[name](A))
    assert not passes(found)
    json.dumps(found.to_dict(), allow_nan=False)  # and stay writable


def test_a_nan_in_the_reference_fails_too() -> None:
    bad = A.copy()
    bad[3, 3] = np.nan
    found = compare_images(bad, A)
    assert (found.nonfinite_a, found.nonfinite_b) == (1, 0)
    assert not check(found, "nonfinite_a").ok


@pytest.mark.parametrize(("value", "word"), [(0.0, "constant"), (3.0, "constant"), (np.nan, "finite")])
def test_nothing_to_correlate_has_a_reason(value: float, word: str) -> None:
    flat = np.full((20, 20), value)
    found = compare_images(flat, flat)
    assert found.correlation is None
    assert word in found.reasons["correlation"]
    assert not passes(found)


def test_a_moved_spot_fails_by_distance_alone() -> None:
    bar = Thresholds(correlation=-1.0, sum_ratio=(0.0, 2.0))
    spot = np.zeros((50, 50))
    spot[20, 20] = 1e3
    assert all(row.ok for row in judge(compare_images(spot, spot), bar))
    moved = judge(compare_images(spot, np.roll(spot, 3, axis=0)), bar)
    assert [row.name for row in moved if not row.ok] == ["mean_distance_px"]
    away = judge(compare_images(spot, np.roll(spot, 20, axis=0)), bar)
    assert [(row.name, row.status) for row in away if not row.ok] == [("mean_distance_px", "fail")]


def test_redistributed_flux_fails_though_it_correlates() -> None:
    """A correlation of 0.99999 hides a thousandth part of the flux: the sum ratio does not."""
    b = A.copy()
    b[A < np.percentile(A, 99)] *= 0.99
    found = compare_images(A, b)
    assert found.correlation is not None
    assert found.correlation > 0.9999
    assert not check(found, "sum_ratio").ok


@pytest.mark.parametrize("roi", [(5, 4, 0, 9), (0, 9, 5, 4), (-1, 9, 0, 9), (0, 80, 0, 9), (0, 9, 0, 60)])
def test_empty_or_outside_roi(roi: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError, match=r"^roi: expected 0 <= x0 <= x1 <= 79"):
        compare_images(A, A, roi)


def test_shape_slip() -> None:
    with pytest.raises(InputError, match="expected B of 60 x 80 as A, got 80 x 60"):
        compare_images(A, A.T)


def test_a_missing_number_never_passes() -> None:
    empty = Comparison((1, 1), (0, 0, 0, 0), 0, 0, 0)
    assert [row.ok for row in judge(empty)] == [False, False, False, True, True]
    broken = Comparison((1, 1), (0, 0, 0, 0), 1, 0, 0, float("nan"), sum_ratio=float("nan"))
    assert not any(row.ok for row in judge(broken)[:3])


real = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(arrays(np.float32, (6, 7), elements=real), arrays(np.float32, (6, 7), elements=real))
def test_whatever_comes_is_measured_and_writable(a: Image, b: Image) -> None:
    found = compare_images(a, b)
    json.dumps(found.to_dict(), allow_nan=False)
    if not (np.isfinite(a) & np.isfinite(b)).all():
        assert not passes(found)
    if passes(found):
        assert found.correlation is not None
        assert found.correlation >= 0.9999


@given(arrays(np.float64, (5, 5), elements=st.floats(-1e300, 1e300)))
def test_an_image_agrees_with_itself(a: Image) -> None:
    found = compare_images(a, a)
    assert found.max_abs_diff == 0
    assert found.identical_float32_share == 1.0
    assert found.correlation is None or found.correlation == pytest.approx(1.0, abs=1e-12)

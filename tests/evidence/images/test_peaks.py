"""Peaks: found where they were put, to a fraction of a pixel, and paired as well as can be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evidence.images.peaks import Peaks, find_peaks, pair_peaks, peak_metrics

SPOTS = [(20.0, 30.0, 900.0), (20.25, 80.4, 500.0), (70.0, 45.5, 300.0), (88.0, 88.0, 100.0)]


def image_of(spots: list[tuple[float, float, float]], size: int = 100) -> NDArray[np.float64]:
    slow, fast = np.indices((size, size))
    return sum(
        (h * np.exp(-((slow - s) ** 2 + (fast - f) ** 2) / 1.5) for s, f, h in spots), np.zeros((size, size))
    )


def test_spots_are_found_brightest_first() -> None:
    found = find_peaks(image_of(SPOTS), percentile=99.0)
    np.testing.assert_allclose(found.position, [spot[:2] for spot in SPOTS], atol=0.12)
    assert list(found.height) == sorted(found.height, reverse=True)


def test_a_plateau_is_one_peak() -> None:
    image = np.zeros((50, 50))
    image[10:12, 20:23] = 5.0
    assert len(find_peaks(image)) == 1


def test_most_and_percentile() -> None:
    image = np.random.default_rng(1).random((200, 200))
    assert len(find_peaks(image, percentile=50.0, most=7)) == 7
    assert len(find_peaks(image)) <= 40  # at most the brightest 0.1 % of 40000 pixels


@pytest.mark.parametrize("image", [np.zeros((9, 9)), np.full((9, 9), 4.0), np.full((9, 9), np.nan)])
def test_nothing_to_find(image: NDArray[np.float64]) -> None:
    assert len(find_peaks(image)) == 0
    empty = peak_metrics(find_peaks(image), find_peaks(image), (0, 0))
    assert empty["matched"] == 0
    assert empty["mean_distance_px"] is None
    assert empty["matched_share"] is None


def test_a_nan_beside_a_peak_does_not_hide_it() -> None:
    image = image_of(SPOTS)
    image[21, 30] = np.nan
    image[0, 0] = np.inf
    found = find_peaks(image, percentile=99.0)
    np.testing.assert_allclose(found.position[0], (20, 30), atol=0.6)
    assert np.isfinite(found.position).all()


def test_a_shift_is_measured() -> None:
    moved = [(s + 0.0, f + 1.0, h) for s, f, h in SPOTS]
    a, b = find_peaks(image_of(SPOTS), 99.0), find_peaks(image_of(moved), 99.0)
    metrics = peak_metrics(a, b, (1000, 2000))
    assert metrics["matched"] == 4
    assert metrics["mean_distance_px"] == pytest.approx(1.0, abs=0.02)
    assert metrics["pairs"][0]["a"] == pytest.approx([1020, 2030], abs=0.01)


def test_out_of_reach_is_no_pair() -> None:
    a = Peaks(np.array([[0.0, 0.0], [50.0, 50.0]]), np.ones(2))
    b = Peaks(np.array([[0.0, 10.5], [50.0, 53.0]]), np.ones(2))
    pairs = pair_peaks(a, b)
    assert list(zip(pairs.a, pairs.b, strict=True)) == [(1, 1)]


def test_pairing_is_optimal_not_greedy() -> None:
    """Taking the nearest first would leave the second peak without a partner."""
    a = Peaks(np.array([[0.0, 0.0], [0.0, 8.0]]), np.ones(2))
    b = Peaks(np.array([[0.0, 5.0], [0.0, 17.0]]), np.ones(2))
    assert list(pair_peaks(a, b).distance) == [5.0, 9.0]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), unique=True, max_size=12), st.randoms())
def test_any_order_pairs_with_itself(points: list[tuple[int, int]], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(points)
    random.shuffle(shuffled)
    a, b = (Peaks(np.array(p, float).reshape(-1, 2), np.ones(len(p))) for p in (points, shuffled))
    pairs = pair_peaks(a, b)
    assert len(pairs.distance) == len(points)
    assert not pairs.distance.sum() > 0

"""Medians, quartiles, ratios and fits, by hand."""

import pytest

from evidence.bench.stats import power, ratio, summary


def test_summary_of_five() -> None:
    found = summary([5.0, 1.0, 2.0, 4.0, 3.0])
    assert found == {"median": 3.0, "q1": 2.0, "q3": 4.0, "iqr": 2.0, "least": 1.0, "most": 5.0, "count": 5}


def test_nothing_measured_is_none_not_zero() -> None:
    assert summary([])["median"] is None
    assert summary([])["count"] == 0


def test_ratio_is_of_medians_and_its_quartiles_of_rounds() -> None:
    found = ratio([10.0, 12.0, 14.0], [1.0, 2.0, 3.5])
    assert found["ratio"] == 6.0
    assert (found["q1"], found["q3"]) == (5.0, 8.0)  # 10, 6, 4


@pytest.mark.parametrize(("slow", "fast"), [([], [1.0]), ([1.0], []), ([1.0], [0.0]), ([-1.0], [1.0])])
def test_no_ratio_without_positive_times(slow: list[float], fast: list[float]) -> None:
    assert ratio(slow, fast)["ratio"] is None


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_fit_finds_the_exponent(exponent: float) -> None:
    work = [1e2, 1e3, 1e4]
    found = power(work, [3e-7 * x**exponent for x in work])
    assert found["exponent"] == pytest.approx(exponent, abs=1e-12)
    assert found["factor"] == pytest.approx(3e-7, rel=1e-9)
    assert found["decades"] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("work", "seconds"), [([1e3], [1.0]), ([1e3, 1e4], [1.0, -1.0]), ([1e3, 1e3], [1.0, 2.0])]
)
def test_no_fit_through_too_little(work: list[float], seconds: list[float]) -> None:
    assert power(work, seconds)["exponent"] is None

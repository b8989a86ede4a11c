"""How numbers are written; a number without its source is not written at all."""

import pytest

from evidence.report import formats
from evidence.report.sourced import MissingNumberError, Real, Whole, sourced


@pytest.mark.parametrize(("value", "expected"), [
    (0.0, "0"), (1.0, "1"), (1 - 2.2e-16, "1 − 2.2e-16"), (1 + 3.5e-8, "1 + 3.5e-08"), (0.9995, "0.9995"),
    (123456.789, "123457"), (-2.5e-13, "-2.5e-13"), (7, "7"),
])  # fmt: skip
def test_numbers(value: float, expected: str) -> None:
    assert formats.number_text(value) == expected


@pytest.mark.parametrize(("value", "expected"), [
    (1.0, "100 %"), (0.0, "0 %"), (0.998, "99.8 %"), (0.99999999, "99.999999 %"), (1 - 1e-15, "99.9999 %"),
])  # fmt: skip
def test_a_share_is_never_rounded_up_to_all(value: float, expected: str) -> None:
    assert formats.share_text(Real(value, "x")) == expected


@pytest.mark.parametrize(("value", "expected"), [
    (0.0123, "12 ms"), (1.25, "1.2 s"), (89.96, "90.0 s"), (125.0, "2 min 05 s"), (3600.0, "60 min 00 s"),
])  # fmt: skip
def test_durations(value: float, expected: str) -> None:
    assert formats.duration_text(Real(value, "x")) == expected


def test_sizes() -> None:
    assert formats.size_text(Whole(512, "x")) == "512 B"
    assert formats.size_text(Whole(25_000_000, "x")) == "23.8 MiB"


@pytest.mark.parametrize("value", [None, "3", float("nan"), float("inf"), True, 3.0])
def test_what_has_no_source_or_is_no_number_is_refused(value: object) -> None:
    """3.0 is a number, but from nowhere."""
    with pytest.raises(MissingNumberError):
        formats.html(value)


def test_a_sourced_nan_is_refused() -> None:
    with pytest.raises(MissingNumberError, match="finite"):
        formats.html(Real(float("nan"), "x"))


def test_numbers_remember_their_place() -> None:
    tree = sourced({"a/b": [1.5, {"n": 2, "flag": True, "none": None}]}, "file.json#")
    assert tree["a/b"][0].src == "file.json#/a~1b/0"
    assert tree["a/b"][1]["n"].src == "file.json#/a~1b/1/n"
    assert tree["a/b"][1]["flag"] is True
    assert tree["a/b"][1]["none"] is None
    element = '<data value="1.5" data-src="file.json#/a~1b/0">1.5</data>'
    assert str(formats.html(tree["a/b"][0])) == element


def test_markdown_cells_stay_in_their_column() -> None:
    assert formats.cell("a|b\nc") == "a\\|b c"


@pytest.mark.parametrize(("comparison", "measured", "goal", "reached", "text"), [
    ("<=", 2e-13, 1e-12, True, "≤ 1e-12"), ("<=", 2e-12, 1e-12, False, "≤ 1e-12"),
    (">=", 0.9995, 0.999, True, "≥ 0.999"), (">=", 0.99, 0.999, False, "≥ 0.999"),
    ("range", 1 + 1e-8, 1e-7, True, "1 ± 1e-07"), ("range", 1 - 1e-6, 1e-7, False, "1 ± 1e-07"),
    ("<=", None, 1e-12, None, "≤ 1e-12"), ("<=", float("nan"), 1e-12, False, "≤ 1e-12"),
])  # fmt: skip
def test_goals(comparison: str, measured: float | None, goal: float, reached: bool | None, text: str) -> None:
    """A goal of a range is the distance from 1; what is not a number reaches no goal."""
    check = {"comparison": comparison, "measured": measured, "goal": Real(goal, "x")}
    assert formats.reached_goal(check) is reached
    assert formats.goal_text(check) == text
    assert formats.goal_text({**check, "goal": None}) == ""

"""sincg in high precision and the lookup of reflections, against values known without them."""

import math
from pathlib import Path

import pytest

from evidence.errors import InputError
from evidence.phases import audit


@pytest.mark.parametrize(
    ("h", "n", "value"),
    [
        (0.5, 2, 0.0),
        (0.5, 3, -1.0),
        (0.25, 2, math.sqrt(2)),
        (1 / 6, 3, 2.0),  # sin(pi/2)/sin(pi/6), but for the rounding of 1/6
        (0.3, 1, 1.0),
    ],
)
def test_sincg_closed_forms(h: float, n: int, value: float) -> None:
    assert float(audit.sincg(h, n)) == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize("n", [1, 2, 5, 36])
@pytest.mark.parametrize("h", [-14, -3, 0, 1, 2, 7])
def test_sincg_at_whole_numbers_is_its_limit(h: int, n: int) -> None:
    """At h the limit from the side: N times the sign that a point nearby has."""
    assert float(audit.sincg(float(h), n)) == pytest.approx(float(audit.sincg(h + 1e-9, n)), rel=1e-12)
    assert abs(float(audit.sincg(float(h), n))) == n


def test_sincg_error_measures_the_engine_not_the_number_format() -> None:
    """README "Known figures": h and F_latt_a of slow 685, fast 1039."""
    h, value = -6.8795206024501, -2.36012735995387
    assert audit.sincg_error(h, 36, value) < 1e-11
    assert audit.sincg_error(h, 36, -value) == pytest.approx(2.0)
    assert audit.sincg_error(h, 36, value * (1 + 1e-6)) == pytest.approx(1e-6, rel=1e-4)
    assert math.isnan(audit.sincg_error(h, 36, math.nan))
    assert math.isnan(audit.sincg_error(math.inf, 36, 1.0))


def test_reflections_and_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.hkl"
    path.write_text("# h k l F\n\n1 2 3 4.5\n-1 0 0 2e1 # twice\n-1 0 0 21\n", encoding="utf-8")
    found = audit.read_reflections(path)
    assert found == {(1, 2, 3): (3, 4.5), (-1, 0, 0): (5, 21.0)}
    assert audit.expected_factor(found, (-1, 0, 0), 7.0) == (5, 21.0)
    assert audit.expected_factor(found, (9, 9, 9), 7.0) == (None, 7.0)


@pytest.mark.parametrize("line", ["1 2 x 4", "1 2 3", "1.5 2 3 4"])
def test_malformed_reflection_names_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.hkl"
    path.write_text(f"1 2 3 4\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 2: expected 'h k l F'"):
        audit.read_reflections(path)

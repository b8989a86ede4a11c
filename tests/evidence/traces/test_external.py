"""Logs of external programs: their names, units and digits, against the golden taps."""

import json
import math
from pathlib import Path

import pytest

from evidence.errors import InputError
from evidence.traces import external
from evidence.traces.divergence import compare
from evidence.traces.pixel_trace import Entry, PixelTrace
from evidence.traces.tracing import read_any
from tests.helpers.places import GOLDEN

STOCK = (GOLDEN / "stock_stdout.txt").read_text()
INSTRUMENTED = (GOLDEN / "instrumented_stdout.txt").read_text()


def golden_trace() -> PixelTrace:
    """The taps of the triclinic case as the golden file has them: the pixel the stock sample shows."""
    taps = json.loads((GOLDEN / "traces.json").read_text())
    case = next(found for found in taps if found["case"] == "triclinic_misset")
    entries = []
    for name, value in case["trace"].items():
        tap = external.RENAMED.get(name, name)
        if tap in external.TAPS:
            entries.append(Entry(tap, tuple(value) if isinstance(value, list) else (value,)))
    entries.sort(key=lambda entry: external.ORDER[entry.tap])
    printed = {entry.tap for entry in entries}
    absent = {name: "not in the golden file" for name in external.TAPS if name not in printed}
    return PixelTrace((case["slow"], case["fast"]), tuple(entries), absent)


def values(trace: PixelTrace, tap: str) -> tuple[float, ...]:
    return next(entry.values for entry in trace.entries if entry.tap == tap)


def test_stock_agrees_with_the_golden_taps_to_its_digits() -> None:
    found = compare(external.read_stock(STOCK), golden_trace(), rtol=0.0)
    assert found.pixel == (40, 52)
    assert found.ok, found.first_divergence
    compared = {row.tap for row in found.rows}
    assert {
        "hkl_frac",
        "hkl_rounded",
        "F_latt",
        "F_cell",
        "I_before_scaling",
        "polar",
        "omega_pixel",
    } <= compared
    assert {"pixel_pos_meters", "I_pixel_final", "capture_fraction", "steps", "fdet_vec"} <= compared


@pytest.mark.parametrize(
    ("old", "new", "tap"),
    [
        ("hkl= -0.490033", "hkl= -0.490035", "hkl_frac"),
        ("hkl0= 0 1 0", "hkl0= 0 1 1", "hkl_rounded"),
        ("F_latt=0.013954", "F_latt=-0.013954", "F_latt"),
        ("polar      0.9998310571", "polar      0.9998310573", "polar"),
        ("1 phi steps from", "2 phi steps from", "I_before_scaling"),
        ("omega   3.997972856e-06", "omega   nan", "omega_pixel"),
        ("wave=1e-10", "wave=1.00001e-10", "lambda_meters"),
    ],
)
def test_a_wrong_digit_of_stock_is_found(old: str, new: str, tap: str) -> None:
    assert old in STOCK
    found = compare(external.read_stock(STOCK.replace(old, new)), golden_trace(), rtol=0.0)
    assert found.first_divergence is not None
    assert found.first_divergence["tap"] == tap


def test_stock_steps_count_every_loop() -> None:
    many = STOCK.replace("  1 sources", "  3 sources").replace("1x1 pixel", "2x2 pixel")
    many = many.replace("  1 mosaic domains over", "  5 mosaic domains over").replace(
        "  1 phi steps", "  7 phi steps"
    )
    trace = external.read_stock(many)
    assert values(trace, "steps") == (3 * 5 * 7 * 4,)
    assert values(trace, "I_before_scaling") == (1.94713989 * 420,)


def test_stock_prints_the_cell() -> None:
    trace = external.read_stock(STOCK)
    assert values(trace, "cell_b_angstroms") == (23.96376758, 69.17113617, 32.26595364)
    assert values(trace, "cell_a_star_A_inv") == (0.01334907, -0.00229379, -0.00499691)
    assert values(trace, "V_cell_A3") == (481811,)
    assert "does not print" in trace.absent["obliquity_factor"]
    assert "phi_rot_a_angstroms" in trace.absent


def test_instrumented_names_units_and_digits() -> None:
    trace = external.read_instrumented(INSTRUMENTED)
    assert trace.pixel == (40, 52)
    assert values(trace, "scattering_vec_m_inv") == (-1689571.70563533, 169971277.281004, 69988172.9980606)
    assert "lambda_angstroms" not in {entry.tap for entry in trace.entries}
    assert values(trace, "odet_vec") == (1, 0, 0)
    assert "phi_deg" in trace.absent
    # The same pixel with a reflection list in place of default_F: all but F_cell and what follows agree.
    found = compare(trace, golden_trace(), rtol=0.0)
    assert {row.tap for row in found.rows if not row.ok} == {"F_cell", "I_before_scaling", "I_pixel_final"}


def test_logs_are_told_apart(tmp_path: Path) -> None:
    for name, text in (("stock", STOCK), ("instrumented", INSTRUMENTED)):
        (tmp_path / name).write_text(text)
        assert read_any(tmp_path / name)[0].pixel == (40, 52)
    with pytest.raises(InputError, match="No such file"):
        read_any(tmp_path / "none")


def test_a_log_without_its_block_is_refused() -> None:
    with pytest.raises(InputError, match="-printout_pixel prints"):
        external.read_stock(STOCK.replace(" : stol = ", " : "))
    with pytest.raises(InputError, match="TRACE_CONFIG"):
        external.read_instrumented(INSTRUMENTED.replace("TRACE_CONFIG", "CONFIG"))


def test_rounding() -> None:
    assert external.significant(6)(123456.0) == pytest.approx(0.5, rel=1e-5)
    assert external.significant(6)(1e-10) == pytest.approx(5e-16, rel=1e-5)
    assert external.significant(6)(0.0) == 0.0
    assert external.decimals(3)(math.pi) == pytest.approx(5e-4, rel=1e-5)

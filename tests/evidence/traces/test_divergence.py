"""Trace comparison: equal traces agree, and every fault is found, at its first place, with its function."""

import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import InputError
from evidence.traces.divergence import TraceComparison, compare, ulps
from evidence.traces.log import parse
from evidence.traces.pixel_trace import Entry, PixelTrace
from evidence.traces.taps import CELL, PHI, PIXEL, TAPS, twin
from tests.helpers.places import ROOT


def log(prefix: str = "TRACE_C", phis: int = 2, square: bool = True) -> list[str]:
    """A whole log of one pixel with made-up numbers."""
    lines = [line(prefix, tap.name, tap.count) for tap in CELL]
    lines.append(f"{prefix}: trace_pixel 685 1039")
    lines += [line(prefix, tap.name, tap.count) for tap in PIXEL if square or not tap.square_only]
    for k in range(phis):
        lines.append(f"{prefix}: phi_tic {k}")
        lines += [line(prefix, tap.name, tap.count, k) for tap in PHI if square or not tap.square_only]
    return lines


def line(prefix: str, name: str, count: int, k: int = 0) -> str:
    values = [math.sin(sum(name.encode()) + 3 * i + k) * 10.0 ** (len(name) % 7 - 3) for i in range(count)]
    return f"{prefix}: {name} " + " ".join(f"{v:.17g}" for v in values)


def one(lines: list[str]) -> PixelTrace:
    traces = parse("\n".join(["nanoBragg says hello", *lines, "the end"]))
    assert len(traces) == 1
    return traces[0]


def altered(lines: list[str], start: str, new: str | None) -> list[str]:
    """The log with the first line that starts so replaced (None: left out)."""
    at = next(i for i, text in enumerate(lines) if text.startswith(start))
    return [*lines[:at], *([new] if new is not None else []), *lines[at + 1 :]]


def first(found: TraceComparison) -> dict[str, object]:
    assert not found.ok
    assert found.first_divergence is not None
    json.dumps(found.to_dict(), allow_nan=False)
    return found.first_divergence


@pytest.mark.parametrize("square", [True, False])
def test_equal_traces_agree(square: bool) -> None:
    found = compare(one(log("TRACE_C", 3, square)), one(log("TRACE_PY", 3, square)), rtol=0.0)
    assert found.ok
    assert found.pixel == (685, 1039)
    count = sum(tap.count for tap in CELL + PIXEL + PHI * 3 if square or not tap.square_only)
    assert found.to_dict()["compared"] == len(found.rows) == count
    assert all(row.ulp == 0 for row in found.rows)


def test_every_tap_is_watched() -> None:
    """A wrong sign of any one number is found, at that tap and no other."""
    for number, text in enumerate(log()):
        if "phi_tic" in text or "trace_pixel" in text:
            continue
        head, name, *values = text.split()
        for i, value in enumerate(values):
            wrong = [*values[:i], f"{-float(value):.17g}", *values[i + 1 :]]
            lines = log()
            lines[number] = " ".join([head, name, *wrong])
            found = first(compare(one(log()), one(lines)))
            assert found["tap"] == name
            assert found["component"] == (i if len(values) > 1 else None)
            assert str(found["function"]).startswith("simulator/")


def test_every_missing_tap_is_a_divergence() -> None:
    for tap in CELL + PIXEL + PHI:
        short = altered(log(), f"TRACE_C: {tap.name} ", None)
        for c, py in ((one(log()), one(short)), (one(short), one(log()))):
            found = compare(c, py)
            assert first(found)["tap"] == tap.name
            assert len(found.missing_c) + len(found.missing_py) == 1


def test_a_tap_that_both_lack_is_missing() -> None:
    short = altered(log(), "TRACE_C: polar ", None)
    found = compare(one(short), one(short))
    assert first(found)["tap"] == "polar"
    assert found.missing_c == found.missing_py == ["polar"]


def test_traces_without_phi_steps_are_not_whole() -> None:
    found = compare(one(log(phis=0)), one(log(phis=0)))
    assert first(found)["tap"] == "phi_deg"


def test_a_missing_phi_step() -> None:
    found = first(compare(one(log(phis=3)), one(log(phis=2))))
    assert (found["phi_tic"], found["tap"]) == (2, "phi_deg")


@pytest.mark.parametrize("word", ["nan", "inf", "-nan"])
def test_what_is_not_finite_fails_even_against_itself(word: str) -> None:
    lines = altered(log(), "TRACE_C: F_latt ", f"TRACE_C: F_latt {word}")
    assert first(compare(one(lines), one(lines), rtol=1e9, atol=1e300))["tap"] == "F_latt"


def test_swapped_terms_are_named() -> None:
    """b and c exchanged: the first of the two is named, with its function on either side."""
    texts = {text.split()[1]: text for text in log()}
    lines = altered(log(), "TRACE_C: rot_b_ang", texts["rot_c_angstroms"].replace("rot_c", "rot_b"))
    lines = altered(lines, "TRACE_C: rot_c_ang", texts["rot_b_angstroms"].replace("rot_b", "rot_c"))
    lines = altered(lines, "TRACE_C: hkl_frac", "TRACE_C: hkl_frac 9 9 9")
    found = first(compare(one(log()), one(lines)))
    assert found["tap"] in ("rot_b_angstroms", "rot_c_angstroms")
    assert "rotations.py:phi_rotations | simulator/reference/physics/rotations.c" in str(found["function"])


def test_the_order_is_checked() -> None:
    lines = log()
    i = next(i for i, text in enumerate(lines) if "polar" in text)
    lines[i], lines[i + 1] = lines[i + 1], lines[i]
    assert first(compare(one(log()), one(lines)))["reason"] == "out of order"
    assert first(compare(one(lines), one(lines)))["reason"] == "out of order"


def test_other_pixel_and_other_length() -> None:
    other = altered(log(), "TRACE_C: trace_pixel", "TRACE_C: trace_pixel 684 1039")
    assert "684" in str(first(compare(one(log()), one(other)))["reason"])
    short = altered(log(), "TRACE_C: hkl_frac", line("TRACE_C", "hkl_frac", 2))
    assert first(compare(one(log()), one(short)))["tap"] == "hkl_frac"


def test_tolerance_is_relative_to_the_reference() -> None:
    a, b = (PixelTrace(None, (Entry("polar", (v,)),)) for v in (1.0, 1.0 + 1e-6))
    assert compare(a, b, rtol=1.1e-6).ok
    assert not compare(a, b, rtol=0.9e-6).ok
    assert compare(a, b, rtol=0, atol=1.1e-6).ok
    zero, tiny = (PixelTrace(None, (Entry("polar", (v,)),)) for v in (0.0, 1e-300))
    assert not compare(zero, tiny, rtol=0.5).ok
    assert not compare(a, b, rtol=float("nan")).ok


def test_nothing_to_compare_is_no_agreement() -> None:
    empty = PixelTrace(None, ())
    assert first(compare(empty, empty))["reason"] == "nothing to compare"


def test_absent_taps_are_listed_not_missed() -> None:
    short = one(altered(log(), "TRACE_C: odet_vec", None))
    found = compare(replace(short, absent={"odet_vec": "not printed"}), one(log()))
    assert found.ok
    assert found.not_compared == {"odet_vec": "not printed"}


def test_slack_is_what_the_digits_leave_open() -> None:
    c = PixelTrace(None, (Entry("polar", (0.9998,), None, (5e-5,)),))
    assert compare(c, PixelTrace(None, (Entry("polar", (0.99984,)),)), rtol=0).ok
    assert not compare(c, PixelTrace(None, (Entry("polar", (0.99986,)),)), rtol=0).ok


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no trace at all", "expected lines that start with"),
        ("TRACE_C: F_latt", "expected TRACE_C: NAME VALUE"),
        ("TRACE_C: F_latt 1.0 x", "expected numbers after F_latt"),
        ("TRACE_C: trace_pixel 1.5 2", "expected trace_pixel SLOW FAST"),
        ("TRACE_C: trace_pixel 1 2\nTRACE_C: polar 1\nTRACE_C: polar 1", "polar once"),
        ("TRACE_C: trace_pixel 1 2\nTRACE_C: polar 1\nTRACE_C: trace_pixel 1 2", "each pixel once"),
        ("TRACE_C: phi_tic -1", "expected phi_tic K"),
    ],
)
def test_malformed_logs(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text)


def test_several_pixels_share_the_cell() -> None:
    lines = log()
    cells = len(CELL)
    more = [text.replace("685 1039", "684 1040") for text in lines[cells:]]
    traces = parse("\n".join(lines + more))
    assert [trace.pixel for trace in traces] == [(685, 1039), (684, 1040)]
    assert all(trace.entries[0].tap == "cell_a_star_A_inv" for trace in traces)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 50))
def test_ulps_counts_steps(start: float, steps: int) -> None:
    value = start
    for _ in range(steps):
        value = math.nextafter(value, math.inf)
    if math.isfinite(value):
        assert ulps(start, value) == ulps(value, start) == steps


def test_ulps_of_zeros_and_nan() -> None:
    assert ulps(-0.0, 0.0) == 0
    assert ulps(-5e-324, 5e-324) == 2
    assert ulps(math.nan, 1.0) is None


def test_every_tap_has_a_twin() -> None:
    """The function that a divergence names is there in both engines (C: or inline in the header)."""
    root = ROOT
    header = (root / "simulator/reference/engine.h").read_text()
    for name in TAPS:
        for place, pattern in zip(twin(name).split(" | "), (r"^def {}\(", r"^\w[\w \*]*\b{}\("), strict=True):
            path, _, function = place.partition(":")
            text = (root / path).read_text() + (header if path.endswith(".c") else "")
            assert re.search(pattern.format(function), text, re.MULTILINE), f"{name}: {place}"


def test_a_crystal_that_is_not_square_has_another_twin() -> None:
    lines = altered(log(square=False), "TRACE_C: F_latt ", "TRACE_C: F_latt 7")
    found = first(compare(one(log(square=False)), one(lines)))
    assert "lattice.c:lattice_round, lattice_gauss or lattice_tophat" in str(found["function"])

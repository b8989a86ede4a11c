"""Traces of both engines, tap by tap: the same names in the same order, the same numbers."""

import math

import pytest

from tests.helpers.engine import read_cases
from tests.twins.conftest import Pair

TOLERANCE = 1e-10  # of the largest component of a tap
NAMES = (
    "supervisor_roi",
    "triclinic_mixedN",
    "hkl_tricubic_latch",
    "mat_and_cell",
    "oversample_auto",
    "phi0_carryover",
    "phi_negative_cross0",
    "mosaic_phi",
    "round_fudge",
    "gauss_phi_mosaic",
    "tophat",
    "sourcefile_xds",
    "polar_over",
    "thick_over",
    "curved_det",
    "tilted_xds_twotheta",
    "misset_random",
    "everything",
    "img_and_mask",
)
CASES = read_cases()
Line = tuple[str, list[float]]


def read_trace(text: str, prefix: str) -> list[Line]:
    """Taps in their order."""
    words = [line.split()[1:] for line in text.splitlines() if line.startswith(f"{prefix}: ")]
    return [(name, [float(value) for value in values]) for name, *values in words]


def apart(c: list[Line], py: list[Line]) -> list[str]:
    """What differs: a name, a count, or a number by more than the tolerance. NaN is never close."""
    if [name for name, _ in c] != [name for name, _ in py]:
        return ["other taps, or another order"]
    found = []
    for (name, theirs), (_, ours) in zip(c, py, strict=True):
        largest = max(abs(value) for value in theirs)
        close = len(theirs) == len(ours) and all(
            abs(a - b) <= TOLERANCE * largest for a, b in zip(theirs, ours, strict=True)
        )
        if not close:
            found.append(f"{name}: {theirs} and {ours}")
    return found


@pytest.mark.parametrize("mode", ["c-parity", "spec"])
@pytest.mark.parametrize("name", NAMES)
def test_traces_agree(name: str, mode: str, pair: Pair) -> None:
    """The pixel that opens the image, and one in the middle of what is rendered."""
    case = CASES[name]
    window = case.get("stored_window", {"slow": [0, case["shape"][0]], "fast": [0, case["shape"][1]]})
    (s0, s1), (f0, f1) = window["slow"], window["fast"]
    pixels = f"-trace_pixel {s0} {f0} -trace_pixel {(s0 + s1) // 2} {(f0 + f1) // 2}"
    both = pair(f"{case['args']} {pixels} --mode {mode} --trace-only")
    assert (both.c.status, both.py.status, both.py.err) == (0, 0, both.c.err)
    c, py = read_trace(both.c.out, "TRACE_C"), read_trace(both.py.out, "TRACE_PY")
    assert [name for name, _ in c].count("trace_pixel") == 2
    assert len(c) > 90
    assert apart(c, py) == []


def test_comparison_can_fail() -> None:
    """A number off, NaN, a component or a tap missing, taps exchanged."""
    trace: list[Line] = [("F_cell", [3.0]), ("hkl_frac", [1.0, 2.0, 1e-30])]
    assert apart(trace, trace) == []
    for changed in (
        [("F_cell", [3.0]), ("hkl_frac", [1.0, 2.0 + 1e-9, 1e-30])],
        [("F_cell", [math.nan]), ("hkl_frac", [1.0, 2.0, 1e-30])],
        [("F_cell", [3.0]), ("hkl_frac", [1.0, 2.0])],
        trace[:1],
        trace[::-1],
        [],
    ):
        assert apart(trace, changed) != []
        assert apart(changed, trace) != []

"""Taps of the C engine. Oracles: tests/golden/traces.json and README "Known figures"."""

import json
import math

import pytest

from tests.helpers.engine import Run
from tests.helpers.places import GOLDEN

TRACES = json.loads((GOLDEN / "traces.json").read_text())
# what the instrumented build calls otherwise, or prints of its own accord
RENAMED = {"scattering_vec_A_inv": "scattering_vec_m_inv"}
THEIRS = {
    "lambda_angstroms",
    "r_e_meters",
    "oversample_thick",
    "oversample_polar",
    "oversample_omega",
    "floatimage_accumulated",
}


def read_trace(text: str) -> dict[str, list[float]]:
    """First value of every tap."""
    taps: dict[str, list[float]] = {}
    for line in text.splitlines():
        if line.startswith("TRACE_C: "):
            name, *values = line.split()[1:]
            taps.setdefault(name, [float(value) for value in values])
    return taps


def close(ours: list[float], theirs: list[float]) -> bool:
    """Within 1e-10 of the tap's largest component; NaN is never close."""
    largest = max(abs(value) for value in theirs)
    return len(ours) == len(theirs) and all(
        abs(a - b) <= 1e-10 * largest for a, b in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize("trace", TRACES, ids=lambda t: f"{t['case']}-{t['slow']}-{t['fast']}")
def test_taps(trace: dict[str, object], run: Run) -> None:
    """All taps of an instrumented nanoBragg within 1e-10."""
    pixel = ["-trace_pixel", str(trace["slow"]), str(trace["fast"])]
    ours = read_trace(run([*str(trace["args"]).split(), *pixel, "--trace-only"]).stdout)
    theirs = trace["trace"]
    assert isinstance(theirs, dict)
    compared = 0
    for name, expected in theirs.items():
        if name in THEIRS:
            continue
        values = expected if isinstance(expected, list) else [expected]
        found = ours[RENAMED.get(name, name)]
        assert close(found, values), (name, found, values)
        compared += len(values)
    assert compared >= 50


SUPERVISOR = next(t["args"] for t in TRACES if t["case"] == "supervisor")


def test_acceptance_figures(run: Run) -> None:
    """README "Known figures": the supervisor's pixel (685, 1039)."""
    taps = read_trace(run(f"{SUPERVISOR} -trace_pixel 685 1039 --trace-only").stdout)
    expected = [-6.8795206024501, -0.607255839576692, -13.766298525469]
    assert all(abs(a - b) <= 1e-10 for a, b in zip(taps["hkl_frac"], expected, strict=True))
    assert math.isclose(taps["F_latt"][0], -2.38319665299058, rel_tol=1e-9)
    assert math.isclose(taps["I_before_scaling"][0], 943654.80923755, rel_tol=1e-9)
    assert math.isclose(taps["I_pixel_final"][0], 2.88139542684698e-07, rel_tol=1e-9)


def test_spec_starts_unrotated(run: Run) -> None:
    """Spec: phi = 0 means no rotation; c-parity: the first step has the last one's orientation."""
    blocks = {}
    for mode in ("c-parity", "spec"):
        text = run(f"{SUPERVISOR} -trace_pixel 685 1039 --trace-only --mode {mode}").stdout
        lines = [line.split()[1:] for line in text.splitlines()]
        cell = next(line[1:] for line in lines if line[0] == "cell_b_angstroms")
        steps = [line[1:] for line in lines if line[0] == "phi_rot_b_angstroms"]
        blocks[mode] = [list(map(float, values)) for values in (cell, *steps)]
    assert len(blocks["spec"]) == 11
    assert all(abs(a - b) < 1e-12 for a, b in zip(blocks["spec"][0], blocks["spec"][1], strict=True))
    assert blocks["c-parity"][1] == blocks["c-parity"][10]
    assert blocks["c-parity"][1] != blocks["spec"][1]
    assert blocks["c-parity"][2:] == blocks["spec"][2:]


def test_trace_is_the_image(run: Run) -> None:
    """The first pixel's trace knows that it opens the image, and several pixels may be traced."""
    case = "-cell 60 70 80 85 95 100 -default_F 100 -N 9 -detpixels 4 -osc 0.9 -phisteps 3"
    text = run(f"{case} -trace_pixel 0 0 -trace_pixel 0 1 --trace-only").stdout
    turned = [line.split()[2:] for line in text.splitlines() if " phi_rot_b_angstroms " in line]
    assert text.count("TRACE_C: trace_pixel") == 2
    assert text.count("TRACE_C: V_cell_A3") == 1
    assert turned[0] != turned[2]
    assert turned[3] == turned[5]

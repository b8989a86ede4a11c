"""Verdicts at a terminal: what passes, the verdict, what does not and its number, the leads."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from evidence import gates
from evidence.commands import show
from tests.helpers.checks import check


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle in which one check fails and one was not made."""
    made = tmp_path / "demo" / "20261120T080000Z"
    checks = {
        "K": [check("VG-0", "hkl", 1e-14, "<=", {"accept": 5e-4})],
        "N": [
            check("VG-3", "correlation", 0.91, ">=", {"accept": 0.9995}, reason="slow 3: 2 against 1"),
            check("VG-4", "peak_distance_px", None, "<=", {"accept": 1.0}, "px", reason="no pair of 0 peaks"),
        ],
    }
    phases: dict[str, Any] = {letter: {"checks": listed} for letter, listed in checks.items()}
    made.mkdir(parents=True)
    judged = gates.assemble("demo", made.name, phases)
    (made / "gates.json").write_text(json.dumps(judged), encoding="utf-8")
    return made


def said(bundle: Path) -> list[str]:
    out = io.StringIO()
    assert show.gates(bundle, out) is False
    return out.getvalue().splitlines()


def test_the_last_lines_are_the_verdict_and_what_it_hangs_on(bundle: Path) -> None:
    lines = said(bundle)
    assert lines[0] == "  VG-0  pass     Base lattice and scaling chain"
    assert lines[1] == f"fail: demo/20261120T080000Z, 1 of {len(gates.GATES)} gates pass"
    told = "correlation: 0.91, accepted >= 0.9995; slow 3: 2 against 1"
    assert f"  VG-3  fail     Region of interest: intensities: {told}" in lines[2:-2]
    pair = "mean distance of paired peaks: no pair of 0 peaks"
    assert f"  VG-4  blocked  Region of interest: peak positions: {pair}" in lines[2:-2]
    assert lines[-2] == f"report: {bundle / 'report.html'}"
    assert lines[-1] == "next:   snakemake phase_l --config case=demo"  # the first gate that does not pass


def test_each_gate_is_said_once(bundle: Path) -> None:
    lines = said(bundle)
    assert sorted(line.split()[0] for line in lines if line.startswith("  VG-")) == [
        g.id for g in gates.GATES
    ]


def test_a_phase_says_its_checks(tmp_path: Path) -> None:
    checks = [
        check("VG-0", "hkl", 1.0, "<=", {"accept": 5e-4}),
        check("VG-0", "factor_ratio", 1.0, "range", {"accept": [0.99, 1.01]}),
    ]
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps({"phase": "K", "case": "demo", "status": "fail", "checks": checks}))
    out = io.StringIO()
    assert show.phase(path, out) is False
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("  VG-0  pass     factor_ratio")
    assert lines[1] == "fail: 1 of 2 checks pass"
    assert lines[2].startswith("  VG-0  fail     hkl ")
    assert lines[-1] == "next:   snakemake phase_k --config case=demo"

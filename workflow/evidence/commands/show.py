"""Verdicts for the terminal: what passes, the verdict, what does not pass, where to go next."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from evidence.gates import Check
from evidence.records import Record


def gates(bundle: Path, out: TextIO) -> bool:
    """One line a gate; True if all pass."""
    judged = _read(bundle / "gates.json")
    rows, name = judged["gates"], f"{bundle.parent.name}/{bundle.name}"
    lines = [f"  {gate['id']}  {gate['status']:8} {gate['title']}" for gate in rows]
    wrong = [gate for gate in rows if gate["status"] != "pass"]
    passed = [line for line, gate in zip(lines, rows, strict=True) if gate["status"] == "pass"]
    told = [
        f"{line}: {gate['reason']}"
        for line, gate in zip(lines, rows, strict=True)
        if gate["status"] != "pass"
    ]
    count = f"{len(passed)} of {len(rows)} gates pass"
    after = wrong[0]["command"] if wrong else f"braggproof open {bundle.name} --case {bundle.parent.name}"
    return _close(
        passed,
        judged["verdict"],
        f"{name}, {count}",
        told,
        {"report": bundle / "report.html", "next": after},
        out,
    )


def benchmark(bundle: Path, out: TextIO) -> bool:
    """One line a target; True if all are met, or if it was a smoke run that ended well."""
    judged, found = _read(bundle / "gates.json"), _read(bundle / "benchmark.json")
    rows = [*found["frame"]["contenders"], *found["memory"], *found["tasks"], *found["cuda"]["contenders"]]
    failed = [
        f"  failed: {row['name']}: {row['reason']}" for row in [*rows, *found["features"]] if row["reason"]
    ]
    met = _checks(judged, bundle / "benchmark.html", "snakemake benchmark", out, failed)
    return not failed if found["size"] == "smoke" else met


def promises(bundle: Path, out: TextIO) -> bool:
    """One line a check of a round trip; True if all pass."""
    return _checks(
        _read(bundle / "gates.json"), bundle / "report.html", f"snakemake {bundle.parent.name}", out
    )


def phase(path: Path, out: TextIO) -> bool:
    """One line a check; True if all pass."""
    metrics = _read(path)
    again = f"snakemake phase_{metrics['phase'].lower()} --config case={metrics['case']}"
    passed = metrics["status"] == "pass"
    judged = {"verdict": metrics["status"], "gates": [{"checks": metrics["checks"]}]}
    return _checks(judged, path, f"snakemake parity_{metrics['case']}" if passed else again, out)


def _checks(judged: Record, page: Path, after: str, out: TextIO, more: Sequence[str] = ()) -> bool:
    checks = [check for gate in judged["gates"] for check in gate["checks"]]
    passed = [_check_line(check) for check in checks if check["status"] == "pass"]
    told = [_check_line(check) for check in checks if check["status"] != "pass"] + list(more)
    count = f"{len(passed)} of {len(checks)} checks pass"
    return _close(passed, judged["verdict"], count, told, {"report": page, "next": after}, out)


def _close(
    passed: Sequence[str],
    verdict: str,
    count: str,
    told: Sequence[str],
    leads: dict[str, object],
    out: TextIO,
) -> bool:
    """What passes, the verdict, what does not pass, and the leads; True if the verdict is pass."""
    ends = [f"{name + ':':8}{lead}" for name, lead in leads.items()]
    for line in [*passed, f"{verdict}: {count}", *told, *ends]:
        print(line, flush=True)  # into the log of the job
        print(line, file=out, flush=True)
    return verdict == "pass"


def _check_line(found: Record) -> str:
    check = Check.from_dict(found)
    measured = "none" if check.measured is None else f"{check.measured:.10g}"
    reason = f"  {check.reason}" if check.reason else ""
    unit = "" if check.limit.unit == "1" else f" {check.limit.unit}"
    return f"  {check.gate}  {check.status:8} {check.name:26} {measured}{unit} ({check.limit.text}){reason}"


def _read(path: Path) -> Record:
    found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found

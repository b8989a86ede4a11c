"""Verdicts for the terminal: gates of a bundle, checks of a phase."""

import json
from pathlib import Path
from typing import TextIO

from evidence.gates import Check
from evidence.records import Record


def gates(bundle: Path, out: TextIO) -> bool:
    """One line a gate; True if all pass."""
    judged = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    for gate in judged["gates"]:
        reason = f"  {gate['reason']}" if gate["reason"] else ""
        _say(f"  {gate['id']}  {gate['status']:8} {gate['title']}{reason}", out)
    _say(f"{judged['verdict']}: {bundle / 'report.html'}", out)
    return bool(judged["verdict"] == "pass")


def benchmark(bundle: Path, out: TextIO) -> bool:
    """One line a target; True if all are met, or if it was a smoke run that ended well."""
    judged = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    found = json.loads((bundle / "benchmark.json").read_text(encoding="utf-8"))
    for gate in judged["gates"]:
        for check in gate["checks"]:
            _say("  " + _check_line(check), out)
    rows = [*found["frame"]["contenders"], *found["memory"], *found["tasks"], *found["cuda"]["contenders"]]
    failed = [f"{row['name']}: {row['reason']}" for row in [*rows, *found["features"]] if row["reason"]]
    for reason in failed:
        _say(f"  failed: {reason}", out)
    _say(f"{judged['verdict']}: {bundle / 'benchmark.html'}", out)
    return not failed if found["size"] == "smoke" else bool(judged["verdict"] == "pass")


def promises(bundle: Path, out: TextIO) -> bool:
    """One line a check of a round trip; True if all pass."""
    judged = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    for gate in judged["gates"]:
        for check in gate["checks"]:
            _say("  " + _check_line(check), out)
    _say(f"{judged['verdict']}: {bundle / 'report.html'}", out)
    return bool(judged["verdict"] == "pass")


def phase(path: Path, out: TextIO) -> bool:
    """One line a check; True if all pass."""
    metrics = json.loads(path.read_text(encoding="utf-8"))
    for check in metrics["checks"]:
        _say("  " + _check_line(check), out)
    _say(f"{metrics['status']}: {path}", out)
    return bool(metrics["status"] == "pass")


def _say(text: str, out: TextIO) -> None:
    """To the terminal and, as standard output, to the log."""
    print(text, flush=True)
    print(text, file=out, flush=True)


def _check_line(found: Record) -> str:
    check = Check.from_dict(found)
    measured = "none" if check.measured is None else f"{check.measured:.10g}"
    reason = f"  {check.reason}" if check.reason else ""
    unit = "" if check.limit.unit == "1" else f" {check.limit.unit}"
    return f"{check.gate}  {check.status:8} {check.name:26} {measured}{unit} ({check.limit.text}){reason}"

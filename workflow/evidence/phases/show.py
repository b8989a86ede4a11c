"""Verdicts for the terminal: gates of a bundle, checks of a phase, findings of a verification."""

import json
from pathlib import Path
from typing import Any, TextIO


def gates(bundle: Path, out: TextIO) -> bool:
    """One line a gate; True if all pass."""
    judged = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    for gate in judged["gates"]:
        reason = f"  {gate['reason']}" if gate["reason"] else ""
        print(f"  {gate['id']}  {gate['status']:8} {gate['title']}{reason}", file=out)
    print(f"{judged['verdict']}: {bundle / 'report.html'}", file=out, flush=True)
    return bool(judged["verdict"] == "pass")


def phase(path: Path, out: TextIO) -> bool:
    """One line a check; True if all pass."""
    metrics = json.loads(path.read_text(encoding="utf-8"))
    for check in metrics["checks"]:
        print("  " + _check_line(check), file=out)
    print(f"{metrics['status']}: {path}", file=out, flush=True)
    return bool(metrics["status"] == "pass")


def _check_line(check: dict[str, Any]) -> str:
    measured = "none" if check["measured"] is None else f"{check['measured']:.10g}"
    limit = check["threshold"]
    bound = f"{limit[0]:g} to {limit[1]:g}" if isinstance(limit, list) else f"{check['comparison']} {limit:g}"
    reason = f"  {check['reason']}" if check["reason"] else ""
    unit = "" if check["unit"] == "1" else f" {check['unit']}"
    return f"{check['gate']}  {check['status']:8} {check['name']:26} {measured}{unit} ({bound}){reason}"

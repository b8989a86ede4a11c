"""metrics.json of a phase: what it measured, as checks. Whatever goes wrong becomes a blocked check."""

import math
import traceback
from typing import Any

from evidence import gates
from evidence.errors import MissingError
from evidence.phases.job import Findings, Spec, Work
from evidence.phases.letters import MODULES
from evidence.store import atomic


def measure_phase(work: Work, phase: str) -> dict[str, Any]:
    """Measure, judge, write phase_x/metrics.json and return it."""
    module = MODULES[phase]
    try:
        found = module.measure(work)
    except Exception as problem:  # a comparison that breaks must leave a report, not an aborted run
        traceback.print_exc()
        text = str(problem) if isinstance(problem, MissingError) else f"{type(problem).__name__}: {problem}"
        found = Findings(reasons={spec.name: text for spec in module.CHECKS})
    checks = [_judge(work, spec, found) for spec in module.CHECKS if spec.name not in found.not_applicable]
    metrics = {
        "schema": 1,
        "phase": phase.upper(),
        "case": work.case.name,
        "stamp": work.bundle.name,
        "status": gates.status_of(checks),
        "tables": finite(found.tables),
        "checks": checks,
    }
    atomic.write_json(work.folder(phase) / "metrics.json", metrics)
    print(f"phase {phase.upper()}: {metrics['status']}", flush=True)
    return metrics


def _judge(work: Work, spec: Spec, found: Findings) -> gates.Check:
    limit = work.thresholds[spec.gate][spec.limit] if spec.limit else {"accept": 0.0, "goal": None}
    if not spec.goal:
        limit = {**limit, "goal": None}
    measured, reason = found.measured.get(spec.name), found.reasons.get(spec.name)
    return gates.check(spec.gate, spec.name, measured, spec.comparison, limit, spec.unit, reason)


def finite(value: Any) -> Any:
    """`value` with null for every number that JSON cannot hold."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

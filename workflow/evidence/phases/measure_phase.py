"""metrics.json of a phase: what it measured, as checks. Whatever goes wrong becomes a blocked check."""

import math
import traceback
from dataclasses import replace
from typing import Any

from evidence import gates
from evidence.errors import MissingError
from evidence.limits import Limit
from evidence.phases import outsiders
from evidence.phases.job import CheckSpec, Measurements, PhaseJob
from evidence.phases.letters import module_of
from evidence.records import Record
from evidence.store import atomic


def measure_phase(job: PhaseJob, phase: str) -> Record:
    """Measure, judge, write phase_x/metrics.json and return it."""
    module = module_of(phase)
    try:
        found = module.measure(job)
    except Exception as problem:  # a comparison that breaks must leave a report, not an aborted run
        traceback.print_exc()
        text = str(problem) if isinstance(problem, MissingError) else f"{type(problem).__name__}: {problem}"
        found = Measurements(reasons={spec.name: text for spec in module.CHECKS})
    specs = (*module.CHECKS, *outsiders.measure(job, phase, found))
    judged = [_judge(job, spec, found) for spec in specs if spec.name not in found.not_applicable]
    checks = [check.to_dict() for check in judged]
    metrics = {
        "kind": "phase",
        "schema": 1,
        "phase": phase.upper(),
        "case": job.case.name,
        "stamp": job.bundle.name,
        "status": gates.status_of(checks),
        "tables": finite(found.tables),
        "checks": checks,
    }
    atomic.write_json(job.folder(phase) / "metrics.json", metrics)
    print(f"phase {phase.upper()}: {metrics['status']}", flush=True)
    return metrics


def _judge(job: PhaseJob, spec: CheckSpec, found: Measurements) -> gates.Check:
    given = job.thresholds[spec.limit_of or spec.gate][spec.limit] if spec.limit else {"accept": 0.0}
    limit = Limit.of(
        spec.comparison, {**given, "accept": given.get(spec.variant, given["accept"])}, spec.unit
    )
    if not spec.goal:
        limit = replace(limit, goal=None)
    measured, reason = found.measured.get(spec.name), found.reasons.get(spec.name)
    judged = gates.judge(spec.gate, spec.name, measured, limit, reason)
    return replace(judged, note=found.notes.get(spec.name))


def finite(value: Any) -> Any:
    """`value` with null for every number that JSON cannot hold."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

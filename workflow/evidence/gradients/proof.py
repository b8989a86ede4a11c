"""All parts of a bundle of gradients, each written when it is measured; then judged and shown."""

import json
import traceback
from collections.abc import Callable
from pathlib import Path

from evidence.bench.results import engines_of
from evidence.gradients import (
    configurations,
    cost,
    every_number,
    field_checks,
    gradient_gates,
    gradients_page,
)
from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import finite
from evidence.provenance import metadata
from evidence.records import Record
from evidence.store import atomic


def measure(job: PhaseJob) -> None:
    """Write PART.json for every part; one that breaks says so in its file and stops no other."""
    settings = job.settings
    parts: dict[str, Callable[[], Record]] = {
        "differences": lambda: every_number.measure(job),
        "fields": field_checks.measure,
        "configurations": configurations.measure,
        "cost": lambda: cost.measure(job.case.name, job.threads, settings.timeout_s),
    }
    for name in gradient_gates.PARTS:
        print(f"== {name}", flush=True)
        try:
            found = parts[name]()
        except Exception as problem:  # the gate says so
            traceback.print_exc()
            found = {"reason": f"{type(problem).__name__}: {problem}"}
        atomic.write_json(
            job.bundle / f"{name}.json", {"kind": "gradients", "schema": 1, "part": name, **finite(found)}
        )


def write(job: PhaseJob, root: Path, c_program: str | None) -> None:
    """gates.json, env.json, run_metadata.json and report.html."""
    bundle = job.bundle
    found = {
        name: json.loads((bundle / f"{name}.json").read_text(encoding="utf-8"))
        for name in gradient_gates.PARTS
    }
    judged = gradient_gates.judge(found, job.thresholds, bundle.parent.name, bundle.name)
    atomic.write_json(bundle / "gates.json", judged)
    metadata.describe(bundle, root, engines_of(c_program), dtype="float64, float32", mode="c-parity, spec")
    gradients_page.build(bundle, job.case)

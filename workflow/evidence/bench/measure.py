"""All measurements of one run, written part by part."""

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from evidence.bench import cuda, features, frame, scaling, tasks
from evidence.bench.conversation import Worker
from evidence.bench.harness import Harness
from evidence.bench.sizes import Size
from evidence.engines.found import find_c_engine
from evidence.records import Record
from evidence.store import atomic

PARTS = {
    "frame": frame.measure,
    "features": features.measure,
    "scaling": scaling.measure,
    "tasks": tasks.measure,
    "cuda": cuda.measure,
}


def measure(bundle: Path, size: Size, threads: int, c_program: str | None, timeout_s: float) -> None:
    """Write timings/PART.json for every part; images and other large files live in a scratch folder."""
    with tempfile.TemporaryDirectory(prefix="braggproof-bench-") as scratch:
        folder = Path(scratch)
        with Worker(folder, threads, timeout_s) as worker:
            c_engine = find_c_engine(c_program)
            harness = Harness(folder, bundle / "failures", size, threads, c_engine, worker, timeout_s)
            for name, part in PARTS.items():
                atomic.write_json(bundle / "timings" / f"{name}.json", _measured(name, part, harness))


def _measured(name: str, part: Callable[[Harness], Record], harness: Harness) -> Record:
    print(f"== {name}", flush=True)
    started, load = _now(), os.getloadavg()[0]
    found = part(harness)
    head = {
        "kind": "timings",
        "schema": 1,
        "part": name,
        "size": harness.size.name,
        "threads": harness.threads,
    }
    when = {"started": started, "finished": _now(), "load_before": load}
    return {**head, **when, "rounds": harness.size.rounds, "warmups": harness.size.warmups, **found}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

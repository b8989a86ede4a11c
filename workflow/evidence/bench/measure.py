"""All measurements of one run, written part by part."""

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence.bench import cuda, features, frame, limit, scaling, tasks
from evidence.bench.conversation import Worker
from evidence.bench.harness import Means
from evidence.bench.sizes import Size
from evidence.engines import programs
from evidence.store import atomic

PARTS = {
    "frame": frame.measure,
    "features": features.measure,
    "scaling": scaling.measure,
    "chores": tasks.measure,
    "limit": limit.measure,
    "cuda": cuda.measure,
}


def measure(bundle: Path, size: Size, threads: int, c_program: str | None, timeout_s: float) -> None:
    """Write timings/PART.json for every part; images and other large files live in a scratch folder."""
    with tempfile.TemporaryDirectory(prefix="braggproof-bench-") as scratch:
        folder = Path(scratch)
        with Worker(folder, threads, timeout_s) as worker:
            c_engine = programs.find_c_engine(c_program)
            means = Means(folder, bundle / "failures", size, threads, c_engine, worker, timeout_s)
            for name, part in PARTS.items():
                atomic.write_json(bundle / "timings" / f"{name}.json", _measured(name, part, means))


def _measured(name: str, part: Callable[[Means], dict[str, Any]], means: Means) -> dict[str, Any]:
    print(f"== {name}", flush=True)
    started, load = _now(), os.getloadavg()[0]
    found = part(means)
    head = {"schema": 1, "part": name, "size": means.size.name, "threads": means.threads}
    when = {"started": started, "finished": _now(), "load_before": load}
    return {**head, **when, "rounds": means.size.rounds, "warmups": means.size.warmups, **found}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

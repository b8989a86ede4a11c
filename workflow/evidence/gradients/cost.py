"""Time and memory of the gradient of a case's whole frame, each task in a process of its own."""

import json
import os
import sys
import tempfile
from pathlib import Path

from evidence.bench.scenes import stage_frame
from evidence.engines import programs
from evidence.engines.child import run_child
from evidence.records import Record

MANY = ("-phisteps", "100")
ROUNDS = 5
TASKS: dict[str, Record] = {
    "time_float64": {"do": "times", "dtype": "float64"},
    "time_float32": {"do": "times", "dtype": "float32"},
    "memory_10": {"do": "memory", "dtype": "float64", "compiled": "on"},
    "memory_100": {"do": "memory", "dtype": "float64", "compiled": "on", "more": MANY},
    "memory_eager": {"do": "memory", "dtype": "float64", "compiled": "off"},
}


def measure(case: str, threads: int, timeout_s: float, tasks: dict[str, Record] = TASKS) -> Record:
    """A row a task: what its process said, or the reason why it said nothing."""
    with tempfile.TemporaryDirectory(prefix="braggproof-gradients-") as scratch:
        folder = Path(scratch)
        argv = stage_frame(case, folder)
        rows = [_asked(folder, name, task, argv, threads, timeout_s) for name, task in tasks.items()]
    return {"cost": rows, "threads": threads}


def _asked(folder: Path, name: str, task: Record, argv: list[str], threads: int, timeout_s: float) -> Record:
    request = {"rounds": ROUNDS, "threads": threads, **{k: v for k, v in task.items() if k != "more"}}
    words = [sys.executable, "-m", "evidence.gradients.cost_worker", json.dumps(request)]
    env = {**os.environ, **programs.environment(threads)}
    log = folder / f"{name}.log"
    end = run_child([*words, *argv, *task.get("more", ())], folder, log, env, timeout_s)
    said = [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    found: Record = json.loads(said[-1]) if said and not end.problem else {}
    reason = None if found else (end.problem or "it said nothing")
    print(f"{name}: {found or log.read_text(encoding='utf-8')[-800:]}", flush=True)
    return {"name": name, **request, **found, "reason": reason}

"""The inner loop against the machine: operations counted, peak measured, kernel timed."""

from typing import Any

from evidence.bench import peak
from evidence.bench.contest import contest
from evidence.bench.conversation import WorkerError
from evidence.bench.harness import Means
from evidence.bench.scenes import BOX, domains, write_box

SCENE = "limit"
DTYPES = ("float64", "float32")


def measure(means: Means) -> dict[str, Any]:
    """A scene that is nearly all inner loop, on one thread and on all; peaks; counts; a library sine."""
    size = means.size
    write_box(means.folder / BOX, 24)
    facts = means.worker.ask("prepare", name=SCENE, argv=domains(size.step_side, size.steps[-1]))
    facts["peak"] = peak.measure(means.folder, means.threads, 0.3 if size.compiled else 0.05)
    facts["counts"] = [_count(means, dtype) for dtype in DTYPES]
    facts["sines"] = [{"dtype": dtype, **means.worker.ask("sines", dtype=dtype)} for dtype in DTYPES]
    racing = [
        means.steady(f"limit_{dtype}_{n}", SCENE, dtype, means.kernels[0], n)
        for dtype in DTYPES
        for n in dict.fromkeys((1, means.threads))
    ]
    return {**contest(racing, size.rounds, size.warmups), "facts": facts}


def _count(means: Means, dtype: str) -> dict[str, Any]:
    try:
        return {"dtype": dtype, **means.worker.ask("count", name=SCENE, dtype=dtype), "reason": None}
    except WorkerError as problem:
        return {"dtype": dtype, "operations": None, "reason": str(problem)}

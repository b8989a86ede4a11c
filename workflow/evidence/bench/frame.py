"""The full frame: whole processes and steady state, both engines, interleaved."""

import tempfile
from typing import Any

from evidence.bench.contest import Contender, Sample, contest
from evidence.bench.conversation import WorkerError
from evidence.bench.harness import Means
from evidence.bench.likeness import likeness
from evidence.bench.scenes import BOX, stage_frame, write_box

SCENE = "frame"
DTYPES = ("float64", "float32")


def measure(means: Means) -> dict[str, Any]:
    """Contenders and samples, with pixels, evaluations, compile times and likeness of the images."""
    write_box(means.folder / BOX, 24)
    argv = stage_frame(means.size.case, means.folder)
    facts = means.worker.ask("prepare", name=SCENE, argv=argv)
    facts["compiling"] = _compile(means) if means.size.compiled else []
    found = contest(contenders(means, argv), means.size.rounds, means.size.warmups)
    facts["likeness"] = [_alike(means, dtype, means.kernels[0]) for dtype in DTYPES]
    return {**found, "facts": {**facts, "command": argv}}


def contenders(means: Means, argv: list[str]) -> list[Contender]:
    """In the order in which they run within a round."""
    every = tuple(dict.fromkeys((1, means.threads)))
    made = means.c_contenders("frame", "frame", argv, every)
    wholes = [(dtype, first) for dtype in DTYPES for first in (False, True)]
    made += [_whole(means, argv, dtype, first) for dtype, first in wholes[: 1 if means.size.brief else None]]
    made += [
        means.steady(f"steady_{dtype}_{compiled}_{n}", SCENE, dtype, compiled, n)
        for dtype in DTYPES
        for compiled in means.kernels
        for n in every
    ]
    return made


def _whole(means: Means, argv: list[str], dtype: str, first: bool) -> Contender:
    """The command as typed; `first`: nothing compiled is on the disk yet."""

    def go() -> Sample:
        words = [*argv, "--dtype", dtype, "-floatfile", f"py_{dtype}.bin"]
        empty = {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=means.folder)} if first else {}
        return means.py_run(words, means.threads, **empty)

    title = f"PyTorch {dtype}, {'first run' if first else 'later runs'}"
    name = f"whole_{dtype}{'_first' if first else ''}"
    return Contender(name, title, "whole", go, dtype=dtype, threads=means.threads, compiled="auto")


def _compile(means: Means) -> list[dict[str, Any]]:
    """Compile what is not on the disk yet, before anything is timed."""
    made = []
    for dtype in DTYPES:
        try:
            made.append({"dtype": dtype, **means.worker.ask("build", name=SCENE, dtype=dtype, compiled="on")})
        except WorkerError as problem:
            made.append({"dtype": dtype, "wall_s": None, "kernels": None, "reason": str(problem)})
    return made


def _alike(means: Means, dtype: str, compiled: str) -> dict[str, Any]:
    path = means.folder / f"steady_{dtype}.npy"
    try:
        means.worker.ask(
            "render", name=SCENE, dtype=dtype, compiled=compiled, threads=means.threads, save=str(path)
        )
        return {"dtype": dtype, **likeness(means.folder / "frame_c1.bin", path)}
    except (WorkerError, OSError) as problem:
        return {"dtype": dtype, "identical_share": None, "max_rel_diff": None, "reason": str(problem)}

"""The full frame: whole processes and steady state, both engines, interleaved."""

import tempfile

from evidence.bench.contest import Contender, Sample, contest
from evidence.bench.conversation import WorkerError
from evidence.bench.harness import Harness
from evidence.bench.likeness import likeness
from evidence.bench.scenes import BOX, stage_frame, write_box
from evidence.records import Record

SCENE = "frame"
DTYPES = ("float64", "float32")


def measure(harness: Harness) -> Record:
    """Contenders and samples, with pixels, evaluations, compile times and likeness of the images."""
    write_box(harness.folder / BOX, 24)
    argv = stage_frame(harness.size.case, harness.folder)
    facts = harness.worker.ask("prepare", name=SCENE, argv=argv)
    facts["compiling"] = _compile(harness) if harness.size.compiled else []
    found = contest(contenders(harness, argv), harness.size.rounds, harness.size.warmups)
    facts["likeness"] = [_alike(harness, dtype, harness.kernels[0]) for dtype in DTYPES]
    return {**found, "facts": {**facts, "command": argv}}


def contenders(harness: Harness, argv: list[str]) -> list[Contender]:
    """In the order in which they run within a round."""
    every = tuple(dict.fromkeys((1, harness.threads)))
    made = harness.c_contenders("frame", "frame", argv, every)
    wholes = [(dtype, first) for dtype in DTYPES for first in (False, True)]
    made += [
        _whole(harness, argv, dtype, first) for dtype, first in wholes[: 1 if harness.size.brief else None]
    ]
    made += [
        harness.steady(f"steady_{dtype}_{compiled}_{n}", SCENE, dtype, compiled, n)
        for dtype in DTYPES
        for compiled in harness.kernels
        for n in every
    ]
    return made


def _whole(harness: Harness, argv: list[str], dtype: str, first: bool) -> Contender:
    """The command as typed; `first`: nothing compiled is on the disk yet."""

    def go() -> Sample:
        words = [*argv, "--dtype", dtype, "-floatfile", f"py_{dtype}.bin"]
        empty = {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=harness.folder)} if first else {}
        return harness.py_run(words, harness.threads, **empty)

    title = f"PyTorch {dtype}, {'first run' if first else 'later runs'}"
    name = f"whole_{dtype}{'_first' if first else ''}"
    return Contender(name, title, "whole", go, dtype=dtype, threads=harness.threads, compiled="auto")


def _compile(harness: Harness) -> list[Record]:
    """Compile what is not on the disk yet, before anything is timed."""
    made = []
    for dtype in DTYPES:
        try:
            made.append(
                {"dtype": dtype, **harness.worker.ask("build", name=SCENE, dtype=dtype, compiled="on")}
            )
        except WorkerError as problem:
            made.append({"dtype": dtype, "wall_s": None, "kernels": None, "reason": str(problem)})
    return made


def _alike(harness: Harness, dtype: str, compiled: str) -> Record:
    path = harness.folder / f"steady_{dtype}.npy"
    try:
        harness.worker.ask(
            "render", name=SCENE, dtype=dtype, compiled=compiled, threads=harness.threads, save=str(path)
        )
        return {"dtype": dtype, **likeness(harness.folder / "frame_c1.bin", path)}
    except (WorkerError, OSError) as problem:
        return {"dtype": dtype, "identical_share": None, "max_rel_diff": None, "reason": str(problem)}

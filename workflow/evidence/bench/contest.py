"""Interleaved measurement: every contender once a round, so that a slow minute of the machine hits all."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from evidence.records import Record


@dataclass(frozen=True)
class Sample:
    """One measurement; `problem` says why there is none."""

    wall_s: float
    cpu_s: float | None = None
    peak_rss_bytes: int | None = None
    kernels: str | None = None  # which the PyTorch engine chose, and why
    problem: str | None = None


@dataclass(frozen=True)
class Contender:
    """Something to time. `kind`: whole (a process), pixel (one that renders a single pixel), steady (in the
    worker), memory or task (processes too)."""

    name: str
    title: str
    kind: str
    go: Callable[[], Sample]
    engine: str = "py"
    dtype: str = "float64"
    threads: int = 1
    compiled: str = ""  # on, off, auto; empty: does not apply
    once: bool = False  # too long to repeat

    def to_dict(self) -> Record:
        keys = ("name", "title", "kind", "engine", "dtype", "threads", "compiled", "once")
        return {key: getattr(self, key) for key in keys}


def contest(contenders: Sequence[Contender], rounds: int, warmups: int) -> Record:
    """{"contenders": [...], "samples": [...]}: warm-up rounds have numbers below 1; who fails is out."""
    samples: list[Record] = []
    out: set[str] = set()
    for number in range(1 - warmups, rounds + 1):
        for contender in contenders:
            if contender.name in out or (contender.once and number != 1):
                continue
            sample = contender.go()
            samples.append({"contender": contender.name, "round": number, **asdict(sample)})
            said = f"  {sample.problem}" if sample.problem else ""
            print(f"round {number:2} {contender.name:28} {sample.wall_s:10.4f} s{said}", flush=True)
            if sample.problem:
                print(f"{contender.name}: {sample.problem}", file=sys.stderr, flush=True)
                out.add(contender.name)
    return {"contenders": [contender.to_dict() for contender in contenders], "samples": samples}


def times(part: Record, name: str) -> list[float]:
    """Seconds of a contender round by round, without warm-ups; empty if any round failed."""
    own = [sample for sample in part["samples"] if sample["contender"] == name]
    if any(sample["problem"] for sample in own):
        return []
    return [sample["wall_s"] for sample in own if sample["round"] > 0]


def problem(part: Record, name: str) -> str | None:
    """Why a contender has no times."""
    own = [sample for sample in part["samples"] if sample["contender"] == name]
    said = next((sample["problem"] for sample in own if sample["problem"]), None)
    return said or (None if own else "not measured in a run of this size")

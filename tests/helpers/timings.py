"""Timings as a full run leaves them, with figures that keep every promise."""

from collections.abc import Callable
from typing import Any

import pytest

from evidence.bench.cuda import SOURCE, TO_BEAT
from evidence.bench.scenes import FEATURES

Parts = dict[str, dict[str, Any]]
NOISE = (1.0, 1.02, 0.99, 1.01, 0.98)  # of five rounds


def part(
    name: str, rows: list[tuple[dict[str, Any], float, int | None]], facts: dict[str, Any]
) -> dict[str, Any]:
    """A part whose contenders took so many seconds, give or take, and so many bytes."""
    samples = [
        {
            "contender": contender["name"],
            "round": number,
            "wall_s": 9.9 * seconds if number < 1 else seconds * NOISE[number - 1],
            "cpu_s": seconds,
            "peak_rss_bytes": peak,
            "kernels": None if contender["engine"] == "c" else "compiled (from disk)",
            "problem": None,
        }
        for number in range(6)
        for contender, seconds, peak in rows
    ]
    times = {"started": "2026-01-01T00:00:00.000+00:00", "finished": "2026-01-01T00:01:00.000+00:00"}
    head = {"schema": 1, "part": name, "size": "full", "threads": 2, "rounds": 5, "warmups": 1}
    contenders = [contender for contender, _, _ in rows]
    return {**head, **times, "load_before": 0.1, "contenders": contenders, "samples": samples, "facts": facts}


def contender(name: str, kind: str = "steady", **other: Any) -> dict[str, Any]:
    common = {"engine": "py", "dtype": "float64", "threads": 2, "compiled": "on", "once": False}
    return {"name": name, "title": name.replace("_", " "), "kind": kind, **common, **other}


def c_pair(name: str, threads: int, seconds: float) -> list[tuple[dict[str, Any], float, int | None]]:
    """C for the whole image and for one pixel."""
    return [
        (contender(f"{name}_c{threads}", "whole", engine="c", threads=threads), seconds + 0.01, 40_000_000),
        (contender(f"{name}_c{threads}_pixel", "pixel", engine="c", threads=threads), 0.01, 30_000_000),
    ]


def frame() -> dict[str, Any]:
    rows = [*c_pair("frame", 1, 8.0), *c_pair("frame", 2, 4.5)]
    rows += [(contender("whole_float64", "whole"), 2.5, 700_000_000)]
    rows += [(contender("whole_float64_first", "whole"), 4.0, 600_000_000)]
    for dtype, seconds in (("float64", 0.5), ("float32", 0.2)):
        for n in (1, 2):
            own = contender(f"steady_{dtype}_on_{n}", dtype=dtype, threads=n)
            rows.append((own, seconds * (2.0 if n == 1 else 1.0), None))
    alike = [
        {"dtype": dtype, "identical_share": share, "max_rel_diff": 1e-7, "reason": None}
        for dtype, share in (("float64", 0.9999), ("float32", 0.4))
    ]
    size = {"shape": [2527, 2463], "pixels": 6224001, "evaluations": 62240010.0}
    return part("frame", rows, {**size, "compiling": [], "likeness": alike, "command": []})


def features() -> dict[str, Any]:
    rows, facts = [], []
    for n, feature in enumerate(FEATURES):
        rows += c_pair(feature.name, 1, 1.2 + n)
        rows += [(contender(f"{feature.name}_float64"), 0.1, None)]
        rows += [(contender(f"{feature.name}_float32", dtype="float32"), 0.05, None)]
        own = {"name": feature.name, "title": feature.title, "flags": feature.flags, "pixels": 1_000_000}
        same = {"identical_share": 0.9999, "max_rel_diff": 1e-7, "reason": None}
        more = {"evaluations": 1e7, "compile_s": 0.1, "kernels": "from disk"}
        facts.append({**own, **more, **same})
    return part("features", rows, {"features": facts})


def scaling(power: float = 1.0) -> dict[str, Any]:
    rows, series = [], []
    for axis in ("pixels", "steps"):
        for work in (1e6, 1e7, 1e8):
            name = f"{axis}_{work:.0f}"
            rows.append((contender(f"{name}_py"), 1e-8 * work**power, None))
            size = {"pixels": int(work / 10), "steps": 10, "evaluations": work}
            series.append({"axis": axis, "name": name, "side": 9, **size})
    rows += [(contender("memory_imports", "memory", once=True), 1.4, 210_000_000)]
    rows += [(contender("memory_many", "memory", once=True), 30.0, 260_000_000)]
    return part("scaling", rows, {"series": series})


def tasks() -> dict[str, Any]:
    seconds = {
        "python": 0.03,
        "import": 1.4,
        "read": 0.7,
        "mtz": 0.3,
        "compare": 3.0,
        "parity": 40.0,
        "no_op": 3.0,
    }
    rows = [(contender(name, "task", compiled=""), value, 100_000_000) for name, value in seconds.items()]
    return part("tasks", rows, {"reflections": 1_030_301, "shape": [2527, 2463]})


def cuda() -> dict[str, Any]:
    facts = {
        "devices": [],
        "to_beat": list(TO_BEAT),
        "source": SOURCE,
        "reason": "torch finds no CUDA device",
    }
    return part("cuda", [], facts)


def full_run() -> Parts:
    """Every promise is kept."""
    made = (frame(), features(), scaling(), tasks(), cuda())
    return {each["part"]: each for each in made}


@pytest.fixture
def parts() -> Parts:
    return full_run()


@pytest.fixture
def slower(parts: Parts) -> Callable[[str, str, float], Parts]:
    """slower(part, contender, factor): the same with one contender's times multiplied."""

    def change(name: str, who: str, factor: float) -> Parts:
        for sample in parts[name]["samples"]:
            if sample["contender"] == who:
                sample["wall_s"] *= factor
        return parts

    return change

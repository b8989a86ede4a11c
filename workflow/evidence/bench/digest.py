"""From raw timings to benchmark.json: medians, spread, ratios, fits. Reports read nothing else."""

from collections.abc import Iterator

from evidence.bench.contest import problem, times
from evidence.bench.stats import power, ratio, summary
from evidence.records import Record


def digest(parts: dict[str, Record]) -> Record:
    """Everything that the parts say, in the shape that people ask for it."""
    frame = parts["frame"]
    return {
        "kind": "benchmark",
        "schema": 1,
        **{key: frame[key] for key in ("size", "threads", "rounds", "warmups")},
        "started": min(part["started"] for part in parts.values()),
        "finished": max(part["finished"] for part in parts.values()),
        "load_before": max(part["load_before"] for part in parts.values()),
        "frame": _frame(frame),
        "features": _features(parts["features"]),
        "scaling": [_fit(parts["scaling"], axis) for axis in ("pixels", "steps")],
        "memory": _memory(parts["scaling"], frame),
        "tasks": [_row(parts["tasks"], each) for each in parts["tasks"]["contenders"]],
        "tasks_facts": parts["tasks"]["facts"],
        "cuda": _cuda(parts["cuda"]),
    }


def rendering(part: Record, name: str) -> list[float]:
    """Seconds that C renders, round by round: the whole process less one that renders a single pixel."""
    start = summary(times(part, f"{name}_pixel"))["median"]
    return [] if start is None else [wall - start for wall in times(part, name)]


def _row(part: Record, contender: Record, seconds: list[float] | None = None, **other: object) -> Record:
    """A contender with its seconds and how much memory and processor it took."""
    name = contender["name"]
    own = [sample for sample in part["samples"] if sample["contender"] == name and not sample["problem"]]
    last = own[-1] if own else {}
    return {
        **contender,
        "seconds": summary(times(part, name) if seconds is None else seconds),
        "cpu_s": last.get("cpu_s"),
        "peak_rss_bytes": max((s["peak_rss_bytes"] for s in own if s["peak_rss_bytes"]), default=None),
        "kernels": last.get("kernels"),
        "reason": problem(part, name),
        **other,
    }


def _frame(part: Record) -> Record:
    rows = [_row(part, each) for each in part["contenders"] if each["kind"] != "pixel"]
    for each in part["contenders"]:
        if each["kind"] == "whole" and each["engine"] == "c":
            seconds = rendering(part, each["name"])
            rows.append(_row(part, each, seconds, kind="steady", name=f"{each['name']}_rendering"))
    facts = {key: value for key, value in part["facts"].items() if key != "command"}
    for row in rows:
        median = row["seconds"]["median"]
        row["rate"] = facts["evaluations"] / median if median is not None and median > 0 else None
    return {**facts, "contenders": rows, "ratios": list(_ratios(part))}


def _ratios(part: Record) -> Iterator[Record]:
    """Speed-ups over C in steady state, and whole processes as a share of C's time."""
    cores = part["threads"]
    first = next(each["compiled"] for each in part["contenders"] if each["kind"] == "steady")
    kernels = "compiled" if first == "on" else "eager"
    for dtype, name in [(dtype, f"steady_{dtype}_{first}_{cores}") for dtype in ("float64", "float32")]:
        for n in dict.fromkeys((1, cores)):
            title = f"{dtype}, {kernels}, against C on {n} thread{'s' if n > 1 else ''}"
            found = ratio(rendering(part, f"frame_c{n}"), times(part, name))
            key = f"{dtype}_vs_{'c_one' if n == 1 else 'c_all'}"
            reason = problem(part, name) or problem(part, f"frame_c{n}")
            row = {"title": title, "kind": "steady", "reason": reason, **found}
            yield {"name": key, **row}
            if n == cores == 1:
                yield {"name": f"{dtype}_vs_c_all", **row}
    for suffix, title in (("", "whole process, later runs"), ("_first", "whole process, first run")):
        name, other = f"whole_float64{suffix}", f"frame_c{cores}"
        reason = problem(part, name) or problem(part, other)
        row = {
            "title": title,
            "kind": "whole",
            "reason": reason,
            **ratio(times(part, name), times(part, other)),
        }
        yield {"name": f"whole{suffix}_over_c_all", **row}


def _features(part: Record) -> list[Record]:
    """A row a feature; nanoseconds are of one evaluation."""
    rows = []
    for fact in part["facts"]["features"]:
        c = rendering(part, f"{fact['name']}_c1")
        fast, single = (times(part, f"{fact['name']}_{dtype}") for dtype in ("float64", "float32"))
        reason = problem(part, f"{fact['name']}_float64") or problem(part, f"{fact['name']}_c1")
        rows.append({
            **{key: fact[key] for key in ("name", "title", "flags", "pixels", "evaluations", "compile_s")},
            **{key: fact[key] for key in ("kernels", "identical_share", "max_rel_diff")},
            "reason": reason or fact["reason"],
            "c": summary(c),
            "float64": summary(fast),
            "float32": summary(single),
            "speedup": ratio(c, fast),
            "speedup_float32": ratio(c, single),
            "ns": _each(summary(fast)["median"], fact["evaluations"]),
            "ns_c": _each(summary(c)["median"], fact["evaluations"]),
        })  # fmt: skip
    return rows


def _each(seconds: float | None, evaluations: float) -> float | None:
    return None if seconds is None else 1e9 * seconds / evaluations


def _fit(part: Record, axis: str) -> Record:
    """Time against evaluations along one axis, both engines."""
    points = [each for each in part["facts"]["series"] if each["axis"] == axis]
    engines = {}
    for engine in ("py", "c"):
        seconds = {
            each["name"]: times(part, f"{each['name']}_py")
            if engine == "py"
            else rendering(part, f"{each['name']}_c1")
            for each in points
        }
        rows = [
            {key: each[key] for key in ("name", "pixels", "steps", "evaluations")}
            | {"seconds": summary(seconds[each["name"]])}
            for each in points
            if seconds[each["name"]]
        ]
        work, medians = [row["evaluations"] for row in rows], [row["seconds"]["median"] for row in rows]
        engines[engine] = {"points": rows, "fit": power(work, medians)}
    return {"axis": axis, **engines}


def _memory(part: Record, frame: Record) -> list[Record]:
    """Peak memory of whole processes, and what it is above that of the imports alone."""
    rows = [_row(part, each) for each in part["contenders"] if each["kind"] == "memory"]
    base = rows[0]["peak_rss_bytes"]
    rows += [
        _row(frame, each, title=f"the frame, {each['dtype']}")
        for each in frame["contenders"]
        if each["kind"] == "whole" and each["engine"] == "py" and not each["name"].endswith("_first")
    ]
    for row in rows:
        peak = row["peak_rss_bytes"]
        row["above_bytes"] = None if None in (peak, base) else peak - base
    return rows


def _cuda(part: Record) -> Record:
    return {**part["facts"], "contenders": [_row(part, each) for each in part["contenders"]]}

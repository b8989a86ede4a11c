"""What each part of report.html is given; templates format, this module selects."""

from collections.abc import Iterator

from evidence.records import Record
from evidence.report import drift, facts, plots
from evidence.report.facts import Entry, Facts
from evidence.report.frames import case_of
from evidence.report.history import c_side
from evidence.report.nearest import nearest
from evidence.report.sourced import Whole, count
from evidence.report.tables import tables_of
from evidence.report.trends import trend

Context = Record
SENTENCES = {
    "pass": "PyTorch and C agree: every gate passes.",
    "fail": "{id} fails: {title}.",
    "blocked": "{id} could not be evaluated: {title}.",
}


def verdict(found: Facts) -> Context:
    """parts/verdict.html.j2 and parts/gates.html.j2."""
    gates = found.gates["gates"]
    first = next((gate for gate in gates if gate["status"] == found.gates["verdict"] != "pass"), None)
    here = [attempt for attempt in found.history if attempt.stamp == found.gates["stamp"]]
    counts = {
        name: count([g for g in gates if g["status"] == status], "gates.json#/gates", f"count of {status}")
        for name, status in (("passed", "pass"), ("failed", "fail"), ("blocked", "blocked"))
    }
    return {
        "gates": found.gates,
        "case": {"description": "", **case_of(found.bundle)},
        "sentence": _sentence(found, first),
        "first": first,
        "attempt": here[-1] if here else None,
        "total": count(gates, "gates.json#/gates"),
        "headline": found.headline,
        "divergence": _divergence(found.traces),
        "traced_values": _traced_values(found.traces),
        "nearest": {gate["id"]: nearest(gate) for gate in gates},
        **counts,
    }


def _sentence(found: Facts, first: Record | None) -> str:
    """Of a pass, which engines are identical in how many pixels."""
    told = found.gates.get("headline") if first is None else None
    return f"{told}." if told else SENTENCES[found.gates["verdict"]].format(**(first or {}))


def _divergence(traces: list[Entry]) -> str:
    if not traces:
        return "not traced"
    first = next((t.data["first_divergence"] for t in traces if t.data["first_divergence"] is not None), None)
    return "none" if first is None else str(first["tap"])


def _traced_values(traces: list[Entry]) -> Whole:
    values = sum(int(entry.data["compared"]) for entry in traces)
    return Whole(values, "phase_m/*/trace_compare.json#/compared", "sum")


def traces(found: Facts) -> list[Context]:
    """parts/traces.html.j2: rows know their place in the file and whether they are the first divergence."""
    shown = []
    asked = case_of(found.bundle)["trace_pixels"]
    for entry in sorted(found.traces, key=lambda entry: entry.data["pixel"] not in asked):
        first = entry.data["first_divergence"]
        where = [first[key] for key in ("tap", "phi_tic", "component")] if first is not None else None
        rows = [
            {**row, "index": n, "first": where == [row[key] for key in ("tap", "phi_tic", "component")]}
            for n, row in enumerate(entry.data["rows"])
        ]
        pointer = f"{entry.file}#" + (f"/{entry.where}" if entry.where else "")
        shown.append({"title": entry.title, "data": {**entry.data, "rows": rows}, "pointer": pointer})
    return shown


def phases(found: Facts) -> Context:
    """parts/phases.html.j2: every phase that wrote its metrics."""
    rows = []
    for letter, metrics in found.phases.items():
        gates = [gate for gate in found.gates["gates"] if gate["phase"] == letter]
        folder = found.bundle / f"phase_{letter.lower()}"
        rows.append({
            "letter": letter,
            "title": ", ".join(dict.fromkeys(gate["title"].split(":")[0] for gate in gates)),
            "status": metrics["status"],
            "reason": next((gate["reason"] for gate in gates if gate["reason"]), None),
            "tables": list(tables_of(metrics["tables"], "", f"phase_{letter.lower()}/metrics.json#/tables")),
            "plots": plots.of_phase(letter, metrics["tables"]),
            "compared": _compared(found, letter),
            "figures": sorted(p.relative_to(found.bundle).as_posix() for p in folder.glob("**/*.png")),
        })  # fmt: skip
    return {"phases": rows}


def _compared(found: Facts, letter: str) -> Whole:
    own = [entry for entry in found.comparisons if entry.phase == letter]
    return count(own, f"phase_{letter.lower()}", "count of comparisons")


def timing(found: Facts) -> Context:
    """parts/timing.html.j2."""
    walls = [run.data["wall_s"] for run in found.runs if run.data["wall_s"] is not None]
    steps = [step["wall_s"] for step in found.metadata["steps"] if step["wall_s"] is not None]
    return {
        "runs": found.runs,
        "metadata": found.metadata,
        "longest_run": max(walls, default=0),
        "longest_step": max(steps, default=0),
        "misread": facts.misread(found.runs),
    }


def origin(found: Facts) -> Context:
    """Environment, commands and files."""
    files = facts.files(found.bundle)
    settings = {key: value for key, value in found.metadata.items() if key not in ("steps", "schema")}
    return {
        "machine": found.environment,
        "environment": list(tables_of(found.environment, "Machine and software", "env.json#")),
        "settings": list(tables_of(settings, "Settings of this run", "run_metadata.json#")),
        "dirty": bool(found.environment["git"]["dirty"]),
        "nanobragg": (found.bundle / "inputs" / "command.txt").read_text(encoding="utf-8").strip(),
        "replays": list(_replays(found)),
        "folder": f"results/{found.gates['case']}/{found.gates['stamp']}",
        "files": files,
        "file_count": count(files, "the files of the bundle"),
    }


def _replays(found: Facts) -> Iterator[tuple[str, str]]:
    for path in sorted(found.bundle.glob("phase_?/commands.txt")):
        yield path.parent.name[-1].upper(), path.read_text(encoding="utf-8").strip()


def history(found: Facts) -> Context:
    """parts/history.html.j2, newest first; this bundle, not yet in the ledger, from its own gates."""
    here = {gate["id"]: nearest(gate) for gate in found.gates["gates"]}
    rows = []
    for attempt in reversed(found.history):
        own = attempt.stamp == found.gates["stamp"] and not attempt.end
        rows.append({
            "number": attempt.number,
            "stamp": attempt.stamp,
            "status": found.gates["verdict"] if own else attempt.status,
            "tone": found.gates["verdict"] if own else attempt.tone,
            "seconds": attempt.seconds,
            "engine": c_side(found.metadata["engines"]) if own else attempt.engine,
            "gates": {g["id"]: g["status"] for g in found.gates["gates"]} if own else attempt.gates,
            "nearest": here if own else attempt.nearest,
            "phases": attempt.phases,
            "linked": (found.bundle.parent / attempt.stamp / "report.html").is_file(),
        })  # fmt: skip
    past = [row["nearest"] for row in reversed(rows)]
    trends = [
        trend(gate["id"], [(each.get(gate["id"]) or {}).get("digits_past") for each in past])
        for gate in found.gates["gates"]
    ]
    return {"history": rows, "trends": [t for t in trends if t], "drift": drift.against_pins(found)}

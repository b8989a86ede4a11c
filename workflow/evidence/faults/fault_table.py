"""What came of all faults: gates, table, description, page."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from evidence.bench.results import engines_of
from evidence.faults.fault_plan import TABLE
from evidence.gates import Gate, gate_row, judge, verdict
from evidence.limits import NOTHING
from evidence.provenance import metadata
from evidence.records import Record
from evidence.report import templates
from evidence.report.opening import opening
from evidence.report.sourced import count, load
from evidence.store import atomic

FOUND = "faults.json"
HEALTHY = Gate("MT-0", "faults", "Without a fault every gate of every case passes")
CAUGHT = Gate("MT-1", "faults", "Every fault is caught by a gate of a case")
COLUMNS = "name file rule case gate check status tap tried seconds".split()
SENTENCES = {
    "pass": "Every fault is caught.",
    "fail": "{id} fails: {title}.",
    "blocked": "{id} could not be judged: {title}.",
}
CONTENTS = [("gates", "Gates"), ("faults", "Faults"), ("cases", "Cases"), ("environment", "Environment")]


def write(bundle: Path, root: Path, healthy: Sequence[Path], faults: Sequence[Path]) -> None:
    """faults.json, faults.tsv, gates.json, env.json, run_metadata.json and report.html."""
    rows = [_read(path) for path in faults]
    cases = [_read(path) for path in healthy]
    found = {
        "kind": "faults",
        "schema": 1,
        "faults": rows,
        "cases": [{"case": one["case"], "verdict": one["verdict"]} for one in cases],
    }
    atomic.write_json(bundle / FOUND, found)
    atomic.write_text(bundle / "faults.tsv", tsv(rows))
    atomic.write_json(bundle / "gates.json", judged(found, bundle.name))
    metadata.describe(bundle, root, engines_of(None), dtype="float64, float32")
    atomic.write_text(
        bundle / "report.html", templates.render(templates.html(), "faults.html.j2", **context(bundle))
    )


def judged(found: Record, stamp: str) -> Record:
    """gates.json: no case may fail without a fault, no fault may pass; no case or fault at all is blocked."""
    ill = [case["case"] for case in found["cases"] if case["verdict"] != "pass"]
    alive = [fault["name"] for fault in found["faults"] if fault["case"] is None]
    rows = []
    for gate, name, bad, of in (
        (HEALTHY, "cases that do not pass", ill, found["cases"]),
        (CAUGHT, "faults that no gate catches", alive, found["faults"]),
    ):
        number = float(len(bad)) if of else None
        check = judge(gate.id, name, number, NOTHING, ", ".join(bad) or None, FOUND)
        rows.append(gate_row(gate, [check.to_dict()], f"snakemake {TABLE}"))
    return verdict(TABLE, stamp, rows)


def tsv(rows: Sequence[Record]) -> str:
    """The table for other programs."""
    stream = io.StringIO()
    table = csv.writer(stream, delimiter="\t", lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(["" if row[key] is None else row[key] for key in COLUMNS] for row in rows)
    return stream.getvalue()


def context(bundle: Path) -> Record:
    """What the template is given."""
    found = load(bundle, FOUND)
    caught = [fault for fault in found["faults"] if fault["case"] is not None]
    return {
        **opening(bundle, SENTENCES),
        "contents": CONTENTS,
        "faults": found["faults"],
        "cases": found["cases"],
        "caught": count(caught, f"{FOUND}#/faults", "count of caught"),
        "total": count(found["faults"], f"{FOUND}#/faults", "count"),
        "traced": count([f for f in caught if f["tap"]], f"{FOUND}#/faults", "count of those with a tap"),
    }


def _read(path: Path) -> Record:
    found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found

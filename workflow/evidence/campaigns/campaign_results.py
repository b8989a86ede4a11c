"""What a campaign found, written: the table, what follows from it, the page; and the lines for a terminal."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from evidence.campaigns import baseline, campaign_gates, campaign_page, summary, table
from evidence.campaigns.batch import sampled
from evidence.campaigns.contenders import Contender
from evidence.campaigns.suite import Suite
from evidence.engines.adapters import probe
from evidence.engines.programs import fingerprint, py_engine
from evidence.errors import StoreError
from evidence.paths import BUILD_RECORD
from evidence.provenance import machine
from evidence.provenance.metadata import read_steps
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import readable_hash


def write(bundle: Path, suite: Suite, engines: list[Contender], root: Path, batches: Iterable[Path]) -> None:
    """results.sqlite, results.tsv, campaign.json, gates.json, env.json, run_metadata.json, report.html.

    `batches`: the records that the campaign consists of. Those of another number of batches, as the suite had
    before it was changed, are taken away.
    """
    names = {path.name for path in batches}
    for path in (bundle / "batches").glob("*.json"):
        if path.name not in names:
            path.unlink()
    rows = table.read_batches(bundle)
    staged = json.loads((bundle / "inputs" / "cases.json").read_text(encoding="utf-8"))
    if [row["case"] for row in rows] != [case["name"] for case in staged["cases"]]:
        raise StoreError(f"{bundle}/batches", f"{len(staged['cases'])} cases", len(rows))
    table.write(bundle, rows)
    known = baseline.path_of(suite.name)
    if known.is_file():
        atomic.copy_file(known, bundle / "baseline.tsv")  # what the flips are flips from
    guests = [engine.name for engine in engines if engine.name not in (*suite.engines, *suite.optional)]
    found = summary.summarize(suite, rows, guests, staged["selection"])
    prune(bundle, suite, rows, [each["case"] for each in found["worst"]])
    environment = machine.environment(root)
    atomic.write_json(bundle / "campaign.json", found)
    atomic.write_json(
        bundle / "gates.json", campaign_gates.gates(found, bundle.name, suite.warn_only, _tests(bundle))
    )
    atomic.write_json(bundle / "env.json", environment)
    steps = read_steps(bundle / "logs")
    metadata = {
        "schema": 1,
        "case": bundle.parent.name,
        "stamp": bundle.name,
        "started": min((step["started"] for step in steps), default=_now()),
        "finished": _now(),
        "engines": {engine.name: _engine(engine) for engine in engines},
        "steps": steps,
        "git": environment["git"],
        "dtype": "float64, float32",
        "device": "cpu",
        "threads": 1,
        "command": f"snakemake campaign_{suite.name} --config stamp={bundle.name}",
    }
    atomic.write_json(bundle / "run_metadata.json", metadata)
    campaign_page.build(bundle)


def prune(bundle: Path, suite: Suite, rows: list[Record], worst: list[str]) -> None:
    """Keep the images of cases that fail, of the sample and of the worst; each batch kept its own worst."""
    kept = {rows[index]["case"] for index in sampled(len(rows), suite.sample)} | set(worst)
    kept |= {row["case"] for row in rows if row["verdict"] != "pass"}
    for path in (bundle / "images").glob("*.npz"):
        if path.stem not in kept:
            path.unlink()


def show(bundle: Path, out: TextIO) -> bool:
    """The verdict for the terminal; True if it is pass."""
    gates, found = (
        json.loads((bundle / name).read_text(encoding="utf-8")) for name in ("gates.json", "campaign.json")
    )
    for line in lines(found):
        _say(line, out)
    _say(f"{gates['verdict']}: {bundle.parent.name}/{bundle.name}", out)
    _say(f"report: {bundle / 'report.html'}", out)
    _say(f"next:   braggproof open {bundle.name} --case {bundle.parent.name}", out)
    return bool(gates["verdict"] == "pass")


def lines(found: Record) -> list[str]:
    """One line an engine, then every flip that is not for the better."""
    said = [f"{found['suite']}: {found['cases']} cases, reference {found['reference']}"]
    for engine in found["engines"]:
        counts = ", ".join(f"{engine[word]} {word}" for word in ("pass", "fail", "blocked") if engine[word])
        said.append(f"  {engine['name']:16} {counts or 'absent: ' + engine['reason']}")
    for flip in found["flips"]:
        if flip["kind"] != "new":
            said.append(
                f"  {flip['kind']:8} {flip['case']} {flip['engine']}: {flip['before']} -> {flip['after']}"
                f"  {flip['reason'][:160]}"
            )
    for each in found["warnings"]:
        ratio = "not measured" if each["ratio"] is None else f"{each['ratio']:.2f} times C's time"
        word = "warning" if each["slow"] else "speed"
        said.append(f"  {word:8} {each['engine']}: {ratio}, at most {each['limit']:g}")
    return said


def _tests(bundle: Path) -> Record | None:
    """What the suite's tests came to; None where it names none."""
    path = bundle / "tests" / "tests.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _engine(engine: Contender) -> Record:
    if engine.kind == "stored":
        return {"kind": "stored", "binary_sha256": None}
    py = py_engine()
    program = (engine.program,) if engine.kind == "program" else py.command
    kind = probe([engine.program]).kind if engine.kind == "program" else py.kind
    found: Record = {
        "kind": kind,
        "binary": program[0],
        "binary_sha256": readable_hash(Path(program[0])) if engine.kind == "program" else fingerprint(py),
        "arguments": list(engine.arguments),
    }
    if engine.kind == "program" and engine.path is None and BUILD_RECORD.is_file():
        found["build"] = json.loads(BUILD_RECORD.read_text(encoding="utf-8"))
    return found


def _say(text: str, out: TextIO) -> None:
    """To the terminal and, as standard output, to the log."""
    print(text, flush=True)
    print(text, file=out, flush=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

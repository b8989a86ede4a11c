"""The end of a benchmark: judged, described, shown, sealed."""

import json
from pathlib import Path
from typing import Any, TextIO

from evidence.bench import benchmark_page, targets
from evidence.bench.digest import digest
from evidence.engines.programs import find_c_engine, fingerprint, py_engine
from evidence.ledger import seal
from evidence.paths import BUILD_RECORD, LEDGER
from evidence.provenance import crate, machine
from evidence.provenance.metadata import read_steps
from evidence.store import atomic


def write(bundle: Path, root: Path, c_program: str | None) -> None:
    """benchmark.json, gates.json, env.json, run_metadata.json and benchmark.html from the timings."""
    parts = {path.stem: _read(path) for path in sorted((bundle / "timings").glob("*.json"))}
    found = digest(parts)
    environment = machine.environment(root)
    atomic.write_json(bundle / "benchmark.json", found)
    atomic.write_json(bundle / "gates.json", targets.judge(found, bundle.name))
    atomic.write_json(bundle / "env.json", environment)
    metadata = {
        "schema": 1,
        "case": bundle.parent.name,
        "stamp": bundle.name,
        "started": found["started"],
        "finished": found["finished"],
        "engines": _engines(c_program),
        "steps": read_steps(bundle / "logs"),
        "git": environment["git"],
        "dtype": "float64, float32",
        "device": "cpu",
        "threads": found["threads"],
        "command": f"snakemake benchmark --config stamp={bundle.name}",
        "size": found["size"],
    }
    atomic.write_json(bundle / "run_metadata.json", metadata)
    benchmark_page.build(bundle)


def close(bundle: Path, workflow: Path) -> None:
    """Describe, hash and seal the bundle, and enter its end in the ledger; `workflow` is the Snakefile."""
    crate.build(bundle, workflow)
    gates, metadata = (_read(bundle / name) for name in ("gates.json", "run_metadata.json"))
    summary = {
        "verdict": gates["verdict"],
        "gates": {gate["id"]: gate["status"] for gate in gates["gates"]},
        "metrics": benchmark_page.headline(bundle),
        "engines": metadata["engines"],
        "size": metadata["size"],
    }
    seal.seal(bundle, bundle.parents[1] / LEDGER, summary)
    print(f"sealed {bundle}", flush=True)


def show(bundle: Path, out: TextIO) -> bool:
    """One line a target for the terminal; True if all are met, or if it was a smoke run that ended well."""
    gates, found = _read(bundle / "gates.json"), _read(bundle / "benchmark.json")
    for gate in gates["gates"]:
        for check in gate["checks"]:
            _say(f"  {check['status']:8} {gate['id']:9} {check['name']:26} {_figure(check)}", out)
    failed = [reason for reason in _failures(found) if reason]
    for reason in failed:
        _say(f"  failed: {reason}", out)
    _say(f"{gates['verdict']}: {bundle / 'benchmark.html'}", out)
    return not failed if found["size"] == "smoke" else bool(gates["verdict"] == "pass")


def _failures(found: dict[str, Any]) -> list[str]:
    rows = [*found["frame"]["contenders"], *found["memory"], *found["chores"], *found["cuda"]["contenders"]]
    said = [f"{row['name']}: {row['reason']}" for row in rows if row["reason"]]
    said += [f"{row['name']}: {row['reason']}" for row in found["features"] if row["reason"]]
    return said


def _figure(check: dict[str, Any]) -> str:
    limit, unit = check["threshold"], "" if check["unit"] == "1" else f" {check['unit']}"
    bound = f"{limit[0]:g} to {limit[1]:g}" if isinstance(limit, list) else f"{check['comparison']} {limit:g}"
    if check["measured"] is None:
        return f"({bound}{unit}) {check['reason']}"
    return f"{check['measured']:.4g}{unit} ({bound})"


def _engines(c_program: str | None) -> dict[str, Any]:
    c, py = find_c_engine(c_program), py_engine()
    found: dict[str, Any] = {
        engine.role: {"kind": engine.kind, "binary": engine.command[0], "binary_sha256": fingerprint(engine)}
        for engine in (c, py)
    }
    if c.kind == "ours" and c_program is None and BUILD_RECORD.is_file():
        found["c"]["build"] = _read(BUILD_RECORD)
    return found


def _say(text: str, out: TextIO) -> None:
    """To the terminal and, as standard output, to the log."""
    print(text, flush=True)
    print(text, file=out, flush=True)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

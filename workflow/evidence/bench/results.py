"""What a benchmark found: judged, described, shown as a page."""

import json
from pathlib import Path

from evidence.bench import benchmark_page, targets
from evidence.bench.digest import digest
from evidence.engines.found import find_c_engine
from evidence.engines.programs import fingerprint, py_engine
from evidence.paths import BUILD_RECORD
from evidence.provenance import machine
from evidence.provenance.metadata import read_steps
from evidence.records import Record
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
        "kind": "run_metadata",
        "schema": 1,
        "case": bundle.parent.name,
        "stamp": bundle.name,
        "started": found["started"],
        "finished": found["finished"],
        "engines": engines_of(c_program),
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


def engines_of(c_program: str | None) -> Record:
    """Both engines as run_metadata.json has them: what they are, where, with which hash."""
    c, py = find_c_engine(c_program), py_engine()
    found: Record = {
        engine.role: {"kind": engine.kind, "binary": engine.command[0], "binary_sha256": fingerprint(engine)}
        for engine in (c, py)
    }
    if c.kind == "ours" and c_program is None and BUILD_RECORD.is_file():
        found["c"]["build"] = _read(BUILD_RECORD)
    return found


def _read(path: Path) -> Record:
    found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found

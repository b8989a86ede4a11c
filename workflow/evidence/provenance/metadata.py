"""What a bundle says about the run that made it: gates.json, env.json, run_metadata.json."""

import json
from datetime import UTC, datetime
from pathlib import Path

from evidence import gates
from evidence.cases.settings import Settings
from evidence.engines.outputs import program_of
from evidence.paths import BUILD_RECORD
from evidence.provenance import headline, machine, mapped_tests
from evidence.records import Record
from evidence.store import atomic

FRAME = {"c": "c", "py": "py_float64"}  # runs of phase O that describe the engines
ENGINE_KEYS = ("binary", "binary_sha256", "threads", "dtype", "wall_s", "peak_rss_bytes", "status")


def write(bundle: Path, settings: Settings, root: Path) -> None:
    """Judge the gates and describe the run, all three files or an exception."""
    case, name = bundle.parent.name, bundle.name
    phases = {
        phase: gates.read_phase(bundle / f"phase_{phase.lower()}" / "metrics.json") for phase in gates.PHASES
    }
    judged = {**gates.assemble(case, name, phases, _tests(bundle)), "headline": headline.sentence(bundle)}
    environment = machine.environment(root)
    steps = read_steps(bundle / "logs")
    atomic.write_json(bundle / "gates.json", judged)
    atomic.write_json(bundle / "env.json", environment)
    metadata = {
        "kind": "run_metadata",
        "schema": 1,
        "case": case,
        "stamp": name,
        "started": min((step["started"] for step in steps), default=_now()),
        "finished": _now(),
        "engines": {role: _engine(bundle, label) for role, label in _frames(bundle).items()},
        "steps": steps,
        "git": environment["git"],
        "dtype": "float64, float32",
        "device": settings.device,
        "threads": settings.threads,
    }
    atomic.write_json(bundle / "run_metadata.json", metadata)
    print(f"verdict {judged['verdict']}", flush=True)


def describe(bundle: Path, root: Path, engines: Record, **more: object) -> None:
    """env.json and run_metadata.json of a bundle whose target has the name of its folder."""
    environment, steps = machine.environment(root), read_steps(bundle / "logs")
    times = sorted(step["started"] for step in steps)
    case = bundle.parent.name
    metadata = {
        "kind": "run_metadata",
        "schema": 1,
        "case": case,
        "stamp": bundle.name,
        "started": times[0],
        "finished": times[-1],
        "engines": engines,
        "steps": steps,
        "git": environment["git"],
        "device": "cpu",
        "command": f"snakemake {case} --config stamp={bundle.name}",
        **more,
    }
    atomic.write_json(bundle / "env.json", environment)
    atomic.write_json(bundle / "run_metadata.json", metadata)


def read_steps(folder: Path) -> list[Record]:
    """The records that the steps left beside their logs, in the order in which they began."""
    steps = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(({**step} for step in steps), key=lambda step: (step["started"], step["rule"]))


def _frames(bundle: Path) -> dict[str, str]:
    """Engine -> its run of phase O, the external ones too."""
    external = sorted(path.name for path in (bundle / "phase_o").glob("external_*") if path.is_dir())
    return FRAME | {label: label for label in external}


def _tests(bundle: Path) -> list[Record]:
    """The gate of the tests that the case names, if it names any."""
    path = bundle / "tests" / "tests.json"
    if not path.is_file():
        return []
    return [mapped_tests.gate(json.loads(path.read_text(encoding="utf-8")), bundle.parent.name, "parity")]


def _engine(bundle: Path, label: str) -> Record:
    """One engine as it rendered the full frame; for the C engine built here, how it was built."""
    path = bundle / "phase_o" / label / "run.json"
    if not path.is_file():
        return {"kind": None, "reason": "it rendered no full frame"}
    record = json.loads(path.read_text(encoding="utf-8"))
    found = {"kind": program_of(record)} | {key: record.get(key) for key in ENGINE_KEYS}
    if label == FRAME["c"] and BUILD_RECORD.is_file():
        built = json.loads(BUILD_RECORD.read_text(encoding="utf-8"))
        if built["binary_sha256"] == record.get("binary_sha256"):
            found["build"] = built
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

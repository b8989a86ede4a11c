"""One fault through the gates of the cases, until one of them does not pass."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence import gates
from evidence.campaigns.mutants import Mutation, undone
from evidence.cases import reflection_list
from evidence.cases.case import Case, load_case
from evidence.cases.settings import Settings
from evidence.engines.child import run_child
from evidence.errors import InputError
from evidence.faults.judging import ORDER
from evidence.jobs import stage
from evidence.paths import CASES, ROOT
from evidence.records import Record
from evidence.store import atomic

METRICS = "metrics.json"
AGAIN = ("py_*", "moved_*_*", "figures", "pixel_*", METRICS, "exercised.json")  # what a fault makes anew


def without_fault(name: str, settings: Record, folder: Path) -> Record:
    """Stage a case in `folder`, run and judge it as it is; returns its gates."""
    case = load_case(CASES / f"{name}.yaml")
    own = Settings(**settings)
    stage.stage(case, own, folder / "inputs")
    for target, source in case.inputs.items():
        if source.is_made:
            reflection_list.make(source.path, folder / "inputs" / target, **source.how)
    _judged(case, settings, folder, None)
    return gates.assemble(name, folder.name, _phases(folder))


def try_fault(fault: Mutation, cases: Sequence[str], settings: Record, made: Path, package: Path) -> Record:
    """The first gate that does not pass with the fault in a copy of `package`; `made` holds the cases' runs.

    `case` None in the row: every gate of every case passes. Raises InputError where a trial broke down.
    """
    started, tried = time.monotonic(), 0
    with undone(fault, package) as simulator:
        for name in cases:
            tried += 1
            with tempfile.TemporaryDirectory(prefix="fault-") as scratch:
                folder = Path(scratch) / name / made.parent.name
                shutil.copytree(made / name, folder, ignore=shutil.ignore_patterns(*AGAIN))
                _judged(load_case(CASES / f"{name}.yaml"), settings, folder, simulator)
                caught = _caught(folder)
            if caught is not None:
                break
        else:
            name, caught = None, dict.fromkeys(("gate", "check", "status", "reason", "tap", "pixel", "also"))
    seconds = round(time.monotonic() - started, 2)
    what = {key: getattr(fault, key) for key in ("name", "rule", "file", "old", "new")}
    return {**what, "case": name, **caught, "tried": tried, "seconds": seconds}


def _judged(case: Case, settings: Record, folder: Path, simulator: Path | None) -> None:
    """Let another process run and measure the phases of the case in `folder`."""
    own = {**settings, "c_engine": None}
    asked = {"bundle": str(folder), "case": str(case.path), "settings": own, "faulty": simulator is not None}
    atomic.write_json(folder / "request.json", asked)
    places = [simulator, ROOT / "workflow", ROOT, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(str(place) for place in places if place)}
    env.pop("NB_C_BIN", None)  # faults are found against the C engine built here
    # -P: the `simulator` of the current folder is not that of the path
    argv = [sys.executable, "-P", "-m", "evidence.faults.judging", str(folder / "request.json")]
    end = run_child(argv, Path.cwd(), folder / "judging.log", env, None)
    if end.problem:
        raise InputError(f"the phases of {case.name}", "a process that ends well", f"'{end.problem}'")


def _phases(folder: Path) -> Mapping[str, Record | str]:
    """What the phases measured; those that were not reached are left out."""
    paths = {letter.upper(): folder / f"phase_{letter}" / METRICS for letter in ORDER}
    return {letter: gates.read_phase(path) for letter, path in paths.items() if path.is_file()}


def _caught(folder: Path) -> Record | None:
    """The first check that does not pass, and where the traces first part; None if all pass."""
    phases = _phases(folder)
    judged = gates.assemble(folder.parent.name, folder.name, phases)
    bad = [
        check
        for gate in judged["gates"]
        if gate["phase"] in phases
        for check in gate["checks"]
        if check["status"] != "pass"
    ]
    broken = next((metrics for metrics in phases.values() if isinstance(metrics, str)), None)
    if broken:
        raise InputError("metrics of a trial", "readable ones", f"'{broken}'")
    if not bad:
        return None
    first = bad[0]
    return {
        **{key: first[key] for key in ("gate", "status", "reason")},
        "check": first["name"],
        "also": [check["name"] for check in bad[1:]],
        **_parting(folder),
    }


def _parting(folder: Path) -> Record:
    """The first tap that differs, of the first pixel whose traces part; None where they agree."""
    for path in sorted(folder.glob("phase_m/pixel_*/trace_compare.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        first = found["first_divergence"]
        if first is not None:
            return {"tap": first["tap"], "pixel": found["pixel"]}
    return {"tap": None, "pixel": None}

"""pytest selectors that a suite or case names: their run is part of the bundle, a skip counts as blocked."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from evidence.engines.programs import environment
from evidence.gates import Gate, gate_row
from evidence.provenance import machine
from evidence.records import Record
from evidence.store import atomic

KEPT = ("PYTHONPATH", "NB_C_BIN", "NB_RUN_PARALLEL", "OMP_NUM_THREADS", "PYTEST_ADDOPTS")
OUTCOMES = ("failures", "errors", "skipped")


def run_tests(folder: Path, selectors: Sequence[str], root: Path, timeout_s: float = 1800.0) -> Record:
    """Run them in `root`; log, collection, junit.xml and tests.json in `folder`."""
    # a test that passes though it is marked as one that must fail is no pass
    base = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", "xfail_strict=true"]
    env = {**os.environ, **environment(1)}
    listed = subprocess.run(
        [*base, "--collect-only", "-q", *selectors],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    atomic.write_text(folder / "collection.txt", listed.stdout + listed.stderr)
    started = time.monotonic()
    with atomic.staged(folder / "junit.xml") as junit:
        junit.touch()
        done = _run([*base, "-rA", f"--junitxml={junit.resolve()}", *selectors], root, env, timeout_s)
    atomic.write_text(folder / "tests.log", done[1])
    counts = count(folder / "junit.xml")
    found = {
        "schema": 1,
        "kind": "mapped tests",
        "selectors": list(selectors),
        "exit_code": done[0],
        "wall_s": time.monotonic() - started,
        "counts": counts,
        "status": status(done[0], counts),
        "environment": {name: env[name] for name in KEPT if name in env},
        "git": machine.git(root),
    }
    atomic.write_json(folder / "tests.json", found)
    return found


def _run(argv: list[str], root: Path, env: dict[str, str], timeout_s: float) -> tuple[int | None, str]:
    try:
        done = subprocess.run(
            argv, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=timeout_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return None, f"{text}\nended after {timeout_s:g} s\n"
    return done.returncode, done.stdout


def count(junit: Path) -> dict[str, int]:
    """Tests, failures, errors and skips of a junit.xml; no tests if it cannot be read."""
    try:
        suites = list(ElementTree.parse(junit).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        suites = []
    return {name: sum(int(each.get(name, 0)) for each in suites) for name in ("tests", *OUTCOMES)}


def status(exit_code: int | None, counts: dict[str, int]) -> str:
    """Pass only if tests ran, all of them, and all passed."""
    if exit_code not in (0, 5) or counts["failures"] or counts["errors"]:
        return "fail"
    return "blocked" if not counts["tests"] or counts["skipped"] else "pass"


def gate(found: Record, name: str, kind: str = "campaign") -> Record:
    """The gate of the tests of a suite (kind campaign) or a case (kind parity)."""
    row = Gate("CG-tests" if kind == "campaign" else "VG-tests", kind, f"Tests that {name} names")
    counts = found["counts"]
    told = ", ".join(f"{counts[name]} {name}" for name in ("tests", *OUTCOMES))
    check = {
        "gate": row.id,
        "name": "tests that did not pass",
        "measured": float(sum(counts[name] for name in OUTCOMES)),
        "comparison": "<=",
        "threshold": 0.0,
        "goal": None,
        "unit": "tests",
        "status": found["status"],
        "reason": None if found["status"] == "pass" else f"exit status {found['exit_code']}: {told}",
        "margin": None,
        "digits_past": None,
        "evidence": "tests/tests.json",
    }
    return gate_row(row, [check], f"snakemake {kind}_{name}")

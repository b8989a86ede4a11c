"""An invocation that is killed, or started twice: the next one needs no hand work and nothing is mixed up."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.project import ROOT

# Answers as our engine does, but its first run (of phase K) sleeps until the file `go` appears.
SLEEPER = """#!{python}
import pathlib, sys, time
if "-help" in sys.argv:
    print("--mode --quirks")
    sys.exit(0)
root = pathlib.Path({root!r})
(root / "started").touch()
while not (root / "go").exists():
    time.sleep(0.05)
sys.exit(5)
"""


def start(folder: Path, name: str) -> "subprocess.Popen[bytes]":
    """An invocation; what it says goes to the file `name`, which an orphan may hold open."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BRAGGPROOF_", "NB_"))}
    words = [
        "-s",
        str(ROOT / "Snakefile"),
        "-d",
        str(folder),
        "phase_k",
        "--config",
        f"c_engine={folder}/engine",
    ]
    with (folder / name).open("wb") as out:
        command = [sys.executable, "-m", "snakemake", *words]
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=kept)


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.05)


@pytest.fixture
def running(project: Path) -> "subprocess.Popen[bytes]":
    """An invocation whose C engine is at work."""
    engine = project / "engine"
    engine.write_text(SLEEPER.format(python=sys.executable, root=str(project)), encoding="utf-8")
    engine.chmod(0o755)
    first = start(project, "first.txt")
    wait_for(project / "started")
    return first


def records(project: Path) -> list[tuple[str, str | None, str]]:
    lines = (project / "results" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    return [(r["record"], r.get("verdict"), r["stamp"]) for r in map(json.loads, lines)]


def test_second_invocation_is_turned_away_and_a_killed_one_is_continued(
    project: Path, running: "subprocess.Popen[bytes]"
) -> None:
    second = start(project, "second.txt")
    assert second.wait(timeout=60) == 2
    said = (project / "second.txt").read_text(encoding="utf-8")
    assert f"expected nobody at work on it, got process {running.pid}" in said

    # The driver dies; its job lives on and still holds the phase.
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=60)
    third = start(project, "third.txt")
    time.sleep(5)
    assert third.poll() is None  # waits for the orphan instead of writing into its files
    (project / "go").touch()
    assert third.wait(timeout=120) == 1  # the engine's exit status 5 blocks the gate

    (bundle,) = sorted((project / "results" / "tiny").glob("2*"))
    found = records(project)
    assert [(kind, verdict) for kind, verdict, _ in found] == [
        ("start", None),
        ("start", None),
        ("end", "error"),
    ]
    assert {stamp for _, _, stamp in found} == {bundle.name}
    metrics = json.loads((bundle / "phase_k" / "metrics.json").read_text(encoding="utf-8"))
    assert "exit status 5" in metrics["checks"][0]["reason"]

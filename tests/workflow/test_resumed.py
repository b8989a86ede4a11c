"""A bundle that is continued: runs that were killed are done again; a full disk is one line."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.engines.build import build
from tests.faults.test_disk_full import private_mount
from tests.helpers.project import ROOT
from tests.workflow.test_snakemake import bundles, snakemake

# Our engine, killed in every run until the file `go` is there.
KILLED = """#!{python}
import os, signal, subprocess, sys
if "-help" not in sys.argv and not os.path.exists({go!r}):
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(subprocess.run([{engine!r}, *sys.argv[1:]]).returncode)
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = tmp_path_factory.mktemp("engine") / "nanobragg-c"
    build(sorted((ROOT / "simulator" / "reference").rglob("*.[ch]")), binary)
    return binary


def test_a_killed_run_is_done_again_and_a_good_one_is_not(project: Path, engine: Path) -> None:
    program = project / "killed"
    text = KILLED.format(python=sys.executable, go=str(project / "go"), engine=str(engine))
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    words = ["phase_k", "--config", f"c_engine={program}"]
    first = snakemake(project, *words)
    assert first.returncode == 1
    (bundle,) = bundles(project)
    metrics = bundle / "phase_k" / "metrics.json"
    assert "signal SIGKILL" in json.loads(metrics.read_text(encoding="utf-8"))["checks"][0]["reason"]

    (project / "go").touch()
    second = snakemake(project, *words)
    assert second.returncode == 0, second.stdout + second.stderr
    assert bundles(project) == [bundle]
    done = (bundle / "phase_k" / "runs.json").stat().st_mtime_ns
    third = snakemake(project, *words)
    assert third.returncode == 0, third.stderr
    assert (bundle / "phase_k" / "runs.json").stat().st_mtime_ns == done


def test_a_full_disk_is_one_line_and_the_bundle_is_finished_later(project: Path, engine: Path) -> None:
    """The project on a small disk of its own: filled, then given room, its bundle goes on and passes."""
    inside = private_mount()
    if inside is None:
        pytest.skip("no tmpfs can be mounted here")
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "phase_o", "phase_k"]
    script = f"""
set -u
mkdir disk && mount -t tmpfs -o size=64m none disk && cp -r config disk && cd disk
{shlex.join([*command[:-2], "build_c_engine"])} >../built.txt 2>&1
head -c $(($(df --output=avail -B1 . | tail -n 1) - 200000)) /dev/zero >filler
{shlex.join(command)} >../full.txt 2>&1; echo $? >../full.status
rm filler
{shlex.join(command)} >../room.txt 2>&1; echo $? >../room.status
cp -r results ../kept
"""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("BRAGGPROOF_", "NB_"))}
    subprocess.run([*inside, "sh", "-c", script], cwd=project, env=kept, timeout=900, check=True)
    full = (project / "full.txt").read_text(encoding="utf-8")
    assert (project / "full.status").read_text().strip() == "2", full
    assert full.splitlines()[-1].startswith(f"error: no room on the disk of {project / 'disk'}: ")
    assert "Traceback" not in full, full
    assert "No space left on device" in full
    assert (project / "room.status").read_text().strip() == "0", (project / "room.txt").read_text()
    (bundle,) = (project / "kept" / "tiny").glob("2*")
    for phase in "ko":
        metrics = json.loads((bundle / f"phase_{phase}" / "metrics.json").read_text(encoding="utf-8"))
        assert metrics["status"] == "pass"

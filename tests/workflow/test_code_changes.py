"""A run belongs to the code that made it: an edit of either package makes the engines run again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.helpers.project import ROOT

PARTS = ("Snakefile", "workflow", "simulator", "envs", "profiles")


def call(house: Path, folder: Path, *words: str) -> str:
    """Output of one call of the copied house, which must succeed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NB_", "PYTHONPATH"))}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-s", str(house / "Snakefile"), "-d", str(folder), *words],
        capture_output=True,
        text=True,
        env=kept,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_an_edit_makes_the_engines_run_again(project: Path, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, house / part)
    call(house, project, "phase_k")
    assert "run_phase" not in call(house, project, "-n", "phase_k")
    for edited in ("workflow/evidence/__init__.py", "simulator/physics/cell.py"):
        text = (house / edited).read_text(encoding="utf-8")
        (house / edited).write_text(text + "\n# edited\n", encoding="utf-8")
        assert "run_phase" in call(house, project, "-n", "phase_k"), edited
        (house / edited).write_text(text, encoding="utf-8")
    (runs,) = project.glob("results/tiny/*/phase_k/runs.json")
    assert json.loads(runs.read_text(encoding="utf-8"))["runs"]

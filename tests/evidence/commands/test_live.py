"""An external nanoBragg, NB_C_BIN, against the PyTorch engine: nb-compare as its users run it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.commands import nb_compare
from evidence.engines.found import find_c_engine
from tests.helpers.places import ROOT

COMMAND = (
    "-cell 40 50 60 80 85 95 -default_F 100 -Na 5 -Nb 6 -Nc 7 -lambda 1 -distance 50 -detpixels 48 "
    "-pixel 0.4 -oversample 1 -phi 0 -osc 1 -phisteps 4"
).split()


@pytest.mark.live
@pytest.mark.parametrize(
    "more", [[], ["-misset", "10", "20", "30"], ["-twotheta", "15"]], ids=["plain", "misset", "twotheta"]
)
def test_external_nanobragg_and_pytorch_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert nb_compare.main(["--outdir", "out", "--", *COMMAND, *more]) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"] == "pass"
    assert summary["engines"]["c"]["binary"] == os.path.realpath(os.environ["NB_C_BIN"])


def run_live(tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The tests above in a process of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NB_")}
    place = ["-p", "no:cacheprovider", "--basetemp", str(tmp_path / "inner")]
    return subprocess.run(
        [sys.executable, "-m", "pytest", str(Path(__file__).resolve()), "-m", "live", "-rs", *place],
        cwd=ROOT,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_unset_they_are_skipped_with_a_notice(tmp_path: Path) -> None:
    done = run_live(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "3 skipped" in done.stdout
    assert "NB_RUN_PARALLEL is not 1" in done.stdout


@pytest.mark.parametrize("value", ["", "/no/such/program"])
def test_asked_for_without_a_program_they_fail(tmp_path: Path, value: str) -> None:
    done = run_live(tmp_path, NB_RUN_PARALLEL="1", NB_C_BIN=value)
    assert done.returncode == 1, done.stdout
    assert "NB_C_BIN: expected the path of a nanoBragg" in done.stdout
    assert "3 errors" in done.stdout


def test_asked_for_they_run(tmp_path: Path) -> None:
    built = find_c_engine().command[0]
    done = run_live(tmp_path, NB_RUN_PARALLEL="1", NB_C_BIN=built)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_a_program_that_renders_something_else_fails(tmp_path: Path, outsider: Callable[..., Path]) -> None:
    done = run_live(tmp_path, NB_RUN_PARALLEL="1", NB_C_BIN=str(outsider("stock")))
    assert done.returncode == 1, done.stdout
    assert "3 failed" in done.stdout

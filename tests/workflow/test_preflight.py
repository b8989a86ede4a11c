"""What cannot be run is refused before the first rule: the engines' own line, status 2, nothing written."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.project import TINY
from tests.workflow.test_snakemake import snakemake

LARGE = {"command": TINY["command"].replace("-detpixels 48", "-detpixels 200000")}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"trace_pixels": [[20, 48]]},
            "-trace_pixel: expected 0 <= slow <= 47 and 0 <= fast <= 47, got 20 48",
        ),
        ({"probe": {"slow": [47, 48], "fast": [1, 2]}}, "-trace_pixel: expected 0 <= slow <= 47"),
        ({"roi": {"slow": [4, 43], "fast": [4, 99]}}, "-roi: expected 0 <= xmin <= xmax <= 47"),
        ({"command": TINY["command"].replace("-oversample 1", "-oversample '1;'")}, "-oversample: expected"),
        (LARGE, "command line: expected a detector of at most 268435456 pixels, got 200000 x 200000"),
        ({"command": TINY["command"] + " -Nd 5"}, "command line: expected a flag, got '-Nd'"),
    ],
)
def test_a_case_that_cannot_be_run(project: Path, change: dict[str, Any], line: str) -> None:
    refused(project, change, line)


def test_a_dry_run_refuses_it_as_well(project: Path) -> None:
    line = "command line: expected a detector of at most 268435456 pixels, got 200000 x 200000"
    refused(project, LARGE, line, "-n")


def refused(project: Path, change: dict[str, Any], line: str, *dry: str) -> None:
    (project / "config" / "cases" / "tiny.yaml").write_text(
        yaml.safe_dump({**TINY, **change}), encoding="utf-8"
    )
    done = snakemake(project, *dry, "parity_tiny")
    assert done.returncode == 2, done.stdout + done.stderr
    (said,) = [text for text in done.stderr.splitlines() if text.startswith("error: ")]
    assert said.startswith(f"error: config/cases/tiny.yaml: {line}")
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in project.iterdir() if path.name != ".snakemake") == ["config"]


@pytest.mark.parametrize("words", [["-n", "parity_tiny"], ["phase_o"]])
def test_an_engine_that_cannot_be_started(project: Path, words: list[str]) -> None:
    done = snakemake(project, *words, NB_C_BIN="/nonexist")
    assert done.returncode == 2, done.stdout + done.stderr
    (said,) = [text for text in done.stderr.splitlines() if text.startswith("error: ")]
    wanted = "expected a nanoBragg that starts and answers, got '/nonexist': No such file or directory"
    assert said == f"error: NB_C_BIN: {wanted}"
    assert not (project / "results").exists()


def test_another_case_is_not_looked_at(project: Path) -> None:
    """A mistake in one case does not stop the others."""
    bad = {**TINY, "trace_pixels": [[99, 99]]}
    (project / "config" / "cases" / "bad.yaml").write_text(yaml.safe_dump(bad), encoding="utf-8")
    assert snakemake(project, "-n", "parity_tiny").returncode == 0
    assert snakemake(project, "-n", "all").returncode == 2

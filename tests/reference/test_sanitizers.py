"""No read out of bounds, no leak, no undefined arithmetic: the engine under AddressSanitizer and UBSan."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.helpers.bad_input import GOOD, TABLE
from tests.helpers.engine import compile_engine, fill, read_cases

CASES = read_cases()
CHOSEN = (
    "hkl_tricubic_latch",
    "everything",
    "mosaic_domains",
    "img_and_mask",
    "thick_over",
    "sourcefile_xds",
    "misset_random",
    "gauss_phi_mosaic",
    "hkl_default_outside",
    "curved_det",
)
EXTRA = ("-trace_pixel 3 4", "-printout_pixel 4 3", "-seed 3")


@pytest.fixture(scope="session")
def checked_engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine with both sanitizers; any finding ends the run."""
    folder = tmp_path_factory.mktemp("checked")
    return compile_engine(folder, "-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def start(engine: Path, folder: Path, arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=1"}
    words = [str(engine), *arguments.split()]
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("name", CHOSEN)
def test_golden_case_is_clean(name: str, checked_engine: Path, tmp_path: Path) -> None:
    """Images, traces, printouts and noise without a finding."""
    arguments = CASES[name]["args"]
    width = min(CASES[name]["shape"])
    done = start(checked_engine, fill(tmp_path), f"{arguments} {' '.join(EXTRA)} -roi 0 {width - 1} 0 11")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Sanitizer" not in done.stderr
    assert "runtime error" not in done.stderr


def test_cache_is_clean(checked_engine: Path, tmp_path: Path) -> None:
    """Writing and reading the reflection cache."""
    fill(tmp_path)
    for extra in ("-hkl half.hkl", ""):
        done = start(checked_engine, tmp_path, f"{GOOD} {extra}")
        assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "Fdump.bin").exists()


def test_mistakes_are_clean(checked_engine: Path, tmp_path: Path) -> None:
    """Bad files are refused by the parsers, not by luck. (A refused run may leak at its exit.)"""
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    for number, bad in enumerate(TABLE):
        folder = fill(tmp_path / str(number)) if (tmp_path / str(number)).mkdir() is None else tmp_path
        for name, content in bad.files.items():
            (folder / name).mkdir() if content is None else (folder / name).write_bytes(content)
        words = [str(checked_engine), *bad.arguments.replace("{G}", GOOD).split()]
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (2, f"error: {bad.message}\n")

"""The C engine, compiled for the tests, and the folder of golden inputs it runs in."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "simulator" / "reference").rglob("*.c"))
GOLDEN = ROOT / "tests" / "golden"
INPUTS = [*GOLDEN.glob("*.hkl"), *GOLDEN.glob("*.txt"), *GOLDEN.glob("*.img"), GOLDEN / "A.mat"]
FLAGS = ["-std=c99", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
QUIET = ["-nonoise", "-nopgm", "-floatfile", "image.bin"]

Run = Callable[..., subprocess.CompletedProcess[str]]


def compile_engine(folder: Path, *extra: str) -> Path:
    """Build the engine with further options. A missing compiler or a warning is a failure, not a skip."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    assert compiler is not None, "no C compiler: install gcc or clang, the C engine cannot be tested without"
    binary = folder / "nanobragg-c"
    command = [compiler, *FLAGS, *extra, *map(str, SOURCES), "-lm", "-o", str(binary)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return binary


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine as the workflow builds it, with OpenMP."""
    return compile_engine(tmp_path_factory.mktemp("engine"), "-fopenmp")


def fill(folder: Path) -> Path:
    """Link the golden inputs into a folder of its own: a run leaves a cache file where it stands."""
    for path in INPUTS:
        (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def run(engine: Path, tmp_path: Path) -> Run:
    """`run(arguments)` in a fresh folder with the golden inputs, one thread unless told otherwise."""
    fill(tmp_path)

    def start(arguments: str | list[str], check: bool = True) -> subprocess.CompletedProcess[str]:
        words = arguments.split() if isinstance(arguments, str) else arguments
        done = subprocess.run(
            [str(engine), *words], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return start


def read_cases() -> dict[str, Any]:
    """Golden cases: arguments, shape, stored window."""
    cases: dict[str, Any] = json.loads((GOLDEN / "images.json").read_text())
    return cases


@pytest.fixture(scope="session")
def golden_images() -> dict[str, npt.NDArray[np.float32]]:
    """Golden images by case."""
    with np.load(GOLDEN / "images.npz") as stored:
        return {name: stored[name] for name in stored.files}

"""The C engine, compiled for the tests, and the folder of golden inputs it runs in."""

import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.helpers.places import GOLDEN, ROOT

SOURCES = sorted((ROOT / "simulator" / "reference").rglob("*.c"))
INPUTS = [*GOLDEN.glob("*.hkl"), *GOLDEN.glob("*.txt"), *GOLDEN.glob("*.img"), GOLDEN / "A.mat"]
FLAGS = ["-std=c99", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
QUIET = ["-nonoise", "-nopgm", "-floatfile", "image.bin"]

Run = Callable[..., subprocess.CompletedProcess[str]]


def compile_engine(folder: Path, *extra: str) -> Path:
    """Build the engine with further options. A missing compiler or a warning is a failure, not a skip."""
    binary = folder / "nanobragg-c"
    binary.write_bytes(_compiled(extra))
    binary.chmod(0o755)
    return binary


@functools.cache
def _compiled(extra: tuple[str, ...]) -> bytes:
    """The program, built once a process: two seconds that many modules need."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    assert compiler is not None, "no C compiler: install gcc or clang, the C engine cannot be tested without"
    with tempfile.TemporaryDirectory() as scratch:
        binary = Path(scratch) / "nanobragg-c"
        command = [compiler, *FLAGS, *extra, *map(str, SOURCES), "-lm", "-o", str(binary)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return binary.read_bytes()


def fill(folder: Path) -> Path:
    """Link the golden inputs into a folder of its own: a run leaves a cache file where it stands."""
    for path in INPUTS:
        (folder / path.name).symlink_to(path)
    return folder


def read_cases() -> dict[str, Any]:
    """Golden cases: arguments, shape, stored window."""
    cases: dict[str, Any] = json.loads((GOLDEN / "images.json").read_text())
    return cases

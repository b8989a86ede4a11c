"""The C compiler: which one, with which flags, and the engine compiled.

setup.py loads this file by itself, before anything else can be imported: the standard library must do.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

# No -ffast-math, no contraction: the same operations in the same order on every machine.
FLAGS = ("-std=c99", "-O2", "-ffp-contract=off")
OPENMP = "-fopenmp"
LIBRARIES = ("-lm",)
USUAL = ("cc", "gcc", "clang")


def find_compiler(given: str | None = None) -> str | None:
    """Path of `given`, of $CC or of the first usual compiler; None if it is not there."""
    wanted = given or os.environ.get("CC")
    found = map(shutil.which, [wanted] if wanted else USUAL)
    return next(filter(None, found), None)


def has_openmp(compiler: str) -> bool:
    """Whether a program that uses OpenMP compiles and links."""
    program = "#include <omp.h>\nint main(void) { return omp_get_max_threads() > 0 ? 0 : 1; }\n"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text(program, encoding="ascii")
        result = subprocess.run(
            [compiler, OPENMP, "-o", str(Path(folder, "probe")), str(source)],
            capture_output=True,
            check=False,
        )
    return result.returncode == 0


def compiler_version(compiler: str) -> str:
    """The first line of what it says about itself."""
    result = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return (result.stdout.splitlines() or ["unknown"])[0]


def engine_flags(compiler: str, version: str, commit: str | None) -> list[str]:
    """What the engine is compiled with; version and commit are for its --version."""
    names = [f'-DBRAGGPROOF_VERSION="{version}"', f'-DBRAGGPROOF_COMMIT="{commit or "unknown"}"']
    return [*FLAGS, *([OPENMP] if has_openmp(compiler) else []), *names]


def compile_engine(compiler: str, flags: Sequence[str], code: Sequence[Path], binary: Path) -> None:
    """Compile and link `code`. Raises subprocess.CalledProcessError if that fails."""
    arguments = [compiler, *flags, "-o", str(binary), *map(str, code), *LIBRARIES]
    print(" ".join(arguments), flush=True)
    subprocess.run(arguments, check=True)

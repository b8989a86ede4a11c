"""Build the C engine from simulator/reference and record how."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from evidence.errors import InputError
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import file_hash, tree_hash

# No -ffast-math, no contraction: the same operations in the same order on every machine.
FLAGS = ("-std=c99", "-O2", "-ffp-contract=off")
OPENMP = "-fopenmp"
LIBRARIES = ("-lm",)


def build(sources: Sequence[Path], binary: Path, compiler: str | None = None) -> Record:
    """Compile `sources` into `binary`, write build.json beside it and return that record."""
    command = _compiler(compiler)
    code = sorted(path for path in sources if path.suffix == ".c")
    if not code:
        raise InputError("C engine", "C files", "none")
    flags = [*FLAGS, *([OPENMP] if _has_openmp(command) else [])]
    with atomic.staged(binary) as made:
        arguments = [command, *flags, "-o", str(made), *map(str, code), *LIBRARIES]
        print(" ".join(arguments), flush=True)
        subprocess.run(arguments, check=True)
    record = {
        "kind": "build",
        "schema": 1,
        "compiler": command,
        "compiler_version": _version(command),
        "flags": [*flags, *LIBRARIES],
        "openmp": OPENMP in flags,
        "sources": {path.name: file_hash(path) for path in sorted(sources)},
        "source_sha256": tree_hash(sources),
        "binary": binary.name,
        "binary_sha256": file_hash(binary),
    }
    atomic.write_json(binary.parent / "build.json", record)
    return record


def _compiler(given: str | None) -> str:
    """Path of `given`, of $CC or of the first usual compiler."""
    wanted = given or os.environ.get("CC")
    for name in [wanted] if wanted else ["cc", "gcc", "clang"]:
        found = shutil.which(name)
        if found:
            return found
    raise InputError("C engine", "a C compiler (cc, gcc, clang or CC=...)", f"'{wanted or 'none found'}'")


def _has_openmp(compiler: str) -> bool:
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


def _version(compiler: str) -> str:
    result = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return (result.stdout.splitlines() or ["unknown"])[0]

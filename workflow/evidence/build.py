"""Build the C engine from simulator/reference and record how."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence import store
from evidence.complaint import Complaint

# No -ffast-math, no contraction: the same operations in the same order on every machine.
FLAGS = ("-std=c99", "-O2", "-ffp-contract=off")
OPENMP = "-fopenmp"
LIBRARIES = ("-lm",)


def build(sources: Sequence[Path], binary: Path, compiler: str | None = None) -> dict[str, Any]:
    """Compile `sources` into `binary`, write build.json beside it and return that record."""
    command = _compiler(compiler)
    code = sorted(path for path in sources if path.suffix == ".c")
    if not code:
        raise Complaint("C engine", "C files", "none")
    flags = [*FLAGS, *([OPENMP] if _has_openmp(command) else [])]
    with store.staged(binary) as made:
        arguments = [command, *flags, "-o", str(made), *map(str, code), *LIBRARIES]
        print(" ".join(arguments), flush=True)
        subprocess.run(arguments, check=True)
    record = {
        "schema": 1,
        "compiler": command,
        "compiler_version": _version(command),
        "flags": [*flags, *LIBRARIES],
        "openmp": OPENMP in flags,
        "sources": {path.name: _sha256(path) for path in sorted(sources)},
        "source_sha256": source_hash(sources),
        "binary": binary.name,
        "binary_sha256": _sha256(binary),
    }
    store.write_json(binary.parent / "build.json", record)
    return record


def source_hash(sources: Sequence[Path]) -> str:
    """One hash over names and contents of the files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(sources, key=lambda found: found.name):
        digest.update(f"{_sha256(path)}  {path.name}\n".encode())
    return digest.hexdigest()


def _compiler(given: str | None) -> str:
    """Path of `given`, of $CC or of the first usual compiler."""
    wanted = given or os.environ.get("CC")
    for name in [wanted] if wanted else ["cc", "gcc", "clang"]:
        found = shutil.which(name)
        if found:
            return found
    raise Complaint("C engine", "a C compiler (cc, gcc, clang or CC=...)", f"'{wanted or 'none found'}'")


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


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""Build the C engine from simulator/reference and record how."""

import os
from collections.abc import Sequence
from pathlib import Path

from evidence.engines.compiler import (
    LIBRARIES,
    OPENMP,
    compile_engine,
    compiler_version,
    engine_flags,
    find_compiler,
)
from evidence.errors import InputError
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import file_hash, tree_hash
from simulator.version import VERSION, commit

SOURCES = "simulator/reference"


def build(sources: Sequence[Path], binary: Path, compiler: str | None = None) -> Record:
    """Compile `sources` into `binary`, write build.json beside it and return that record."""
    command = find_compiler(compiler)
    if command is None:
        wanted = compiler or os.environ.get("CC") or "none found"
        raise InputError("C engine", "a C compiler (cc, gcc, clang or CC=...)", f"'{wanted}'")
    code = sorted(path for path in sources if path.suffix == ".c")
    if not code:
        raise InputError("C engine", "C files", "none")
    flags = engine_flags(command, VERSION, commit(SOURCES))
    with atomic.staged(binary) as made:
        compile_engine(command, flags, code, made)
    record = {
        "kind": "build",
        "schema": 1,
        "compiler": command,
        "compiler_version": compiler_version(command),
        "flags": [*flags, *LIBRARIES],
        "openmp": OPENMP in flags,
        "sources": {path.name: file_hash(path) for path in sorted(sources)},
        "source_sha256": tree_hash(sources),
        "binary": binary.name,
        "binary_sha256": file_hash(binary),
    }
    atomic.write_json(binary.parent / "build.json", record)
    return record

"""The C engine is built once per source and compiler, and says how."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from evidence.engines import build
from evidence.errors import InputError
from evidence.store.hashes import tree_hash

HALF = "double half(double x) { return x / 2; }\n"
MAIN = '#include <stdio.h>\ndouble half(double x);\nint main(void) { printf("%g\\n", half(5)); return 0; }\n'


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    (tmp_path / "half.c").write_text(HALF, encoding="ascii")
    (tmp_path / "main.c").write_text(MAIN, encoding="ascii")
    (tmp_path / "half.h").write_text("double half(double x);\n", encoding="ascii")
    return sorted(tmp_path.glob("*.[ch]"))


def test_builds_and_records(sources: list[Path], tmp_path: Path) -> None:
    binary = tmp_path / "out" / "engine"
    record = build.build(sources, binary)
    assert subprocess.run([binary], capture_output=True, text=True, check=True).stdout == "2.5\n"
    assert os.access(binary, os.X_OK)
    assert json.loads((binary.parent / "build.json").read_text(encoding="utf-8")) == record
    assert record["flags"][:3] == ["-std=c99", "-O2", "-ffp-contract=off"]
    assert not any("fast-math" in flag or flag in ("-Ofast", "-march=native") for flag in record["flags"])
    assert sorted(record["sources"]) == ["half.c", "half.h", "main.c"]
    assert record["openmp"] == ("-fopenmp" in record["flags"])
    assert record["compiler_version"]
    assert sorted(path.name for path in binary.parent.iterdir()) == ["build.json", "engine"]


def test_hash_follows_content_and_names(sources: list[Path], tmp_path: Path) -> None:
    before = tree_hash(sources)
    assert tree_hash(list(reversed(sources))) == before
    sources[0].write_text(HALF.replace("2", "3"), encoding="ascii")
    assert tree_hash(sources) != before


def test_source_that_does_not_compile_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "main.c"
    path.write_text("int main(void) { return x; }\n", encoding="ascii")
    with pytest.raises(subprocess.CalledProcessError):
        build.build([path], tmp_path / "out" / "engine")
    assert list((tmp_path / "out").iterdir()) == []


def test_mistakes(sources: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="expected C files, got none"):
        build.build([], tmp_path / "engine")
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(InputError, match=r"a C compiler .*'no-such-compiler'"):
        build.build(sources, tmp_path / "engine")


def test_without_openmp_it_still_builds(sources: list[Path], tmp_path: Path) -> None:
    """A compiler that knows no -fopenmp: the flag is left out and the record says so."""
    poor = tmp_path / "poor-cc"
    poor.write_text(
        '#!/bin/sh\nfor a; do [ "$a" = -fopenmp ] && exit 1; done\nexec cc "$@"\n', encoding="ascii"
    )
    poor.chmod(0o755)
    record = build.build(sources, tmp_path / "out" / "engine", str(poor))
    assert record["openmp"] is False
    assert "-fopenmp" not in record["flags"]

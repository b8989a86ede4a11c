"""The key of the programs on disk covers every source they are made from."""

import ast
import shutil
from pathlib import Path

import pytest

from simulator.compiled.library import PACKAGE, fingerprint, sources

SOURCES = [path.relative_to(PACKAGE).as_posix() for path in sources()]
USED = (
    *("vectors", "detector", "ray", "scattering", "lattice", "structure", "trig", "polarization"),
    *("background", "rotations", "sources", "cell"),
)


def imported_constants() -> list[tuple[str, str]]:
    """Constants that one of the sources takes from another: where they are defined, and their names."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse((PACKAGE / source).read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("simulator."):
                home = node.module.removeprefix("simulator.").replace(".", "/") + ".py"
                found |= {(home, alias.name) for alias in node.names if alias.name.isupper()}
    return sorted(found)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package somewhere else, under its own name."""
    folder = tmp_path_factory.mktemp("copy") / PACKAGE.name
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("*.c", "*.h", "__pycache__"))
    return folder


def changed(copy: Path, name: str, text: str) -> bool:
    """Whether this text in a module's place changes the key; the module is put back."""
    path = copy / name
    kept = path.read_text()
    fingerprint.cache_clear()
    before = fingerprint(copy)
    path.write_text(text)
    fingerprint.cache_clear()
    after = fingerprint(copy)
    path.write_text(kept)
    fingerprint.cache_clear()
    return before != after


def test_sources_are_found(copy: Path) -> None:
    """All of the physics that programs are made from, and the same from a copy elsewhere."""
    assert {f"physics/{name}.py" for name in USED} <= set(SOURCES)
    assert {"compiled/programs.py", "compiled/library.py", "rendering/kernels.py", "units.py"} <= set(SOURCES)
    assert fingerprint(copy) == fingerprint()


@pytest.mark.parametrize("name", SOURCES)
def test_any_change_of_a_source(name: str, copy: Path) -> None:
    """One more line anywhere."""
    assert changed(copy, name, (copy / name).read_text() + "\nONE_MORE = 1\n")


@pytest.mark.parametrize(("home", "constant"), imported_constants())
def test_any_imported_constant(home: str, constant: str, copy: Path) -> None:
    """Another value of what is defined in one module and used in another."""
    text = (copy / home).read_text()
    definition = f"\n{constant} = "
    annotated = f"\n{constant}: "
    assert definition in text or annotated in text
    assert changed(copy, home, text + f"\n{constant} = None\n")


def test_the_electron_radius_is_one_of_them() -> None:
    """What once was forgotten."""
    assert ("units.py", "R_E_SQR") in imported_constants()


@pytest.mark.parametrize("name", ["commandline/flags.py", "files/outputs.py", "rendering/trace.py"])
def test_other_modules_do_not_count(name: str, copy: Path) -> None:
    """A new flag compiles nothing anew."""
    assert not changed(copy, name, (copy / name).read_text() + "\nONE_MORE = 1\n")

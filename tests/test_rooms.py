"""Each room imports only rooms above it in the list of CONTRIBUTING.md, and no import runs in a circle."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

PACKAGES = {"evidence": ROOT / "workflow" / "evidence", "simulator": ROOT / "simulator"}


def rooms(package: str) -> list[str]:
    """Names of the rooms, top first."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (listed,) = re.findall(rf"^```rooms {package}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line.split()[0] for line in listed.splitlines()]


def modules(package: str) -> dict[str, Path]:
    """Dotted name below the package -> file; a folder's __init__ goes by the name of the folder."""
    top = PACKAGES[package]
    found = {
        path.relative_to(top).with_suffix("").as_posix().replace("/", "."): path for path in top.rglob("*.py")
    }
    return {re.sub(r"\.?__init__$", "", name): path for name, path in found.items()}


def imports(package: str, path: Path, known: set[str], at_once: bool = False) -> set[str]:
    """Modules of the same package that a file imports, wherever that stands or, `at_once`, when it loads."""
    wanted: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: say from where, not how far up"
            wanted |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    below = {name.removeprefix(f"{package}.") for name in wanted if name.startswith(f"{package}.")}
    return below & known


def room_of(name: str, listed: list[str]) -> str:
    first = name.split(".", maxsplit=1)[0]
    return first if first in listed or "*" not in listed else "*"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_room_imports_only_what_stands_above_it(package: str) -> None:
    listed, found = rooms(package), modules(package)
    inside = {room_of(name, listed) for name in found if name and name != "__main__"}
    assert inside == set(listed), "a room without a line in CONTRIBUTING.md, or a line without a room"
    upward = [
        f"{name} imports {other}"
        for name, path in found.items()
        if name
        for other in imports(package, path, set(found))
        if listed.index(room_of(other, listed)) > listed.index(room_of(name, listed))
    ]
    assert upward == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_runs_in_a_circle(package: str) -> None:
    found = modules(package)
    graph = {name: imports(package, path, set(found), at_once=True) for name, path in found.items() if name}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", [name for name in PACKAGES if len(rooms(name)) > 1])
def test_rooms_are_small(package: str) -> None:
    """At most 200 lines a module, at most 25 modules a folder, and no two modules of one name."""
    found = {name: path for name, path in modules(package).items() if name and path.name != "__init__.py"}
    long = {name: n for name, path in found.items() if (n := len(path.read_text().splitlines())) > 200}
    assert long == {}
    folders = [name.rpartition(".")[0] for name in found]
    assert max(map(folders.count, folders)) <= 25
    stems = [name.rpartition(".")[2] for name in found]
    assert {stem for stem in stems if stems.count(stem) > 1} == set()

"""The wheel in an environment of its own: the four commands, from an empty folder."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

COMMANDS = ("nanobragg-torch", "nb-hkl", "nb-geometry", "nb-compare", "nb-trace", "braggproof")
SMALL = "-cell 50 60 70 90 90 90 -default_F 10 -N 3 -detpixels 32 -pixel 1 -misset 1 2 3".split()
GIT = "git -c user.name=nobody -c user.email=nobody@localhost -c init.defaultBranch=main".split()
Call = Callable[..., subprocess.CompletedProcess[str]]


def call(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program with nothing in its environment that points to this checkout."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "NB_C_BIN", "CC")}
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env=env | variables, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a checkout of its own, committed: a build leaves its traces there."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("simulator", "workflow"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "MANIFEST.in", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        done = call(*GIT, *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def install(source: Path, folder: Path, **variables: str) -> Path:
    """A fresh environment with the wheel; what the wheel depends on is seen through a .pth file."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    make = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder / "wheel", source]
    done = call(*make, cwd=folder, **variables)
    assert done.returncode == 0, done.stderr
    done = call(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    assert done.returncode == 0, done.stderr
    python = folder / "venv" / "bin" / "python"
    done = call(*pip, "--python", python, "install", "--no-deps", *(folder / "wheel").iterdir(), cwd=folder)
    assert done.returncode == 0, done.stderr
    packages = call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    Path(packages.stdout.strip(), "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


@pytest.fixture(scope="session")
def programs(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are, installed from a source archive with a C compiler at hand."""
    folder = tmp_path_factory.mktemp("archive")
    words = "import sys; from setuptools.build_meta import build_sdist; build_sdist(sys.argv[1])"
    done = call(sys.executable, "-c", words, folder, cwd=source)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.iterdir()
    return install(archive, tmp_path_factory.mktemp("with"))


@pytest.fixture(scope="session")
def poor_programs(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are, installed from the checkout, without a C compiler."""
    return install(source, tmp_path_factory.mktemp("without"), CC="no-such-compiler")


def test_the_packages_are_those_of_the_wheel(programs: Path, tmp_path: Path) -> None:
    words = "import simulator, evidence; print(simulator.__file__, evidence.__file__)"
    found = call(programs / "python", "-c", words, cwd=tmp_path).stdout.split()
    assert len(found) == 2
    assert all(Path(name).is_relative_to(programs.parent) for name in found)


def test_version(programs: Path, source: Path, tmp_path: Path) -> None:
    """Version and the commit that the wheel was made from, from each command and from the C engine."""
    commit = call("git", "rev-parse", "HEAD", cwd=source).stdout.strip()
    assert re.fullmatch("[0-9a-f]{40}", commit)
    engine = next(programs.parent.rglob("nanobragg-c"))
    for program in (*(programs / name for name in COMMANDS), engine):
        done = call(program, "--version", cwd=tmp_path)
        assert re.fullmatch(rf"{program.name} \d+\.\d+\.\d+ \(commit {commit}\)\n", done.stdout), done.stderr


def test_renders(programs: Path, tmp_path: Path) -> None:
    done = call(programs / "nanobragg-torch", *SMALL, "-floatfile", "image.bin", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "image.bin").stat().st_size == 4 * 32 * 32


def test_compares_and_traces(programs: Path, tmp_path: Path) -> None:
    """Both engines run, that of the wheel among them, and agree."""
    done = call(programs / "nb-compare", "--", *SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "nb-compare" / "summary.json").is_file()
    done = call(programs / "nb-trace", "run", "--pixel", "3", "4", "--", *SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no divergence" in done.stdout


def test_ledger(programs: Path, tmp_path: Path) -> None:
    """Nothing is there: one line says so; with an empty folder there are no attempts."""
    done = call(programs / "braggproof", "list", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "results: expected a folder, got none" in done.stderr
    (tmp_path / "results").mkdir()
    done = call(programs / "braggproof", "list", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_schemas_and_templates(programs: Path, tmp_path: Path) -> None:
    """The files beside the packages are those of the checkout."""
    words = "from evidence import paths; print(paths.SCHEMAS); print(paths.TEMPLATES)"
    schemas, templates = call(programs / "python", "-c", words, cwd=tmp_path).stdout.split()
    for folder, origin, pattern in ((schemas, "schemas", "*.yaml"), (templates, "report", "**/*.j2")):
        names = {path.relative_to(folder) for path in Path(folder).glob(pattern)}
        assert Path(folder).is_relative_to(programs.parent)
        assert names == {
            path.relative_to(ROOT / "workflow" / origin)
            for path in (ROOT / "workflow" / origin).glob(pattern)
        }
        assert len(names) > 1


def test_without_a_compiler(poor_programs: Path, tmp_path: Path) -> None:
    """All that needs no C engine works; what does says in one line what is missing and what would help."""
    done = call(poor_programs / "nanobragg-torch", *SMALL, "-floatfile", "image.bin", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in (["nb-compare"], ["nb-trace", "run", "--pixel", "3", "4"]):
        done = call(poor_programs / words[0], *words[1:], "--", *SMALL, cwd=tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "there is no C engine" in done.stderr
        assert "NB_C_BIN" in done.stderr


def test_a_program_that_is_not_there_is_named(programs: Path, tmp_path: Path) -> None:
    done = call(programs / "nb-compare", "--", *SMALL, cwd=tmp_path, NB_C_BIN="/nowhere/nanoBragg")
    assert done.returncode == 2
    assert "/nowhere/nanoBragg cannot be started" in done.stderr

"""`nanobragg ... | head`, both engines: the work is done, the status is that of the work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.engine import compile_engine

CELL = "-cell 50 60 70 -N 3 -detpixels 48 -pixel 1 -oversample 1 -nonoise -nopgm -floatfile image.bin"
RUN = f"{CELL} -default_F 10"
LONG = f"{RUN} " + " ".join(f"-trace_pixel {slow} {fast}" for slow in range(40, 45) for fast in range(40, 45))
CONSOLES = {
    "nb-hkl": "from simulator.formats.nb_hkl import console; console()",
    "nb-geometry": "from simulator.formats.nb_geometry import console; console()",
}


@pytest.fixture(scope="module", params=["c", "py"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Either engine, as it is started."""
    if request.param == "c":
        return [str(compile_engine(tmp_path_factory.mktemp("engine")))]
    return [sys.executable, "-m", "simulator"]


def unread(command: list[str], folder: Path, *, errors: bool = False) -> subprocess.CompletedProcess[str]:
    """A run whose standard output has no reader; with `errors` neither has standard error."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=writer,
        stderr=writer if errors else subprocess.PIPE,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    os.close(writer)
    return done


@pytest.mark.parametrize(("flags", "errors"), [(RUN, False), (LONG, True), (LONG, False)])
def test_the_image_is_written(engine: list[str], flags: str, errors: bool, tmp_path: Path) -> None:
    """Words that nobody reads, few or more than a buffer holds: status 0, the whole image, no complaint."""
    done = unread([*engine, *flags.split()], tmp_path, errors=errors)
    assert done.returncode == 0
    assert (tmp_path / "image.bin").stat().st_size == 4 * 48 * 48
    assert "error" not in (done.stderr or "")
    assert "roken" not in (done.stderr or "")


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version(engine: list[str], word: str, tmp_path: Path) -> None:
    done = unread([*engine, word], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("console", CONSOLES)
def test_other_commands(console: str, tmp_path: Path) -> None:
    done = unread([sys.executable, "-c", CONSOLES[console], "--version"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_mistake_stays_a_mistake(engine: list[str], tmp_path: Path) -> None:
    done = unread([*engine, "-nonsense"], tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("flags", [RUN])
def test_a_full_disk_is_told(engine: list[str], flags: str, tmp_path: Path) -> None:
    """Not the same: somebody wanted to read that. One line, status 2; the image is there."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*engine, *flags.split()],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert done.returncode == 2
    told = "error: standard output: expected to be written, got 'No space left on device'"
    assert [line for line in done.stderr.splitlines() if line.startswith("error")] == [told]
    assert (tmp_path / "image.bin").stat().st_size == 4 * 48 * 48

"""Outputs that are no plain files: devices, pipes and links stay what they are, in both engines."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

WORDS = "-cell 70 80 90 -default_F 1 -N 5 -detpixels 8 -pixel 1 -oversample 1 -nonoise -nopgm".split()
IMAGE = 4 * 8 * 8  # bytes
FULL, NULL = os.makedev(1, 7), os.makedev(1, 3)


@pytest.fixture(params=["c", "python"])
def words(request: pytest.FixtureRequest, engine: Path) -> list[str]:
    """A small run of each engine, as from a shell."""
    start = [str(engine)] if request.param == "c" else [sys.executable, "-m", "simulator"]
    return [*start, *WORDS, "-floatfile"]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def make_node(path: Path, device: int) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, device)
        path.open("wb").close()
    except PermissionError:
        pytest.skip("no device files can be made and opened here")


def test_a_full_device_is_told_and_kept(words: list[str], tmp_path: Path) -> None:
    make_node(tmp_path / "full", FULL)
    done = run([*words, "full"], tmp_path)
    assert done.stderr == "error: full: expected a writable file, got 'No space left on device'\n"
    assert done.returncode == 2
    assert (tmp_path / "full").is_char_device()


def test_a_null_device_is_kept(words: list[str], tmp_path: Path) -> None:
    make_node(tmp_path / "null", NULL)
    assert run([*words, "null", "-intfile", "null"], tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["null"]
    assert (tmp_path / "null").is_char_device()


def test_the_reader_of_a_pipe_gets_the_image(words: list[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run([*words, "pipe"], tmp_path).returncode == 0
        assert len(os.read(reader, 2 * IMAGE)) == IMAGE
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_followed(words: list[str], there: bool, tmp_path: Path) -> None:
    """Two links in a row, relative ones; the file at their end is there or not."""
    (tmp_path / "data").mkdir()
    if there:
        (tmp_path / "data" / "image").write_bytes(b"old")
    (tmp_path / "data" / "last").symlink_to("image")
    (tmp_path / "link").symlink_to("data/last")
    assert run([*words, "link"], tmp_path).returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "data" / "image").stat().st_size == IMAGE
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["image", "last"]


def test_one_file_by_two_names(words: list[str], tmp_path: Path) -> None:
    """A link leads to a file that is read, or that is not there yet."""
    (tmp_path / "a.hkl").write_text("1 2 3 4\n")
    (tmp_path / "link").symlink_to("a.hkl")
    (tmp_path / "new").symlink_to("b")
    done = run([*words, "link", "-hkl", "a.hkl"], tmp_path)
    assert done.stderr == "error: -floatfile link: expected another file than -hkl a.hkl, got the same\n"
    done = run([*words, "b", "-intfile", "new"], tmp_path)
    assert done.stderr == "error: -intfile new: expected another file than -floatfile b, got the same\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.hkl", "link", "new"]


def test_what_may_be_named_again(words: list[str], tmp_path: Path) -> None:
    """A flag given twice, a cache that is read and not written, the image that --photons is."""
    (tmp_path / "a.hkl").write_text("1 2 3 4\n")
    assert run([*words, "x", "-floatfile", "y", "-hkl", "a.hkl", "-intfile", "x"], tmp_path).returncode == 0
    assert run([*words, "y", "--photons", "y", "-dump", "Fdump.bin"], tmp_path).returncode == 0


def test_a_link_into_nowhere(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("no/image")
    done = run([*words, "link"], tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "error: -floatfile link: expected a writable file, got 'No such file or directory'\n",
    )

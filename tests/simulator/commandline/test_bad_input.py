"""Every mistake ends in the same line, in both engines. Oracle: the table that the C engine is held to."""

import errno
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.cli import main
from simulator.commandline.flags import FLAGS
from simulator.commandline.grammar import parse_flags
from simulator.errors import InputError
from tests.helpers.bad_input import GOOD, TABLE, Bad

IDS = [f"{i}-{bad.message.split(':')[0]}" for i, bad in enumerate(TABLE)]


@pytest.mark.parametrize("bad", TABLE, ids=IDS)
def test_bad_input(bad: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr, nothing on stdout, nothing written."""
    for name, content in bad.files.items():
        path = tmp_path / name
        path.mkdir() if content is None else path.write_bytes(content)
    before = {path.name for path in tmp_path.iterdir()}
    status = main(bad.arguments.replace("{G}", GOOD).split(), tmp_path)
    shown = capsys.readouterr()
    assert shown.err == f"error: {bad.message}\n"
    assert (status, shown.out) == (2, "")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_the_good_command_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise the rows above would prove nothing."""
    assert main(GOOD.split(), tmp_path) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("device", ["nonsense", "cuda:99", "meta"])
def test_device_that_is_not_there(device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A torch device is checked like everything else."""
    assert main([*GOOD.split(), "--device", device], tmp_path) == 2
    assert (
        capsys.readouterr().err == f"error: --device: expected a device that torch has here, got '{device}'\n"
    )


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from([name for flag in FLAGS for name in flag.names]), st.text(max_size=8)))
)
def test_any_words(words: list[str]) -> None:
    """Whatever the words, the parser accepts them or names one in a printable line."""
    said = "accepted: expected "
    try:
        parse_flags(words)
    except InputError as error:
        said = str(error)
    assert said.isprintable()
    assert ": expected " in said


def test_disk_full_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A write that fails is one line and status 2, without half a file."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("simulator.files.disk.os.replace", full)
    assert main([*GOOD.split(), "-nonoise"], tmp_path) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []

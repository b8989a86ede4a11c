"""Every mistake ends in one line, status 2, and no file. Oracle: the table of bad_input.py."""

from pathlib import Path

import pytest

from simulator.commandline.grammar import help_text
from tests.helpers.bad_input import GOOD, TABLE, Bad
from tests.helpers.engine import Run


def test_the_good_command_is_good(run: Run) -> None:
    """Otherwise the rows below would prove nothing."""
    assert run(GOOD).stderr == ""


@pytest.mark.parametrize(
    "bad", TABLE, ids=[f"{i}-{bad.message.split(':')[0]}" for i, bad in enumerate(TABLE)]
)
def test_bad_input(bad: Bad, run: Run, tmp_path: Path) -> None:
    """One line on stderr, nothing on stdout, nothing written."""
    for name, content in bad.files.items():
        path = tmp_path / name
        path.mkdir() if content is None else path.write_bytes(content)
    before = {path.name for path in tmp_path.iterdir()}
    done = run(bad.arguments.replace("{G}", GOOD), check=False)
    assert done.stderr == f"error: {bad.message}\n"
    assert (done.returncode, done.stdout) == (2, "")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_bytes_that_cannot_be_shown(run: Run) -> None:
    """Control characters of an argument never reach the terminal."""
    done = run([*GOOD.split(), "-distance", "a\x1b[31m\nb"], check=False)
    assert done.stderr == "error: -distance: expected a number > 0, got 'a?[31m?b'\n"


def test_empty_argument(run: Run) -> None:
    """An empty word is no flag and no file name."""
    assert run(["", *GOOD.split()], check=False).stderr == "error: command line: expected a flag, got ''\n"
    done = run([*GOOD.split(), "-hkl", ""], check=False)
    assert done.stderr == "error: -hkl: expected a file name, got ''\n"


def test_the_most_threads(run: Run) -> None:
    """As many as the limit says are started."""
    assert run(f"{GOOD} --threads 1024").stderr == ""


@pytest.mark.parametrize("flag", ["-help", "--help", "-h"])
def test_help_is_the_other_engines(flag: str, run: Run) -> None:
    """The rows of both grammars, byte for byte."""
    assert run(flag).stdout.split("\n\n", 1)[1] == help_text(()) + "\n"

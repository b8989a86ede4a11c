"""How commands say things to people."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.report.formats import duration
from tests.helpers.places import GOLDEN


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0.04, "0.0 s"),
        (59.4, "59.4 s"),
        (73.2, "1 min 13 s"),
        (119.4, "1 min 59 s"),
        (119.7, "2 min 0 s"),
        (3599.6, "60 min 0 s"),
    ],
)
def test_duration_never_says_sixty_seconds(seconds: float | None, text: str | None) -> None:
    assert duration(seconds) == text


LOGS = [str(GOLDEN / "stock_stdout.txt"), str(GOLDEN / "instrumented_stdout.txt")]


@pytest.mark.parametrize(
    ("command", "words", "status"),
    [
        ("nb_trace", ["compare", *LOGS], 1),
        ("nb_trace", ["--help"], 0),
        ("nb_compare", ["--version"], 0),
        ("braggproof", ["list"], 2),  # no results here: told on stderr
    ],
)
def test_a_reader_that_has_enough_is_no_error(
    tmp_path: Path, command: str, words: list[str], status: int
) -> None:
    """`nb-trace ... | head`: the status stays that of the comparison, and nothing is complained about."""
    code = f"from evidence.commands.{command} import console; console()"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.returncode == status
    assert ("Broken pipe" in done.stderr, "Traceback" in done.stderr) == (False, False)
    assert len(done.stderr.splitlines()) == (status == 2)

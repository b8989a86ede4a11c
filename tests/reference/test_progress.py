"""The progress bar: there on a terminal, nowhere else."""

import os
import pty
import subprocess
from pathlib import Path

from tests.helpers.bad_input import GOOD
from tests.helpers.engine import Run


def on_terminal(engine: Path, folder: Path, extra: str) -> str:
    """What a run writes to a terminal."""
    ours, theirs = pty.openpty()
    words = [str(engine), *f"{GOOD} -nonoise -nopgm {extra}".split()]
    subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=theirs, timeout=60, check=True)
    os.set_blocking(ours, False)
    try:
        return os.read(ours, 1 << 16).decode()
    except BlockingIOError:
        return ""
    finally:
        os.close(ours)
        os.close(theirs)


def test_bar_on_a_terminal(engine: Path, tmp_path: Path) -> None:
    """It ends at 100 %, and -noprogress hides it."""
    shown = on_terminal(engine, tmp_path, "")
    assert f"[{'#' * 40}] 100 %" in shown
    assert on_terminal(engine, tmp_path, "-noprogress") == ""


def test_no_bar_elsewhere(run: Run) -> None:
    """A log stays a log, unless it asks."""
    assert run(GOOD).stderr == ""
    assert "100 %" in run(f"{GOOD} -progress").stderr

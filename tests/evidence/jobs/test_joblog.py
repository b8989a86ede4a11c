"""A step's log holds everything said by it and its children; time and memory go beside it."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from evidence.errors import InputError
from evidence.jobs import joblog


def job(log: Path) -> SimpleNamespace:
    return SimpleNamespace(rule="demo", log=[str(log)])


def test_log_and_record(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = Path("results/tiny/x/logs/demo.log")
    with joblog.step(job(log)) as terminal:
        print("own words")
        subprocess.run([sys.executable, "-c", "import sys; print('child', file=sys.stderr)"], check=True)
        print("for the terminal", file=terminal)
    print("after")
    assert log.read_text(encoding="utf-8") == "own words\nchild\n"
    assert capfd.readouterr().out == "for the terminal\nafter\n"
    record = json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["rule"] == "demo"
    assert record["log"] == "logs/demo.log"
    assert record["wall_s"] > 0
    assert record["peak_rss_bytes"] > 1e6


def test_users_mistake_is_one_line_and_status_2(project: Path) -> None:
    log = Path("results/tiny/x/logs/demo.log")
    with pytest.raises(SystemExit) as left, joblog.step(job(log)):
        raise InputError("here", "this", "that")
    assert left.value.code == 2
    assert log.read_text(encoding="utf-8") == "error: here: expected this, got that\n"
    assert log.with_suffix(".json").is_file()


def test_unexpected_error_leaves_its_traceback(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = Path("results/tiny/x/logs/demo.log")
    with pytest.raises(ZeroDivisionError), joblog.step(job(log)):
        print(1 // 0)
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert capfd.readouterr() == ("", "")


def test_second_writer_waits_for_the_first(project: Path) -> None:
    """A job that outlived its killed invocation keeps the lock; its successor writes after it."""
    log = project / "results" / "tiny" / "x" / "logs" / "demo.log"
    code = (
        "import sys, time\nfrom types import SimpleNamespace\nfrom evidence.jobs import joblog\n"
        f"with joblog.step(SimpleNamespace(rule='demo', log=[{str(log)!r}])) as terminal:\n"
        "    print('in', file=terminal, flush=True)\n    time.sleep(1)\n"
        "    open('order', 'a').write('first ')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "in\n"
        with joblog.step(job(log)), Path("order").open("a", encoding="utf-8") as order:
            order.write("second")
    assert Path("order").read_text(encoding="utf-8") == "first second"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_line_that_names_it(
    project: Path, capfd: pytest.CaptureFixture[str], number: int
) -> None:
    log = Path("results/tiny/x/logs/demo.log")
    with pytest.raises(SystemExit) as left, joblog.step(job(log)):
        raise OSError(number, os.strerror(number), "/proc/self/image.bin")
    assert left.value.code == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err == (
        f"error: /proc/self/image.bin: expected room on the disk of /proc, got '{os.strerror(number)}'\n"
    )
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_other_trouble_with_files_is_no_full_disk(project: Path) -> None:
    with pytest.raises(PermissionError), joblog.step(job(Path("results/tiny/x/logs/demo.log"))):
        raise PermissionError(errno.EACCES, "no", "x")

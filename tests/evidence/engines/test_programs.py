"""Engine runs: a record for every end a program can come to, and nothing old taken for new."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.engines.adapters import OURS
from evidence.engines.found import find_c_engine
from evidence.engines.programs import Engine, RunRecord, environment, py_engine, run

Program = Callable[..., Path]
WRITE = "import sys; open(sys.argv[sys.argv.index('-floatfile') + 1], 'wb').write(b'1234')\n"
KEYS = set(
    "schema engine label argv cwd exit_code status reason wall_s cpu_s peak_rss_bytes started binary "
    "binary_sha256 threads dtype mode env log outputs kind program warnings".split()
)


def ours(path: Path) -> Engine:
    return Engine("ours", "c", (str(path),), OURS)


def go(engine: Engine, folder: Path, arguments: str = "-floatfile o.bin", **more: object) -> RunRecord:
    timeout = more.pop("timeout_s", 30.0)
    assert isinstance(timeout, float)
    return run(engine, arguments.split(), folder, "run", {}, 1, timeout)


def test_a_good_run(program: Program, tmp_path: Path) -> None:
    body = WRITE + "import os; print('TRACE_C: polar 1'); print('beware', file=sys.stderr)\n"
    body += "print(os.environ['KMP_DUPLICATE_LIB_OK'], os.environ['OMP_NUM_THREADS'], os.getcwd())"
    engine = ours(program(body))
    folder = tmp_path / "bundle" / "phase_n" / "c"
    record = run(engine, "-floatfile o.bin --mode spec".split(), folder, "run", {}, 2, 30.0)
    assert (record.status, record.exit_code, record.reason) == ("ok", 0, None)
    assert record.cwd == os.path.join("phase_n", "c")
    assert record.mode == "spec"
    assert record.argv[-2:] == ["--threads", "2"]
    assert record.outputs == [{"path": "o.bin", "bytes": 4, "sha256": hashlib.sha256(b"1234").hexdigest()}]
    lines = (folder / "run.log").read_text().splitlines()
    assert lines == ["TRACE_C: polar 1", f"TRUE 2 {folder.resolve()}", "beware"]
    saved = json.loads((folder / "run.json").read_text())
    assert set(saved) == KEYS
    assert saved == json.loads(json.dumps(record.to_dict()))
    assert record.binary_sha256 == hashlib.sha256(Path(record.binary).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (
            "import sys; print('error: -mat: expected', file=sys.stderr); sys.exit(2)",
            2,
            "error: -mat: expected",
        ),
        ("import os; os.abort()", -6, "SIGABRT"),
        ("pass", 0, "it wrote no o.bin"),
        ("open('o.bin', 'w')", 0, "it wrote no o.bin"),
    ],
)
def test_bad_ends(program: Program, tmp_path: Path, body: str, code: int, words: str) -> None:
    record = go(ours(program(body)), tmp_path / "run")
    assert (record.status, record.exit_code) == ("failed", code)
    assert record.reason is not None
    assert words in record.reason
    assert (tmp_path / "run" / "run.json").is_file()
    assert (tmp_path / "run" / "run.log").is_file()


def test_a_program_that_never_ends_is_ended_with_its_children(program: Program, tmp_path: Path) -> None:
    body = "import subprocess, sys, time\nchild = subprocess.Popen(['sleep', '77'])\n"
    body += "print('pid', child.pid, flush=True); time.sleep(77)"
    record = go(ours(program(body)), tmp_path / "run", timeout_s=0.5)
    assert record.status == "failed"
    assert record.reason == "it was ended after 0.5 s"
    assert record.wall_s < 10
    pid = int((tmp_path / "run" / "run.log").read_text().split()[1])
    assert gone(pid)


def test_an_engine_dies_with_the_run(program: Program, tmp_path: Path) -> None:
    """kill -9 of the run: the engine must not live on and write into the next run's folder."""
    engine = program("import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(77)")
    script = (
        "import sys; from pathlib import Path; from evidence.engines.programs import Engine, run\n"
        f"engine = Engine('ours', 'c', ({str(engine)!r},), frozenset(('image',)))\n"
        "run(engine, [], Path('run'), 'c', {}, 1, None)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path) as parent:
        pid = int(await_text(tmp_path / "run" / "pid"))
        assert not gone(pid)
        parent.kill()
    assert any(gone(pid) or time.sleep(0.05) for _ in range(100))


def await_text(path: Path) -> str:
    for _ in range(400):
        if path.is_file() and path.read_text():
            return path.read_text()
        time.sleep(0.05)
    raise AssertionError(f"{path} never came")


def gone(pid: int) -> bool:
    """No such process, or only its exit status is left."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_program_that_cannot_start(tmp_path: Path) -> None:
    record = go(ours(tmp_path / "none"), tmp_path / "run")
    assert (record.status, record.exit_code, record.binary_sha256) == ("failed", None, None)
    assert "No such file" in str(record.reason)


def test_a_blocked_run_is_not_run(program: Program, tmp_path: Path) -> None:
    engine = Engine("stock", "c", (str(program("open('here', 'w')")),), frozenset({"image"}))
    record = go(engine, tmp_path / "run", "-floatfile o.bin --mode spec")
    assert record.status == "blocked"
    assert "--mode spec" in str(record.reason)
    assert not (tmp_path / "run" / "here").exists()


def test_an_old_image_is_not_taken_for_a_new_one(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert go(ours(program(WRITE)), folder).ok
    record = go(ours(program("pass")), folder)
    assert record.status == "failed"
    assert record.outputs == []
    assert not (folder / "o.bin").exists()


def test_a_file_of_somebody_else_is_left_alone(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "mine").write_text("x")
    record = go(ours(program(WRITE)), folder)
    assert [found["path"] for found in record.outputs] == ["o.bin"]
    assert (folder / "mine").read_text() == "x"


def test_peak_memory_is_the_child_s_own(program: Program, tmp_path: Path) -> None:
    """The parent's own peak, here made large, is not put on the child's account."""
    ballast = bytearray(300 << 20)
    small = go(ours(program(WRITE + "import time; time.sleep(0.2)", "small")), tmp_path / "run-1")
    hungry = "x = bytearray(600 << 20); x[::4096] = b'x' * len(x[::4096])\n"
    large = go(ours(program(WRITE + hungry, "large")), tmp_path / "run-2")
    assert len(ballast) > small.peak_rss_bytes > 1 << 20
    assert large.peak_rss_bytes > 550 << 20
    assert large.wall_s > 0 < large.cpu_s


def test_the_python_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NB_PYTORCH_DTYPE", "float32")
    engine = py_engine()
    assert engine.command[:5] == (sys.executable, "-m", "simulator", "--dtype", "float32")
    assert engine.dtype == "float32"
    assert py_engine("float64").dtype == "float64"
    root = environment(1)["PYTHONPATH"].split(os.pathsep)[0]
    assert (Path(root) / "simulator" / "experiment.py").is_file()


def test_a_missing_c_engine_can_do_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NB_C_BIN", raising=False)
    engine = find_c_engine(str(tmp_path / "none"))
    assert not engine.can
    record = go(engine, tmp_path / "run")
    assert record.status == "blocked"
    assert "No such file" in str(record.reason)

"""nb-trace: both commands, their exit status and their words."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.commands import nb_trace
from evidence.commands.nb_trace import main
from evidence.engines.adapters import OURS
from evidence.engines.programs import Engine
from evidence.traces.taps import CELL, PHI, PIXEL
from tests.helpers.places import GOLDEN


def log(prefix: str, wrong: str = "", nudge: float = 0.0, pixels: tuple[str, ...] = ("3 4",)) -> str:
    def line(name: str, count: int) -> str:
        values = [1.5 + i + (nudge if name == wrong else 0.0) for i in range(count)]
        return f"{prefix}: {name} " + " ".join(f"{v:.17g}" for v in values)

    lines = [line(tap.name, tap.count) for tap in CELL]
    for pixel in pixels:
        lines += [f"{prefix}: trace_pixel {pixel}", *(line(tap.name, tap.count) for tap in PIXEL)]
        lines += [f"{prefix}: phi_tic 0", *(line(tap.name, tap.count) for tap in PHI)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("c.log").write_text(log("TRACE_C"))
    Path("py.log").write_text(log("TRACE_PY"))
    return tmp_path


def test_no_divergence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "c.log", "py.log", "--outdir", "out"]) == 0
    assert "no divergence" in capsys.readouterr().out
    assert json.loads((folder / "out" / "trace_compare.json").read_text())["verdict"] == "pass"


def test_a_divergence_names_its_function(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("py.log").write_text(log("TRACE_PY", "F_latt_b", 1e-6))
    assert main(["compare", "c.log", "py.log"]) == 1
    assert (
        "first divergence: F_latt_b (differs): simulator/physics/lattice.py:sincg" in capsys.readouterr().out
    )
    assert main(["compare", "c.log", "py.log", "--rtol", "1e-5"]) == 0


def test_a_long_list_of_names_is_a_count_and_the_first_few(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "".join(f"TRACE_C: block_0_0_{n}_F_cell 1\n" for n in range(1, 300))
    Path("c.log").write_text(log("TRACE_C") + more)
    assert main(["compare", "c.log", "py.log"]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "missing in PyTorch" in line]
    assert line.startswith("* missing in PyTorch: 299: ")
    assert line.endswith(", ...")
    assert line.count("F_cell") == 8


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("py.log").write_text(log("TRACE_PY", "phi_hkl_frac", -3.0))
    assert main(["compare", "c.log", "py.log", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    first = report["pixels"][0]["first_divergence"]
    assert (first["tap"], first["phi_tic"], first["component"]) == ("phi_hkl_frac", 0, 0)


def test_a_pixel_of_one_side_alone(folder: Path) -> None:
    Path("c.log").write_text(log("TRACE_C", pixels=("3 4", "5 6")))
    assert main(["compare", "c.log", "py.log"]) == 1
    Path("py.log").write_text(log("TRACE_PY", pixels=("5 6", "3 4")))
    assert main(["compare", "c.log", "py.log"]) == 0


def test_outside_logs_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    instrumented, stock = str(GOLDEN / "instrumented_stdout.txt"), str(GOLDEN / "stock_stdout.txt")
    assert main(["compare", instrumented, instrumented]) == 0
    assert main(["compare", stock, instrumented]) == 1
    assert "first divergence: F_cell" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        "compare c.log none.log",
        "compare c.log",
        "compare c.log empty.log",
        "run --pixel 3 4",
        "run -- -N 5",
        "run --pixel 3 4 --",
        "",
    ],
)
def test_could_not_compare(folder: Path, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty.log").write_text("nothing here\n")
    assert main(words.split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")


@pytest.mark.parametrize(("wrong", "status"), [("", 0), ("polar", 1), ("silent", 2), ("fail", 2)])
def test_run(
    folder: Path, program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, wrong: str, status: int
) -> None:
    pixels = ("3 4", "5 6")
    text = "" if wrong == "silent" else log("TRACE_PY", wrong, -3.0, pixels)
    c = program(f"print({log('TRACE_C', pixels=pixels)!r})", "c-engine")
    py = program(f"import sys; print({text!r}); sys.exit({int(wrong == 'fail')})", "py-engine")
    commands = {"c": (str(c),), "py": (sys.executable, str(py))}
    both = {role: Engine("ours", role, command, OURS) for role, command in commands.items()}
    monkeypatch.setattr(nb_trace, "engines", lambda: both)
    assert main("run --pixel 3 4 --pixel 5 6 --outdir out -- -N 5 -nonoise".split()) == status
    argv = json.loads((folder / "out" / "c" / "run.json").read_text())["argv"]
    assert "-trace_pixel 3 4 -trace_pixel 5 6" in " ".join(argv)
    assert "--trace-only" in argv

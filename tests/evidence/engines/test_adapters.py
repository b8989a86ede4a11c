"""External programs: told apart by probing, asked in words that they cannot misread."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.engines.adapters import probe, translate
from evidence.engines.arguments import (
    flat,
    grouped,
    input_files,
    last_values,
    pivot_after,
    with_inputs,
    without,
)
from evidence.engines.found import (
    asked_programs,
    built_engine,
    find_c_engine,
    find_c_engines,
    refuse_unstartable,
)
from evidence.engines.programs import Engine, run
from evidence.errors import InputError
from evidence.store import process
from evidence.traces.tracing import compare_all, trace_pixels

Outsider = Callable[..., Path]


def understood(program: Path, folder: Path, arguments: list[str]) -> dict[str, object]:
    """What the stand-in took the translated command line to say."""
    words = translate("stock", arguments)
    assert words.blocked is None
    subprocess.run([str(program), *words.arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    state: dict[str, object] = json.loads((folder / "state.json").read_text())
    return state


def test_stock_is_found_out(outsider: Outsider) -> None:
    found = probe([str(outsider("stock"))])
    assert found.kind == "stock"
    assert found.can == {"image", "printout"}
    assert set(found.reason) >= {"trace", "spec", "quirks", "phi_trace"}


def test_instrumented_is_found_out(outsider: Outsider) -> None:
    found = probe([str(outsider("instrumented"))])
    assert found.kind == "instrumented"
    assert found.can == {"image", "trace"}
    assert "c-parity" in found.reason["spec"]


def test_ours_is_found_out(program: Callable[..., Path]) -> None:
    body = "import sys\nprint('  --mode name\\n  --quirks list' if '-help' in sys.argv else '')"
    assert probe([str(program(body))]).kind == "ours"


@pytest.mark.parametrize("body", ["print('hello')", "raise SystemExit(3)", "import time; time.sleep(60)"])
def test_anything_else_is_unusable_with_a_reason(program: Callable[..., Path], body: str) -> None:
    found = probe([str(program(body))], timeout_s=0.5)
    assert (found.kind, found.can) == ("unusable", frozenset())
    assert "neither" in found.reason["image"]


@pytest.mark.parametrize("hangs", [True, False])
def test_a_probe_keeps_its_time_and_leaves_no_orphan(
    program: Callable[..., Path], tmp_path: Path, hangs: bool
) -> None:
    """The program starts another, which would outlive it, and hangs or leaves."""
    body = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
        f"open({str(tmp_path / 'children')!r}, 'a').write(f'{{child.pid}}\\n')\n"
        f"time.sleep({300 if hangs else 0})\n"
    )
    begun = time.monotonic()
    found = probe([str(program(body))], timeout_s=4 if hangs else 20)
    assert found.kind == "unusable"
    assert time.monotonic() - begun < 60
    assert ("no answer in 4 s" in found.reason["image"]) == hangs
    children = [int(line) for line in (tmp_path / "children").read_text().split()]
    assert len(children) == (1 if hangs else 3)
    end = time.monotonic() + 20  # a signal takes its time on a busy machine
    while any(process.started(pid) is not None for pid in children) and time.monotonic() < end:
        time.sleep(0.05)
    assert [pid for pid in children if process.started(pid) is not None] == []


def test_a_probe_says_how_the_program_failed(program: Callable[..., Path]) -> None:
    body = "import os, sys\nprint('usage') if '-help' in sys.argv else sys.exit('no licence')\n"
    assert "exit status 1: no licence" in probe([str(program(body))]).reason["image"]


def test_several_programs_stand_beside_the_engine_built_here(
    outsider: Outsider, program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [str(outsider("stock")), str(outsider("instrumented"))]
    monkeypatch.delenv("NB_C_BIN", raising=False)
    found = find_c_engines(paths)
    assert {label: engine.kind for label, engine in found.external.items()} == {
        "external_1": "stock",
        "external_2": "instrumented",
    }
    assert found.own == built_engine()
    ours = str(program("import sys\nprint('--mode --quirks')", "ours"))
    assert find_c_engines([*paths, ours]).own.command == (ours,)
    useless = str(program("print('hello')", "useless"))
    assert find_c_engines([ours, useless]).own.kind == "unusable"
    monkeypatch.setenv("NB_C_BIN", os.pathsep.join(paths))
    assert asked_programs("some/other") == paths


def test_a_program_that_cannot_be_started_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NB_C_BIN", raising=False)
    (tmp_path / "data").write_text("no program")
    with pytest.raises(InputError, match="key c_engine: expected a nanoBragg that starts and answers"):
        refuse_unstartable(str(tmp_path / "data"))


def test_a_program_that_does_not_answer_is_refused(
    program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(program("import time; time.sleep(60)"))
    monkeypatch.setenv("NB_C_BIN", path)
    with pytest.raises(InputError, match=f"NB_C_BIN: .*'{path}': no answer in 1 s"):
        refuse_unstartable(timeout_s=1)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    found = probe([str(tmp_path / "none")])
    assert "No such file" in found.reason["image"]
    assert not found.can


def test_misset_seed_is_not_taken_for_misset(outsider: Outsider, tmp_path: Path) -> None:
    program = outsider("stock")
    plain = "-cell 50 60 70 90 90 90 -N 2".split()
    assert understood(program, tmp_path, [*plain, "-misset_seed", "7"])["misset"] is None
    state = understood(program, tmp_path, [*plain, "-misset", "1", "2", "3", "-misset_seed", "7"])
    assert state["misset"] == [1, 2, 3]
    state = understood(program, tmp_path, [*plain, "-misset", "random", "-misset_seed", "7"])
    assert (state["misset"], state["misset_seed"]) == ("random", 7)


@pytest.mark.parametrize(
    ("text", "angle", "pivot"),
    [
        ("-twotheta_axis 0 1 0", 0, "beam"),
        ("-twotheta 15 -twotheta_axis 0.5 1 0", 15, "sample"),
        ("-twotheta_axis 0.5 1 0 -twotheta 15", 15, "sample"),
        ("-twotheta 15 -distance 100 -twotheta_axis 0.5 1 0", 15, "beam"),
        ("-twotheta 15 -pivot beam -twotheta_axis 0.5 1 0", 15, "beam"),
    ],
)
def test_twotheta_axis_is_not_taken_for_twotheta(
    outsider: Outsider, tmp_path: Path, text: str, angle: float, pivot: str
) -> None:
    state = understood(outsider("stock"), tmp_path, text.split())
    assert (state["twotheta"], state["pivot"]) == (angle, pivot)


def test_curved_det_is_seen_and_seeds_are_said(outsider: Outsider, tmp_path: Path) -> None:
    state = understood(outsider("stock"), tmp_path, ["-N", "2", "-curved_det"])
    assert state["curved"] is True
    assert state["seed"] == 1
    assert understood(outsider("stock"), tmp_path, ["-seed", "99"])["seed"] == 99


def test_pixels_are_asked_in_the_right_order() -> None:
    asked = "-N 2 -trace_pixel 685 1039 --trace-only --mode c-parity --threads 2".split()
    assert translate("stock", asked).arguments[:5] == ["-N", "2", "-printout_pixel", "1039", "685"]
    assert translate("instrumented", asked).arguments[:5] == ["-N", "2", "-trace_pixel", "685", "1039"]
    assert not [word for word in translate("stock", asked).arguments if word.startswith("--")]
    assert translate("ours", asked).arguments == asked


@pytest.mark.parametrize(
    "text", ["--mode spec", "--quirks -pix0-derived", "--dtype float32", "-trace_pixel 1 2 -trace_pixel 3 4"]
)
def test_what_cannot_be_asked_is_blocked(text: str) -> None:
    words = translate("instrumented", text.split())
    assert words.blocked is not None
    assert words.blocked.startswith(text.split(maxsplit=1)[0]) or "-trace_pixel" in words.blocked


def test_a_cache_file_cannot_leak_in(outsider: Outsider, tmp_path: Path) -> None:
    engine = Engine("stock", "c", (str(outsider("stock")),), frozenset({"image", "printout"}))
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "Fdump.bin").write_bytes(b"old reflections")
    record = run(engine, "-default_F 1 -N 2 -floatfile o.bin".split(), folder, "c", {})
    assert record.ok
    assert json.loads((folder / "state.json").read_text())["hkl"] is None
    assert [warning.split()[0] for warning in record.warnings] == ["-seed", "-hkl"]


def test_an_outside_binary_takes_the_place_of_the_c_engine(
    outsider: Outsider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NB_C_BIN", str(outsider("instrumented")))
    engine = find_c_engine("some/other/program")
    assert (engine.kind, engine.role) == ("instrumented", "c")
    pixels = [(40, 52), (40, 52)]
    done = trace_pixels(engine, ["-N", "2"], pixels, tmp_path / "trace", {})
    assert done.problem is None
    assert len(done.records) == 2  # one run a pixel, each in its own folder
    assert (tmp_path / "trace" / "pixel_40_52" / "run.json").is_file()
    assert done.traces[0].pixel == (40, 52)


def test_stock_against_instrumented(outsider: Outsider, tmp_path: Path) -> None:
    """The two samples show one pixel, of two crystals: what the reflections decide differs, no more."""
    traces = []
    for kind, ability in (("stock", "printout"), ("instrumented", "trace")):
        engine = Engine(kind, "c", (str(outsider(kind)),), frozenset({"image", ability}))
        done = trace_pixels(engine, ["-N", "5"], [(40, 52)], tmp_path / f"run-{kind}", {})
        assert done.problem is None
        traces.append(done.traces)
    (found,) = compare_all(*traces, rtol=0.0)
    assert {row.tap for row in found.rows if not row.ok} == {"F_cell", "I_before_scaling", "I_pixel_final"}


def test_an_engine_that_cannot_trace_says_why(outsider: Outsider, tmp_path: Path) -> None:
    found = probe([str(outsider("mute"))])
    assert found.can == {"image"}
    engine = Engine(found.kind, "c", (str(tmp_path / "mute"),), found.can, found.reason)
    done = trace_pixels(engine, [], [(1, 2)], tmp_path / "run", {})
    assert done.problem is not None
    assert "digits" in done.problem


def test_grouping() -> None:
    text = "-cell 50 60 -misset random -quirk x --quirks -a,+b -spindle_axis -1 0 0 -nopgm -N 3"
    groups = grouped(text.split())
    assert flat(groups) == text.split()
    assert ("--quirks", "-a,+b") in groups
    assert ("-spindle_axis", "-1", "0", "0") in groups
    assert last_values(text.split(), "-N") == ("3",)
    assert without(text.split(), {"-nopgm", "-cell"})[0] == "-misset"


def test_spellings_are_one_flag() -> None:
    assert without(["-floatimage", "x", "-N", "2"], {"-floatfile"}) == ["-N", "2"]
    assert pivot_after(grouped("-detpixels_x 5 -ORGX 3".split())) == "sample"


def test_inputs_are_found_from_the_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, outside = tmp_path / "bundle", tmp_path / "elsewhere"
    (bundle / "inputs").mkdir(parents=True)
    outside.mkdir()
    inputs = {"A.mat": bundle / "inputs" / "A.mat", "r.hkl": outside / "r.hkl"}
    folder = bundle / "phase_n" / "c"
    words = with_inputs("-mat A.mat -hkl r.hkl -floatfile A.mat".split(), inputs, folder)
    assert words[1] == os.path.join("..", "..", "inputs", "A.mat")
    assert words[3] == str((outside / "r.hkl").resolve())
    assert words[5] == "A.mat"  # a name to write is no input
    monkeypatch.chdir(outside)
    assert input_files(["-mat", "A.mat"]) == {"A.mat": (outside / "A.mat").resolve()}

"""nb-compare: exit status, what it prints and writes, and that no mistake passes."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evidence.commands import pair
from evidence.commands.nb_compare import main
from evidence.engines.adapters import OURS
from evidence.engines.programs import Engine

A = (np.random.default_rng(3).random((40, 60)) ** 9 * 1e4).astype(np.float32)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    A.tofile("a.bin")
    (A * np.float32(1.0000002)).tofile("b.bin")
    (-A).tofile("negative.bin")
    np.save("wide.npy", np.kron(A, np.full((1, 2), 0.5)))
    return tmp_path


SHAPE = ["--shape", "40", "60"]


def test_within(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--outdir", "out", "a.bin", "b.bin", *SHAPE]) == 0
    said = capsys.readouterr().out
    assert "within the thresholds" in said
    summary = json.loads((files / "out" / "summary.json").read_text())
    assert summary["verdict"] == "pass"
    assert summary["correlation"] > 0.9999
    assert summary["roi"] == [0, 59, 0, 39]
    names = {path.name for path in (files / "out").iterdir()}
    assert names == {"summary.json", "images.png", "histogram.png", "histogram.svg"} | {
        "profile.png",
        "profile.svg",
        "scatter.png",
    }


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take a second and have tests of their own."""
    monkeypatch.setattr("evidence.images.figures.draw_all", lambda *_, **__: [])


@pytest.mark.usefixtures("undrawn")
def test_outside(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--outdir", "out", "a.bin", "negative.bin", *SHAPE]) == 1
    assert "OUTSIDE" in capsys.readouterr().out
    assert json.loads((files / "out" / "summary.json").read_text())["verdict"] == "fail"


ONE, NONE = np.ones((8, 6), "<f4"), np.zeros((8, 6), "<f4")


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("a", "b", "status"),
    [
        (ONE, ONE, 2),
        (NONE, NONE, 2),
        (ONE, ONE * 2, 1),
        (ONE, NONE, 1),
        (NONE, ONE, 1),
        (ONE, ONE * np.nan, 1),
    ],
)
def test_what_has_nothing_to_measure_is_not_compared(
    a: np.ndarray, b: np.ndarray, status: int, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Blocked rows alone are status 2; a difference beside them stays one."""
    np.save("a.npy", a)
    np.save("b.npy", b)
    assert main(["a.npy", "b.npy", "--outdir", "out"]) == status
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("not compared" if status == 2 else "OUTSIDE")
    verdict = json.loads((files / "out" / "summary.json").read_text())["verdict"]
    assert verdict == {1: "fail", 2: "blocked"}[status]


def test_one_pixel_is_not_compared(files: Path) -> None:
    assert main(["a.bin", "a.bin", *SHAPE, "--roi", "3", "3", "3", "3"]) == 2


def test_threshold_and_roi(files: Path) -> None:
    noisy = A + np.random.default_rng(4).random(A.shape).astype(np.float32) * 20 - 10
    noisy.tofile("noisy.bin")
    assert main(["a.bin", "noisy.bin", *SHAPE, "--threshold", "0.9999999"]) == 1
    swapped = A.copy()
    swapped[:, 30:] = swapped[::-1, 30:]
    swapped.tofile("swapped.bin")
    assert main(["a.bin", "swapped.bin", *SHAPE]) == 1
    assert main(["a.bin", "swapped.bin", *SHAPE, "--roi", "0", "29", "0", "39"]) == 0
    assert not (files / "summary.json").exists()


def test_resample(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a.bin", "wide.npy", *SHAPE]) == 2
    assert main(["a.bin", "wide.npy", *SHAPE, "--resample"]) == 0
    assert "40 x 120, resampled to 40 x 60" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        "a.bin none.bin --shape 40 60",
        "a.bin b.bin",
        "a.bin b.bin --shape 60 41",
        "a.bin b.bin --shape -40 -60",
        "wide.npy wide.npy --shape 0 0 --resample",
        "a.bin --shape 40 60",
        "a.bin b.bin --shape 40 60 --roi 0 60 0 39",
        "a.bin b.bin --shape 40 60 --roi 9 8 0 39",
        "a.bin b.bin -- -cell 1 1 1",
        "--nonsense",
        "a.bin b.bin --shape 40 60 --threshold 2",
        "a.bin b.bin --shape 40 60 --threshold nan",
        "",
    ],
)
def test_could_not_compare(files: Path, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--outdir", "out", *words.split()]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert not (files / "out" / "summary.json").exists()


ENGINE = """
import struct, sys
argv, size = sys.argv, 16
pixels = [{sign} * float((i * 7919) % 251) ** 3 for i in range(256)]
open(argv[argv.index('-floatfile') + 1], 'wb').write(struct.pack('<256f', *pixels))
head = '{{\\nHEADER_BYTES=512;\\nSIZE1=%d;\\nSIZE2=%d;\\n}}' % (size, size)
open(argv[argv.index('-intfile') + 1], 'wb').write(head.encode().ljust(512) + bytes(512))
if {broken}: sys.exit(5)  # a whole image, and yet a failed run
"""


@pytest.fixture
def stand_ins(program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[[int, bool], None]:
    def make(sign: int, broken: bool) -> None:
        c = program(ENGINE.format(sign=1, broken=False), "c-engine")
        py = program(ENGINE.format(sign=sign, broken=broken), "py-engine")
        commands = {"c": (str(c),), "py": (sys.executable, str(py))}
        both = {role: Engine("ours", role, command, OURS) for role, command in commands.items()}
        monkeypatch.setattr(pair, "engines", lambda: both)

    return make


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("sign", "broken", "status"), [(1, False, 0), (-1, False, 1), (1, True, 2)])
def test_with_a_command_line(
    files: Path, stand_ins: Callable[[int, bool], None], sign: int, broken: bool, status: int
) -> None:
    stand_ins(sign, broken)
    words = "-mat a.bin -N 5 -floatimage elsewhere.bin -roi 0 15 0 9".split()
    assert main(["--outdir", "out", "--", *words]) == status
    record = json.loads((files / "out" / "c" / "run.json").read_text())
    assert record["status"] == "ok"
    assert "../../a.bin" in record["argv"]
    assert "elsewhere.bin" not in record["argv"]
    if status < 2:
        summary = json.loads((files / "out" / "summary.json").read_text())
        assert summary["roi"] == [0, 15, 0, 9]
        assert summary["engines"]["py"]["status"] == "ok"

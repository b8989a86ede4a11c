"""Broken files of every format: one clear line and status 2, or fine after all. Never a crash."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gemmi
import pytest

from simulator.formats.coordinates import B_SOL
from simulator.formats.nb_geometry import main as nb_geometry
from simulator.formats.nb_hkl import main as nb_hkl
from tests.simulator.formats.commands import COMMANDS
from tests.simulator.formats.test_coordinates import structure
from tests.simulator.formats.test_structure_factors import small

CASES = 400  # of each format
LEAST_REFUSED = 200
NASTY = [
    "nan",
    "inf",
    "-1",
    "0",
    "1e999",
    "1e30",
    "x",
    "",
    "-",
    "9" * 70,
    "1_0",
    "0x10",
    "\u0661",
    "None",
    "[]",
    "\0",
]
NUMBER = re.compile(rb"-?\d+\.?\d*(?:e-?\d+)?")
JSON_VALUES = [
    None,
    True,
    -1,
    0,
    1e300,
    float("nan"),
    float("inf"),
    "x",
    [],
    {},
    [1],
    [[1, 2]],
    10**40,
    "\ud800",
]


def broken_bytes(raw: bytes, dice: random.Random) -> bytes:
    """Cut, flipped, doubled, with other numbers or lines."""
    match dice.randrange(7):
        case 0:
            return raw[: dice.randrange(len(raw))]
        case 1:
            position = dice.randrange(len(raw))
            return raw[:position] + bytes([dice.randrange(256)]) + raw[position + 1 :]
        case 2:
            position, size = dice.randrange(len(raw)), dice.randrange(1, 200)
            return raw[:position] + raw[position + size :]
        case 3:
            lines = raw.split(b"\n")
            del lines[dice.randrange(len(lines))]
            return b"\n".join(lines)
        case 4:
            lines = raw.split(b"\n")
            dice.shuffle(lines)
            return b"\n".join(lines)
        case 5:
            return bytes(dice.randrange(256) for _ in range(dice.randrange(400)))
    found = list(NUMBER.finditer(raw))
    if not found:
        return b""
    chosen = dice.choice(found)
    return raw[: chosen.start()] + dice.choice(NASTY).encode() + raw[chosen.end() :]


def broken_json(raw: bytes, dice: random.Random) -> bytes:
    """Bytes broken, or a value somewhere in the tree replaced or taken away."""
    if dice.random() < 0.3:
        return broken_bytes(raw, dice)
    tree = json.loads(raw)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(tree)
    node, key = dice.choice(places)
    if dice.random() < 0.3:
        del node[key]
    else:
        node[key] = dice.choice(JSON_VALUES)
    return json.dumps(tree).encode()


def survives(
    run: Callable[[Path, Path], int], make: Callable[[], bytes], name: str, folder: Path, capture: Any
) -> int:
    """How many of the broken files were refused, each in one line, with nothing written."""
    refused = 0
    for _ in range(CASES):
        path, output = folder / name, folder / "out"
        for left in folder.glob("out*"):
            left.unlink()
        content = make()
        path.write_bytes(content)
        status = run(path, output)
        said = capture.readouterr()
        errors = [line for line in said.err.splitlines() if not line.startswith("warning: ")]
        if status == 0:
            assert errors == [], content[:200]
            continue
        refused += 1
        assert status == 2
        assert len(errors) == 1, (errors, content[:200])
        assert errors[0].startswith("error: ")
        assert ": expected " in errors[0]
        assert ", got " in errors[0]
        assert len(errors[0]) < 400
        assert not list(folder.glob("out*"))
        assert not list(folder.glob(".*"))
    return refused


@pytest.mark.parametrize("name", ["x.expt", "bare.expt", "XPARM.XDS", "x.geom", "x.mat", "x.flags"])
def test_geometry(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With our note and without: both are broken."""
    assert nb_geometry(["-o", str(tmp_path / name), "--", *COMMANDS["dials"].split()]) == 0
    raw = (tmp_path / name).read_bytes()
    if name == "bare.expt":
        raw = json.dumps({k: v for k, v in json.loads(raw).items() if k != "braggproof"}).encode()
    dice, breaks = random.Random(name), broken_json if name.endswith("expt") else broken_bytes
    target = "mosflm" if name.endswith(".mat") else "dials"

    def run(path: Path, output: Path) -> int:
        return nb_geometry([str(path), "-o", str(output), "--to", target])

    refused = survives(run, lambda: breaks(raw, dice), name, tmp_path, capsys)
    assert refused >= (LEAST_REFUSED if name in ("x.expt", "bare.expt", "XPARM.XDS", "x.geom") else 50)


def test_mtz(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    rows = [[h, k, l, 10.0 + h, 1.0] for h in range(4) for k in range(4) for l in range(1, 4)]  # noqa: E741
    raw = small(tmp_path / "good.mtz", "P 21 21 21", "FP:F SIGFP:Q", rows).read_bytes()
    dice = random.Random("mtz")

    def broken() -> bytes:
        if dice.random() < 0.4:
            return broken_bytes(raw, dice)
        # the header is text, at the end: that is where a reader believes what it is told
        position = dice.randrange(raw.index(b"VERS"), len(raw))
        return raw[:position] + bytes([dice.randrange(256)]) * dice.randrange(1, 30) + raw[position + 8 :]

    def run(path: Path, output: Path) -> int:
        return nb_hkl([str(path), "-o", str(output)])

    assert survives(run, broken, "x.mtz", folder, capsys) >= LEAST_REFUSED


def test_coordinates_and_mmcif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Broken models: refused, or taken with what is left of them."""
    assert B_SOL > 0
    model = structure()
    for name, raw in (
        ("x.pdb", model.make_pdb_string().encode()),
        ("x.cif", model.make_mmcif_document().as_string().encode()),
    ):
        dice, folder = random.Random(name), tmp_path / name
        folder.mkdir()

        def run(path: Path, output: Path) -> int:
            return nb_hkl([str(path), "-o", str(output), "--dmin", "6"])

        survives(run, lambda raw=raw, dice=dice: broken_bytes(raw, dice), name, folder, capsys)  # type: ignore[misc]


def test_sf_mmcif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[h, k, 1, 10.0 + h, 1.0] for h in range(4) for k in range(4)]
    path = small(tmp_path / "good.mtz", "P 21 21 21", "FP:F SIGFP:Q", rows)
    raw = gemmi.MtzToCif().write_cif_to_string(gemmi.read_mtz_file(str(path))).encode()
    dice, folder = random.Random("sf"), tmp_path / "work"
    folder.mkdir()

    def run(path: Path, output: Path) -> int:
        return nb_hkl([str(path), "-o", str(output), "--dmin", "5"])

    survives(run, lambda: broken_bytes(raw, dice), "x-sf.cif", folder, capsys)

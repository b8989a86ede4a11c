"""`nb-hkl`: MTZ, mmCIF and text to P1; hand cases, the shipped MTZ, what is wrong."""

from pathlib import Path

import gemmi
import numpy as np
import pytest

from simulator.files.hkl import read_hkl
from simulator.formats.amplitudes import expand, to_reflections
from simulator.formats.mtz import read_mtz
from simulator.formats.nb_hkl import main

ROOT = Path(__file__).resolve().parents[3]
LYSOZYME = ROOT / "config" / "inputs" / "hewl_2vb1_fc.mtz"


def small(path: Path, group: str, columns: str, rows: list[list[float]]) -> Path:
    """A small MTZ file; columns: `FP:F SIGFP:Q`."""
    made = gemmi.Mtz(with_base=True)
    made.spacegroup = gemmi.SpaceGroup(group)
    made.set_cell_for_all(gemmi.UnitCell(30, 40, 50, 90, 90, 90))
    made.add_dataset("data")
    for column in columns.split():
        label, _, kind = column.partition(":")
        made.add_column(label, kind)
    made.set_data(np.array(rows, dtype=np.float32))
    made.write_to_file(str(path))
    return path


def table(path: Path) -> dict[tuple[int, ...], float]:
    """F by index."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return {tuple(map(int, row[:3])): float(row[3]) for row in rows}


def test_shipped_mtz_to_the_last_bit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """R = 0 against the MTZ itself, all of it, both mates; and through the engine's own reader."""
    assert main([str(LYSOZYME), "-o", str(tmp_path / "x.hkl")]) == 0
    assert "78870 reflections in P1" in capsys.readouterr().out
    box = read_hkl(tmp_path / "x.hkl", "x.hkl", float("nan"))
    source = gemmi.read_mtz_file(str(LYSOZYME))
    hkl = source.make_miller_array()
    truth = np.array(source.column_with_label("FC").array)
    for sign in (1, -1):
        found = box.data.numpy()[tuple((sign * hkl - np.array(box.lowest)).T)].astype(np.float32)
        assert np.abs(found - truth).sum() == 0
    assert np.isfinite(box.data.numpy()).sum() == 2 * len(truth)


def test_from_mtz_is_the_file(tmp_path: Path) -> None:
    main([str(LYSOZYME), "-o", str(tmp_path / "x.hkl")])
    box = read_hkl(tmp_path / "x.hkl", "x.hkl", 0.0)
    own = to_reflections(expand(read_mtz(LYSOZYME, "x")))
    assert own.lowest == box.lowest
    assert np.array_equal(own.data.numpy().astype(np.float32), box.data.numpy().astype(np.float32))


def test_symmetry_by_hand(tmp_path: Path) -> None:
    """P 21: h k l, -h k -l and their Friedel mates; no others."""
    path = small(tmp_path / "x.mtz", "P 1 21 1", "FP:F", [[1, 2, 3, 7.5], [0, 4, 0, 2.25]])
    assert main([str(path), "-o", str(tmp_path / "x.hkl")]) == 0
    seven = dict.fromkeys([(1, 2, 3), (-1, 2, -3), (-1, -2, -3), (1, -2, 3)], 7.5)
    assert table(tmp_path / "x.hkl") == seven | {(0, 4, 0): 2.25, (0, -4, 0): 2.25}


def test_four_fold_by_hand(tmp_path: Path) -> None:
    """P 4: h k l -> -k h l, and so on round; in the sense of the operator y, -x as well, being a group."""
    path = small(tmp_path / "x.mtz", "P 4", "FP:F", [[1, 2, 3, 5]])
    assert main([str(path), "-o", str(tmp_path / "x.hkl")]) == 0
    around = [(1, 2), (-2, 1), (-1, -2), (2, -1)]
    assert set(table(tmp_path / "x.hkl")) == {(s * h, s * k, s * 3) for h, k in around for s in (1, -1)}


def test_friedel_mates_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """F(+) goes with rotations, F(-) with their mates; one that was not measured is filled, and counted."""
    rows = [[1, 2, 3, 7.5, 6.5], [2, 2, 3, 4.0, np.nan]]
    path = small(tmp_path / "x.mtz", "P 1 21 1", "F(+):G F(-):G", rows)
    assert main([str(path), "-o", str(tmp_path / "x.hkl")]) == 0
    found = table(tmp_path / "x.hkl")
    assert [found[i] for i in ((1, 2, 3), (-1, 2, -3), (-1, -2, -3), (1, -2, 3))] == [7.5, 7.5, 6.5, 6.5]
    assert [found[i] for i in ((2, 2, 3), (-2, -2, -3))] == [4.0, 4.0]
    out = capsys.readouterr().out
    assert "Friedel mates apart" in out
    assert "1 filled from their Friedel mate" in out


def test_limits_holes_and_fill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell, group = gemmi.UnitCell(30, 40, 50, 90, 90, 90), gemmi.SpaceGroup("P 21 21 21")
    every = gemmi.make_miller_array(cell, group, 5.0)
    rows = [[*hkl, 10.0] for hkl in every.tolist()]
    path = small(tmp_path / "x.mtz", "P 21 21 21", "FP:F", rows[:-1])
    assert main([str(path), "-o", str(tmp_path / "x.hkl"), "--dmin", "5", "--dmax", "100"]) == 0
    assert "missing" in capsys.readouterr().out
    holed = table(tmp_path / "x.hkl")
    assert (
        main([str(path), "-o", str(tmp_path / "y.hkl"), "--dmin", "5", "--dmax", "100", "--fill", "3"]) == 0
    )
    filled = table(tmp_path / "y.hkl")
    added = set(filled) - set(holed)
    assert tuple(every[-1].tolist()) in added
    assert {filled[hkl] for hkl in added} == {3.0}
    assert f"{len(added)} filled with a value" in capsys.readouterr().out
    assert main([str(path), "-o", str(tmp_path / "z.hkl"), "--dmin", "8"]) == 0
    assert all(cell.calculate_d(hkl) >= 8 for hkl in table(tmp_path / "z.hkl"))


def test_sf_mmcif_is_mtz(tmp_path: Path) -> None:
    path = small(tmp_path / "x.mtz", "P 1 21 1", "FP:F SIGFP:Q", [[1, 2, 3, 7.5, 1], [0, 4, 0, 2.25, 1]])
    document = gemmi.MtzToCif().write_cif_to_string(gemmi.read_mtz_file(str(path)))
    (tmp_path / "x-sf.cif").write_text(document)
    assert main([str(path), "-o", str(tmp_path / "x.hkl")]) == 0
    assert main([str(tmp_path / "x-sf.cif"), "-o", str(tmp_path / "y.hkl")]) == 0
    assert (tmp_path / "x.hkl").read_bytes() == (tmp_path / "y.hkl").read_bytes()


def test_text_is_expanded(tmp_path: Path) -> None:
    (tmp_path / "x.hkl").write_text("1 2 3 7.5\n# half\n0 4 0 2.25\n")
    out = tmp_path / "y.hkl"
    assert main([str(tmp_path / "x.hkl"), "-o", str(out), "--space-group", "P 21"]) == 0
    assert len(table(out)) == 6
    assert main([str(tmp_path / "x.hkl"), "-o", str(out)]) == 0
    assert len(table(out)) == 4


@pytest.mark.parametrize(
    ("group", "columns", "arguments", "message"),
    [
        ("P 1", "I:J", [], "expected an amplitude column (type F or G), got only I, an intensity"),
        ("P 1", "I:J", ["--column", "I"], "got an intensity (make amplitudes of it first: ctruncate"),
        ("P 1", "FP:F", ["--column", "FX"], "--column FX: expected an amplitude (FP), got 'FX'"),
        ("P 1", "F(+):G F(-):G", ["--column", "F(+)"], "expected both Friedel mates"),
        ("P 1", "FP:F", ["--dmin", "-1"], "--dmin: expected a number > 0, got '-1.0'"),
        ("P 1", "FP:F", ["--dmin", "99"], "expected at least one reflection within the limits, got none"),
        (
            "P 1",
            "FP:F",
            ["--dmin", "0.01"],
            "0.01 A: expected a box of at most 500000000 indices, got 4.8",
        ),
        ("P 1", "FP:F", ["--dmin", "3", "--dmax", "3"], "--dmax: expected a number > --dmin 3, got '3'"),
        ("P 1", "PHI:P", [], "expected an amplitude column (type F or G), got none"),
    ],
)
def test_mistakes(
    group: str,
    columns: str,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [[1, 2, 3, *([7.5] * len(columns.split()))]]
    path = small(tmp_path / "x.mtz", group, columns, rows)
    assert main([str(path), "-o", str(tmp_path / "x.hkl"), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x.hkl").exists()

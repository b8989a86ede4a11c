"""MTZ to reflection list: the whole sphere, both mates, sorted, values as the file has them."""

import time
from pathlib import Path

import gemmi
import numpy as np
import pytest

from evidence.cases import mtz
from evidence.errors import InputError
from tests.helpers.places import ROOT

LYSOZYME = ROOT / "config" / "inputs" / "hewl_2vb1_fc.mtz"


def small(path: Path, group: str, rows: list[list[float]], labels: str = "F") -> Path:
    """An MTZ file with amplitude columns named in `labels`."""
    made = gemmi.Mtz(with_base=True)
    made.spacegroup = gemmi.SpaceGroup(group)
    made.set_cell_for_all(gemmi.UnitCell(30, 40, 50, 90, 90, 90))
    made.add_dataset("x")
    for label in labels.split():
        made.add_column(label, "F")
    made.set_data(np.array(rows, np.float32))
    made.write_to_file(str(path))
    return path


def test_default_input_has_every_reflection_and_its_mate(tmp_path: Path) -> None:
    """gemmi's own table is the oracle: 39435 reflections, none its own mate."""
    begun = time.perf_counter()
    table = mtz.reflections(LYSOZYME, "FC")
    mtz.write_hkl(tmp_path / "scaled.hkl", table)
    assert time.perf_counter() - begun < 2.0
    lines = (tmp_path / "scaled.hkl").read_text(encoding="ascii").splitlines()
    source = gemmi.read_mtz_file(str(LYSOZYME))
    assert len(lines) == 2 * source.nreflections == 78870
    written = {tuple(map(int, line.split()[:3])): line.split()[3] for line in lines}
    assert len(written) == len(lines)
    hkl, values = source.make_miller_array(), source.column_with_label("FC").array
    for n in range(0, len(values), 997):
        index = tuple(int(x) for x in hkl[n])
        assert written[index] == written[tuple(-i for i in index)] == f"{values[n]:.2f}"
    indices = [tuple(map(int, line.split()[:3])) for line in lines]
    assert indices == sorted(indices)


def test_expansion_to_p1(tmp_path: Path) -> None:
    """P 21 21 21: a general reflection has four equivalents, eight with the mates."""
    table = mtz.reflections(small(tmp_path / "x.mtz", "P 21 21 21", [[1, 2, 3, 7.125]]))
    assert len(table) == 8
    assert {tuple(np.abs(row[:3])) for row in table} == {(1, 2, 3)}
    assert set(table[:, 3]) == {7.125}


def test_axis_reflections_come_once(tmp_path: Path) -> None:
    table = mtz.reflections(small(tmp_path / "x.mtz", "P 21 21 21", [[2, 0, 0, 5]]))
    assert table.tolist() == [[-2, 0, 0, 5], [2, 0, 0, 5]]


def test_missing_values_are_left_out_and_zero_has_no_sign(tmp_path: Path) -> None:
    rows = [[1, 0, 0, float("nan")], [0, 1, 0, 0.005], [0, 0, 1, 12.345]]
    path = tmp_path / "x.hkl"
    mtz.write_hkl(path, mtz.reflections(small(tmp_path / "x.mtz", "P 1", rows)))
    assert path.read_text(encoding="ascii") == "0 -1 0 0.01\n0 0 -1 12.35\n0 0 1 12.35\n0 1 0 0.01\n" or (
        path.read_text(encoding="ascii") == "0 -1 0 0.00\n0 0 -1 12.35\n0 0 1 12.35\n0 1 0 0.00\n"
    )


def test_column_can_be_chosen(tmp_path: Path) -> None:
    path = small(tmp_path / "x.mtz", "P 1", [[1, 0, 0, 5, 6]], "FA FB")
    assert mtz.reflections(path)[0, 3] == 5
    assert mtz.reflections(path, "FB")[0, 3] == 6
    with pytest.raises(InputError, match=r"a column of type F: FA FB, got 'FC'"):
        mtz.reflections(path, "FC")


@pytest.mark.parametrize("content", [b"", b"not an MTZ", None])
def test_files_that_are_no_mtz(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.mtz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="an MTZ file"):
        mtz.reflections(path)


def test_nothing_but_missing_values(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one value"):
        mtz.reflections(small(tmp_path / "x.mtz", "P 1", [[1, 0, 0, float("nan")]]))


def test_a_structure_is_made_into_a_list_as_nb_hkl_does(tmp_path: Path) -> None:
    """With a resolution limit: coordinates, mmCIF and others; here an MTZ file, all its digits kept."""
    source = small(tmp_path / "x.mtz", "P 21 21 21", [[1, 2, 3, 7.125], [9, 9, 9, 5]])
    mtz.make(source, tmp_path / "made.hkl", dmin=5.0)
    lines = (tmp_path / "made.hkl").read_text(encoding="ascii").splitlines()
    assert len(lines) == 8
    assert {line.split()[3] for line in lines} == {"7.125"}
    with pytest.raises(InputError, match="--dmin: expected a number > 0"):
        mtz.make(source, tmp_path / "none.hkl", dmin=-1.0)
    assert not (tmp_path / "none.hkl").exists()

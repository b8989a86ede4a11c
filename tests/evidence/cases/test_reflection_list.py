"""Structure factors of any origin to reflection list: the whole sphere, both mates, sorted, F as it was."""

import gzip
import time
from pathlib import Path
from typing import Any

import gemmi
import numpy as np
import pytest

from evidence.cases import reflection_list as mtz
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
    begun = time.process_time()
    table = mtz.reflections(LYSOZYME, "FC")
    mtz.write_hkl(tmp_path / "scaled.hkl", table)
    assert time.process_time() - begun < 2.0
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


SF_CIF = """\
data_r1abcsf
_cell.length_a 30
_cell.length_b 40
_cell.length_c 50
_cell.angle_alpha 90
_cell.angle_beta 90
_cell.angle_gamma 90
_symmetry.space_group_name_H-M 'P 1 21 1'
loop_
_refln.index_h
_refln.index_k
_refln.index_l
_refln.F_meas_au
"""


def origins(folder: Path) -> dict[str, Path]:
    """The same reflections as MTZ, structure-factor mmCIF and text, and the atoms that they are of."""
    atoms = gemmi.Structure()
    atoms.cell, atoms.spacegroup_hm = gemmi.UnitCell(30, 40, 50, 90, 90, 90), "P 1 21 1"
    model, chain = gemmi.Model(1), gemmi.Chain("A")
    for number, (name, place) in enumerate({"C": (1, 2, 3), "S": (9, 8, 7)}.items(), start=1):
        atom, residue = gemmi.Atom(), gemmi.Residue()
        atom.name, atom.element, atom.pos, atom.b_iso = name, gemmi.Element(name), gemmi.Position(*place), 20
        residue.name, residue.seqid = "UNX", gemmi.SeqId(str(number))
        residue.add_atom(atom)
        chain.add_residue(residue)
    model.add_chain(chain)
    atoms.add_model(model)
    rows = [[1, 2, 3, 7.125], [0, 4, 0, 5]]
    made = {name: folder / name for name in ("x.mtz", "x-sf.cif", "x.hkl", "x.pdb", "x.cif", "x.pdb.gz")}
    small(made["x.mtz"], "P 1 21 1", rows)
    lines = "".join(f"{h} {k} {l} {f}\n" for h, k, l, f in rows)  # noqa: E741
    made["x.hkl"].write_text(lines)
    made["x-sf.cif"].write_text(SF_CIF + lines)
    made["x.pdb"].write_text(atoms.make_pdb_string())
    made["x.pdb.gz"].write_bytes(gzip.compress(made["x.pdb"].read_bytes()))
    atoms.make_mmcif_document().write_file(str(made["x.cif"]))
    return made


def test_any_origin_is_an_input(tmp_path: Path) -> None:
    """Reflections give one list whatever they stand in, atoms another; both in P1 from P 21."""
    found = {}
    for name, path in origins(tmp_path).items():
        target = tmp_path / f"{name}.made"
        atoms = ".pdb" in name or name == "x.cif"
        options: dict[str, Any] = {"space_group": "P 21"} if name == "x.hkl" else {}
        options |= {"dmin": 5.0, "k_sol": 0.0} if atoms else {}
        mtz.check(path, "here", options)
        mtz.make(path, target, **options)
        found[name] = target.read_text()
    assert found["x.mtz"] == found["x-sf.cif"] == found["x.hkl"]
    assert len(found["x.hkl"].splitlines()) == 6
    assert found["x.pdb"] == found["x.cif"] == found["x.pdb.gz"]
    (zero,) = (line for line in found["x.pdb"].splitlines() if line.startswith("0 0 0 "))
    assert float(zero.split()[3]) == pytest.approx(44, rel=0.01)  # electrons of two C and two S


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("x.pdb", {}, "here: --dmin: expected a resolution limit for coordinates, got nothing"),
        ("x.cif", {}, "here: --dmin: expected a resolution limit for coordinates, got nothing"),
        ("x.mtz", {"k_sol": 0.3}, "here: --k-sol: expected a file of coordinates, got one of MTZ"),
        ("x.hkl", {"column": "F"}, "here: --column: expected a file of MTZ or SF-mmCIF, got one of text"),
        ("x.mtz", {"fill": -1.0}, "here: --fill: expected a number >= 0, got '-1.0'"),
    ],
)
def test_options_are_judged_before_anything_runs(
    name: str, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = origins(tmp_path)[name]
    with pytest.raises(InputError) as problem:
        mtz.check(path, "here", options)
    assert str(problem.value) == message


def test_limits_of_text_need_a_cell(tmp_path: Path) -> None:
    """A resolution limit that would be passed over in silence."""
    path = origins(tmp_path)["x.hkl"]
    with pytest.raises(InputError, match="expected a cell, for limits of resolution"):
        mtz.make(path, tmp_path / "made.hkl", dmin=3.0)
    mtz.make(path, tmp_path / "made.hkl", dmin=9.0, dmax=10.5, cell="30,40,50,90,90,90")
    assert {line.split()[3] for line in (tmp_path / "made.hkl").read_text().splitlines()} == {"5.0"}

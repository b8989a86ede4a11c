"""Structure factors from coordinates, against gemmi's direct summation and a sum written out here."""

import runpy
from pathlib import Path

import gemmi
import numpy as np
import pytest

from simulator import Reflections
from simulator.errors import InputError
from simulator.formats.amplitudes import expand
from simulator.formats.coordinates import Fourier, Model, anomalous, read_coordinates, stol2
from simulator.formats.mtz import read_mtz
from simulator.formats.nb_hkl import main
from tests.helpers.places import ROOT

IRON_K = 1.7  # A, just above the K edge of iron in energy: f'' is large


def structure(group: str = "P 1 21 1", seed: int = 3) -> gemmi.Structure:
    """Sixty atoms at random places, an iron among them."""
    random = np.random.default_rng(seed)
    made = gemmi.Structure()
    made.cell = gemmi.UnitCell(21, 25, 28, 90, 97 if group == "P 1 21 1" else 90, 90)
    made.spacegroup_hm = group
    chain = gemmi.Chain("A")
    for number in range(1, 61):
        residue = gemmi.Residue()
        residue.name, residue.seqid = "UNK", gemmi.SeqId(str(number))
        atom = gemmi.Atom()
        name = "Fe" if number == 1 else "CNOS"[number % 4]
        atom.name, atom.element = name, gemmi.Element(name)
        atom.pos = made.cell.orthogonalize(gemmi.Fractional(*random.random(3)))
        atom.b_iso, atom.occ = float(random.uniform(8, 30)), 1.0
        residue.add_atom(atom)
        chain.add_residue(residue)
    model = gemmi.Model(1)
    model.add_chain(chain)
    made.add_model(model)
    made.setup_entities()
    return made


@pytest.fixture(scope="module")
def pdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The structure as a PDB file."""
    path = tmp_path_factory.mktemp("model") / "model.pdb"
    structure().write_pdb(str(path))
    return path


def r_factor(one: np.ndarray, other: np.ndarray) -> float:
    """Sum of differences over sum."""
    return float(np.abs(one - other).sum() / np.abs(other).sum())


def test_atoms_are_gemmis_direct_summation(pdb: Path) -> None:
    found = read_coordinates(pdb, "model.pdb", Model(dmin=2.0, k_sol=0.0))
    model = gemmi.read_structure(str(pdb))
    calculator = gemmi.StructureFactorCalculatorX(model.cell)
    direct = [abs(calculator.calculate_sf_from_model(model[0], hkl)) for hkl in found.hkl.tolist()]
    assert r_factor(found.plus, np.array(direct)) < 1e-3
    assert np.array_equal(found.plus, found.minus)
    electrons = 2 * sum(a.atom.element.atomic_number for a in model[0].all())  # two operators
    zero = (found.hkl == 0).all(1)
    assert zero.sum() == 1
    assert found.plus[zero][0] == pytest.approx(electrons, rel=2e-3)


def test_anomalous_mates_are_the_sum_over_atoms(pdb: Path) -> None:
    found = read_coordinates(pdb, "model.pdb", Model(dmin=2.5, wavelength=IRON_K, k_sol=0.0))
    model = gemmi.read_structure(str(pdb))
    shifts = anomalous(model[0], IRON_K)
    assert shifts["Fe"][1] > 2  # electrons
    total = np.zeros(len(found.hkl), dtype=complex)
    mates = total.copy()
    s2 = stol2(model.cell, found.hkl)
    for op in gemmi.find_spacegroup_by_name("P 1 21 1").operations():
        for site in model[0].all():
            atom = site.atom
            x = op.apply_to_xyz(model.cell.fractionalize(atom.pos).tolist())
            f = np.array([atom.element.it92.calculate_sf(value) for value in s2])
            f = (f + complex(*shifts[atom.element.name])) * np.exp(-atom.b_iso * s2)
            phase = 2 * np.pi * found.hkl @ np.array(x)
            total += f * np.exp(1j * phase)
            mates += f * np.exp(-1j * phase)
    assert r_factor(found.plus, np.abs(total)) < 1e-3
    assert r_factor(found.minus, np.abs(mates)) < 1e-3
    # the differences themselves, not only what they ride on
    assert np.corrcoef(found.plus - found.minus, np.abs(total) - np.abs(mates))[0, 1] > 0.999
    sphere = expand(found)
    assert sphere.anomalous
    f = {tuple(hkl): value for hkl, value in zip(sphere.hkl.tolist(), sphere.f, strict=True)}
    for (h, k, l), plus, minus in zip(found.hkl.tolist(), found.plus, found.minus, strict=True):  # noqa: E741
        assert f[h, k, l] == f[-h, k, -l] == plus
        if h or l:  # not centric in P 21
            assert f[-h, -k, -l] == minus or k == 0


def test_solvent_is_gemmis_scaling(pdb: Path) -> None:
    """k_sol, b_sol against gemmi's own solvent scale on the same mask."""
    with_water = read_coordinates(pdb, "model.pdb", Model(dmin=3.0))
    without = read_coordinates(pdb, "model.pdb", Model(dmin=3.0, k_sol=0.0))
    model = gemmi.read_structure(str(pdb))
    grid = gemmi.FloatGrid()
    grid.setup_from(model, spacing=0.6)
    gemmi.SolventMasker(gemmi.AtomicRadiiSet.Cctbx).put_mask_on_float_grid(grid, model[0])
    mask = gemmi.transform_map_to_f_phi(grid).prepare_asu_data(dmin=3.0)
    scaling = gemmi.Scaling(model.cell, gemmi.SpaceGroup("P 1 21 1"))
    scaling.use_solvent, scaling.k_sol, scaling.b_sol = True, 0.35, 46.0
    calculator = gemmi.StructureFactorCalculatorX(model.cell)
    expected = {}
    for hkl, value in zip(mask.miller_array.tolist(), mask.value_array, strict=True):
        scale = scaling.get_solvent_scale(float(stol2(model.cell, np.array([hkl]))[0]))
        expected[tuple(hkl)] = abs(calculator.calculate_sf_from_model(model[0], hkl) + scale * complex(value))
    rows = [i for i, hkl in enumerate(with_water.hkl.tolist()) if tuple(hkl) in expected]
    wanted = np.array([expected[tuple(with_water.hkl[i].tolist())] for i in rows])
    assert len(rows) > 100
    assert r_factor(with_water.plus[rows], wanted) < 1e-3
    assert r_factor(without.plus[rows], wanted) > 0.02  # it matters


def test_mmcif_is_pdb(pdb: Path, tmp_path: Path) -> None:
    gemmi.read_structure(str(pdb)).make_mmcif_document().write_file(str(tmp_path / "model.cif"))
    one = read_coordinates(pdb, "model.pdb", Model(dmin=3.0))
    other = read_coordinates(tmp_path / "model.cif", "model.cif", Model(dmin=3.0))
    assert np.array_equal(one.hkl, other.hkl)
    assert r_factor(one.plus, other.plus) < 1e-4


def test_resolution_and_completeness(pdb: Path) -> None:
    sphere = expand(read_coordinates(pdb, "model.pdb", Model(dmin=2.5)), 2.5, 8.0)
    d = 1 / np.sqrt(4 * stol2(gemmi.read_structure(str(pdb)).cell, sphere.hkl[(sphere.hkl != 0).any(1)]))
    assert d.min() >= 2.5 * (1 - 1e-9)
    assert d.max() <= 8.0 * (1 + 1e-9)
    assert sphere.holes == 0
    assert [0, 0, 0] in sphere.hkl.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"nothing", "expected a unit cell and a space group, got none"),
        (b"CRYST1   30.000   40.000   50.000  90.00  90.00  90.00 P 1\nEND\n", "expected atoms, got none"),
    ],
)
def test_no_crystal_is_told(text: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.pdb"
    path.write_bytes(text)
    with pytest.raises(InputError, match=message):
        read_coordinates(path, "x.pdb", Model(dmin=3.0))


@pytest.mark.parametrize("name", ["dmin", "wavelength"])
def test_limits_above_zero(name: str, pdb: Path) -> None:
    asked = {"dmin": 3.0, name: 0.0}
    with pytest.raises(InputError, match=f"^{name}: expected a number > 0, got 0$"):
        Reflections.from_coordinates(pdb, **asked)


def test_the_shipped_atoms_are_those_of_the_shipped_map(tmp_path: Path) -> None:
    """The script that made them makes them again; lysozyme's ten sulfurs are there, eight in bridges."""
    inputs = ROOT / "config" / "inputs"
    script = runpy.run_path(str(inputs / "atoms_of_map.py"))
    script["main"](inputs / "hewl_2vb1_fc.mtz", tmp_path / "again.pdb")
    shipped, again = (
        gemmi.read_structure(str(p)) for p in (inputs / "hewl_atoms.pdb", tmp_path / "again.pdb")
    )
    places = [np.array([site.atom.pos.tolist() for site in each[0].all()]) for each in (shipped, again)]
    assert np.abs(places[0] - places[1]).max() < 0.02
    sulfur = [
        site.atom.pos for site in shipped[0].all() if site.atom.element.name == "S" and site.atom.b_iso < 5
    ]
    assert len(sulfur) == 10
    nearest = [
        min(shipped.cell.find_nearest_image(one, other).dist() for other in sulfur if other is not one)
        for one in sulfur
    ]
    assert sum(abs(distance - 2.04) < 0.05 for distance in nearest) == 8


def test_the_shipped_atoms_scatter_as_the_shipped_amplitudes() -> None:
    """Through nb-hkl's calculation, to 1.4 A: an MTZ file made by others, of a model with hydrogens too."""
    inputs = ROOT / "config" / "inputs"
    found = expand(read_coordinates(inputs / "hewl_atoms.pdb", "atoms", Model(dmin=1.4)), 1.4)
    truth = expand(read_mtz(inputs / "hewl_2vb1_fc.mtz", "mtz"), 1.4)
    rows = (found.hkl != 0).any(1)
    assert np.array_equal(found.hkl[rows], truth.hkl)
    assert np.corrcoef(found.f[rows], truth.f)[0, 1] > 0.97
    assert r_factor(found.f[rows], truth.f) < 0.13


@pytest.mark.parametrize("name", ["x.cif", "x.mmcif"])
@pytest.mark.parametrize("text", ["", "# nothing here\n"])
def test_a_file_without_a_block_is_told(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert main([str(path), "-o", str(tmp_path / "x.hkl"), "--dmin", "3"]) == 2
    assert capsys.readouterr().err == f"error: {path}: expected coordinates, got nothing\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--dmin 0.01", "to 0.01 A: expected a box of at most 500000000 indices, got 1.18e+11"),
        ("--dmin 4 --dmax 3", "--dmax: expected a number > --dmin 4, got '3'"),
        ("--dmin 99", "expected at least one reflection within the limits, got none"),
    ],
)
def test_limits_that_cannot_be_are_refused(
    words: str, message: str, pdb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(pdb), "-o", str(tmp_path / "x.hkl"), *words.split()]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x.hkl").exists()


def test_what_does_not_fit_into_memory_is_told(
    pdb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Fourier, "atoms", full)
    assert main([str(pdb), "-o", str(tmp_path / "x.hkl"), "--dmin", "2"]) == 2
    assert "expected less than fills the memory (a larger --dmin), got more" in capsys.readouterr().err

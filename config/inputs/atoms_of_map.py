"""The atoms behind the shipped amplitudes, as a PDB file: what `hewl_atoms.pdb` is made with.

    python config/inputs/atoms_of_map.py config/inputs/hewl_2vb1_fc.mtz config/inputs/hewl_atoms.pdb

At 1.1 A the Fourier map of FC, PHIC resolves single atoms. Its peaks are taken, and their places, B factors
and occupancies fitted to the map by differential Fourier synthesis (D. W. J. Cruickshank, Acta Cryst. 5
(1952) 511; a Gaussian peak has height ~ q B^-3/2 and Laplacian ~ q B^-5/2). Nothing but the map is known: an
element is the one whose electrons fit, the residues have no names, and water is an atom like any other.
"""

import sys
from pathlib import Path

import gemmi
import numpy as np
import numpy.typing as npt
from scipy import ndimage

Floats = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex64]
Indices = npt.NDArray[np.int32]
SHARPEST = 10.0  # A^2: what the limit of resolution adds to B, near enough
LOWEST = 1.0  # e/A^3: below it lie hydrogens and ripples
NEAREST = 0.95  # A between atoms
CYCLES, DAMPING, SETTLED = 10, 0.6, 4  # elements are chosen after so many
COUNT = {"C": 6.0, "N": 7.0, "O": 8.0, "S": 16.0}  # electrons
LEAST = {"C": 0.0, "N": 6.55, "O": 7.45, "S": 12.0}  # electrons of a peak that is this element
FLATTEST = 0.3  # e/A^3, and e/A^5 of a Laplacian
REMARKS = """\
REMARK   3 ATOMS OF A FOURIER MAP, NOT OF A REFINED MODEL: MADE BY
REMARK   3 CONFIG/INPUTS/ATOMS_OF_MAP.PY FROM FC, PHIC OF HEWL_2VB1_FC.MTZ,
REMARK   3 WHICH WERE CALCULATED FROM PDB ENTRY 2VB1. ELEMENTS ARE GUESSED FROM
REMARK   3 THE HEIGHT OF PEAKS; RESIDUES ARE UNKNOWN (UNX), ONE AN ATOM.
"""


def peaks(rho: Floats, cell: gemmi.UnitCell) -> Floats:
    """Fractional places (n, 3) of the maxima of a map (u, v, w), the highest first."""
    top = (rho == ndimage.maximum_filter(rho, size=3, mode="wrap")) & (rho > LOWEST)
    places = np.argwhere(top)[np.argsort(-rho[top], kind="stable")] / np.array(rho.shape)
    orthogonal = np.array(cell.orth.mat.tolist())
    kept: list[Floats] = []
    for place in places:
        apart = np.reshape(kept, (-1, 3)) - place
        apart -= np.rint(apart)
        if (np.linalg.norm(apart @ orthogonal.T, axis=1) > NEAREST).all():
            kept.append(place)
    return np.array(kept)


def derivatives(grid: gemmi.FloatGrid, xyz: Floats, cell: gemmi.UnitCell) -> tuple[Floats, Floats, Floats]:
    """Value (n), gradient (n, 3) and Laplacian (n) of a map at orthogonal places, by differences."""
    step, found = 0.15, []
    for offset in np.vstack((np.zeros(3), step * np.eye(3), -step * np.eye(3))):
        places = (gemmi.Position(*place) for place in xyz + offset)
        found.append([grid.interpolate_value(cell.fractionalize(p), order=3) for p in places])
    centre, up, down = np.array(found[0]), np.array(found[1:4]), np.array(found[4:7])
    laplacian: Floats = (up + down - 2 * centre).sum(0) / step**2
    return centre, (up - down).T / (2 * step), laplacian


def structure(cell: gemmi.UnitCell, xyz: Floats, names: list[str], q: Floats, b: Floats) -> gemmi.Structure:
    """One residue an atom, in P 1."""
    made = gemmi.Structure()
    made.cell, made.spacegroup_hm = cell, "P 1"
    chain = gemmi.Chain("A")
    for number, (place, name, occupancy, b_iso) in enumerate(zip(xyz, names, q, b, strict=True), start=1):
        atom, residue = gemmi.Atom(), gemmi.Residue()
        atom.name, atom.element, atom.pos = name, gemmi.Element(name), gemmi.Position(*place)
        atom.occ, atom.b_iso = float(occupancy), float(b_iso)
        residue.name, residue.seqid, residue.het_flag = "UNX", gemmi.SeqId(str(number)), "H"
        residue.add_atom(atom)
        chain.add_residue(residue)
    model = gemmi.Model(1)
    model.add_chain(chain)
    made.add_model(model)
    return made


def calculated(made: gemmi.Structure, dmin: float) -> tuple[Indices, Complex]:
    """Indices (n, 3) and F (n) of atoms to a resolution."""
    calculator = gemmi.DensityCalculatorX()
    calculator.d_min, calculator.rate = dmin, 2.0
    calculator.set_refmac_compatible_blur(made[0])
    calculator.grid.setup_from(made)
    calculator.put_model_density_on_grid(made[0])
    transform = gemmi.transform_map_to_f_phi(calculator.grid)
    found = transform.prepare_asu_data(dmin=dmin, unblur=calculator.blur)
    return found.miller_array, found.value_array


def fit(mtz: gemmi.Mtz) -> tuple[gemmi.Structure, float]:
    """Atoms whose map is that of FC, PHIC, and the R factor of their amplitudes."""
    cell, dmin = mtz.cell, mtz.resolution_high() * (1 - 1e-6)
    grid, given = mtz.transform_f_phi_to_map("FC", "PHIC", sample_rate=4), mtz.get_f_phi("FC", "PHIC")
    truth = dict(zip(map(tuple, given.miller_array.tolist()), given.value_array, strict=True))
    places = peaks(np.array(grid, dtype=np.float64), cell)
    xyz = places @ np.array(cell.orth.mat.tolist()).T
    names, q, b = ["C"] * len(xyz), np.ones(len(xyz)), np.full(len(xyz), 6.0)
    for cycle in range(CYCLES):
        hkl, f = calculated(structure(cell, xyz, names, q, b), dmin)
        wanted = np.array([truth.get(tuple(index), 0) for index in hkl.tolist()])
        maps = []
        for values in (f, wanted - f):
            data = gemmi.ComplexAsuData(cell, gemmi.SpaceGroup("P 1"), hkl, values.astype(np.complex64))
            maps.append(data.transform_f_phi_to_map(sample_rate=4))
        (height, _, bend), (lack, slope, lack_bend) = (derivatives(each, xyz, cell) for each in maps)
        height, bend = np.maximum(height, FLATTEST), np.minimum(bend, -FLATTEST)
        broader = np.clip(lack / height - lack_bend / bend, -0.5, 0.5)
        more = np.clip(lack / height + 1.5 * broader, -0.5, 0.5)
        xyz = xyz + np.clip(-DAMPING * slope / (bend / 3)[:, None], -0.1, 0.1)
        b = np.clip(b + DAMPING * broader * (b + SHARPEST), 1.0, 60.0)
        q = np.clip(q * (1 + DAMPING * more), 0.05, 4.0)
        if cycle == SETTLED:
            count = q * COUNT["C"]
            names = [[name for name, least in LEAST.items() if n >= least][-1] for n in count]
            q = count / [COUNT[name] for name in names]
    found = structure(cell, xyz, names, np.minimum(q, 1.0), b)
    f = np.abs(calculated(found, dmin)[1])
    return found, float(np.abs(f - np.abs(wanted)).sum() / np.abs(wanted).sum())


def main(source: Path, target: Path) -> None:
    """Write the file."""
    found, r = fit(gemmi.read_mtz_file(str(source)))
    target.write_text(REMARKS + found.make_minimal_pdb(), encoding="ascii")
    print(f"{found[0].count_atom_sites()} atoms, R = {r:.3f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

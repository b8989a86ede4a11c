"""Structure factors from coordinates (PDB, mmCIF), through gemmi: atoms, bulk solvent, anomalous scattering.

F = F_atoms + k_sol exp(-b_sol s^2/4) F_mask (Jiang & Bruenger, J. Mol. Biol. 243 (1994) 100); f' and f'' are
Cromer-Liberman values. With A the transform of f0 + f' and B that of f'', both of real densities, F(h) is
A + iB and F(-h) is (A - iB)*.
"""

from dataclasses import dataclass
from pathlib import Path

import gemmi
import numpy as np
import numpy.typing as npt

from simulator.errors import InputError
from simulator.files.disk import read_bytes
from simulator.formats.amplitudes import Amplitudes, check_box
from simulator.formats.mtz import COMPLAINTS, first_line

Complex = npt.NDArray[np.complex128]
RATE = 2.5  # grid points for each resolution element, twice over: errors of 1e-3 of <F>
K_SOL, B_SOL = 0.35, 46.0  # e/A^3, A^2


@dataclass(frozen=True)
class Model:
    """How coordinates become structure factors; wavelength None: no anomalous scattering."""

    dmin: float
    wavelength: float | None = None
    k_sol: float = K_SOL
    b_sol: float = B_SOL


def read_coordinates(path: Path, where: str, model: Model) -> Amplitudes:
    """Amplitudes of the first model, F000 among them. Raises InputError: no crystal, too small a dmin."""
    structure = read_structure(path, where)
    check_box(structure.cell, model.dmin, where)
    fourier = Fourier(structure, model.dmin)
    atoms = structure[0]
    addends = {} if model.wavelength is None else anomalous(atoms, model.wavelength)
    primed = {element: f1 for element, (f1, _) in addends.items()}
    hkl, dispersive = fourier.atoms(atoms, primed)
    real, source = dispersive, f"the atoms of {where}"
    if model.k_sol > 0:
        damping = np.exp(-model.b_sol * stol2(structure.cell, hkl))
        real = real + model.k_sol * damping * fourier.mask(atoms, hkl)
        source += f" and solvent {model.k_sol:g} {model.b_sol:g}"
    plus = minus = np.abs(real)
    if addends:  # densities add up: f'' is what f0 + f' + f'' has beyond f0 + f'
        absorbing = fourier.atoms(atoms, {element: f1 + f2 for element, (f1, f2) in addends.items()})[1]
        imaginary = absorbing - dispersive
        plus, minus = np.abs(real + 1j * imaginary), np.abs(real - 1j * imaginary)
    return Amplitudes(hkl, plus, minus, source, fourier.group, structure.cell)


def read_structure(path: Path, where: str) -> gemmi.Structure:
    """A structure with a cell, a space group and atoms, NCS copies included."""
    read_bytes(path, where)
    try:
        structure = gemmi.read_structure(str(path))
        if not structure.cell.is_crystal() or structure.find_spacegroup() is None:
            raise InputError(where, "a unit cell and a space group", "none")
        if not len(structure) or not structure[0].count_atom_sites():
            raise InputError(where, "atoms", "none")
        structure.setup_entities()
        structure.expand_ncs(gemmi.HowToNameCopiedChain.Short)
    except InputError:
        raise
    except IndexError:  # gemmi's, of an mmCIF file without a data block
        raise InputError(where, "coordinates", "nothing") from None
    except COMPLAINTS as problem:
        raise InputError(where, "coordinates", first_line(problem)) from None
    for atom in (found.atom for found in structure[0].all()):
        if not (np.isfinite([*atom.pos.tolist(), atom.b_iso, atom.occ]).all() and abs(atom.b_iso) < 1e4):
            raise InputError(where, f"numbers for atom {atom.name}", "others")
    return structure


def anomalous(atoms: gemmi.Model, wavelength: float) -> dict[str, tuple[float, float]]:
    """f' and f'' of each element there is, in electrons."""
    energy = float(gemmi.hc) / wavelength
    names = {found.atom.element.name for found in atoms.all()}
    numbers = {name: gemmi.Element(name).atomic_number for name in sorted(names)}
    return {name: gemmi.cromer_liberman(z=z, energy=energy) for name, z in numbers.items() if z > 0}


def stol2(cell: gemmi.UnitCell, hkl: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(sin(theta)/lambda)^2 = 1/(4 d^2) of reflections (n, 3), 1/A^2."""
    s = hkl @ np.array(cell.frac.mat.tolist())
    found: npt.NDArray[np.float64] = (s * s).sum(1) / 4.0
    return found


class Fourier:
    """Densities on a grid and their transforms, over the asymmetric unit to a resolution limit."""

    def __init__(self, structure: gemmi.Structure, dmin: float) -> None:
        self.structure, self.dmin = structure, dmin * (1 - 1e-6)  # the limit itself is inside
        self.group = structure.find_spacegroup()

    def atoms(self, atoms: gemmi.Model, addends: dict[str, float]) -> tuple[npt.NDArray[np.int64], Complex]:
        """Indices (n, 3) and F (n) of the atoms, each element's f0 (Int. Tables C) plus its addend."""
        calculator = gemmi.DensityCalculatorX()
        calculator.d_min, calculator.rate = self.dmin, RATE
        for element, value in addends.items():
            calculator.addends.set(gemmi.Element(element), value)
        calculator.set_refmac_compatible_blur(atoms)
        calculator.grid.setup_from(self.structure)
        calculator.put_model_density_on_grid(atoms)
        transform = gemmi.transform_map_to_f_phi(calculator.grid)
        found = transform.prepare_asu_data(dmin=self.dmin, with_000=True, unblur=calculator.blur)
        return found.miller_array.astype(np.int64), found.value_array.astype(np.complex128)

    def mask(self, atoms: gemmi.Model, hkl: npt.NDArray[np.int64]) -> Complex:
        """F (n) of a solvent of density 1 outside the atoms."""
        grid = gemmi.FloatGrid()
        grid.setup_from(self.structure, spacing=min(self.dmin / 2.0, 0.6))
        gemmi.SolventMasker(gemmi.AtomicRadiiSet.Cctbx).put_mask_on_float_grid(grid, atoms)
        found = gemmi.transform_map_to_f_phi(grid).prepare_asu_data(dmin=self.dmin, with_000=True)
        if not np.array_equal(found.miller_array, hkl):
            raise ValueError("solvent: expected the reflections of the atoms, got others")
        return found.value_array.astype(np.complex128)

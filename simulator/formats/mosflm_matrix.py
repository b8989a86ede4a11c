"""MOSFLM orientation matrices (.mat): the A matrix, and what MOSFLM writes below it.

A: rows x, y, z of the columns a*, b*, c* times the wavelength, X along the beam and Z along the spindle
(A. G. W. Leslie & H. R. Powell, in Evolving Methods for Macromolecular Crystallography, 2007, p. 41). Then
three missetting angles, U, the cell, three missetting angles.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError
from simulator.formats.exact import NOTE
from simulator.formats.frames import Vector, mosflm
from simulator.formats.geometry import Geometry
from simulator.formats.reading import numbers, span
from simulator.formats.xds_parm import cell_of, volume_of

NINE, WITH_CELL = 9, 27


def parse(text: str, where: str, wavelength: float | None) -> Geometry:
    """The crystal in MOSFLM's frame. The wavelength is that given, else the one that makes the cell fit."""
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("!"))
    tokens = kept.split()
    if len(tokens) < NINE:
        raise InputError(where, "9 numbers", len(tokens))
    scaled = np.array(numbers(tokens[:NINE], NINE, where)).reshape(3, 3)
    volume = abs(float(np.linalg.det(scaled)))
    if not 1e-30 < volume < 1e30:
        raise InputError(where, "a cell of non-zero volume", f"{volume:g}")
    if wavelength is None and len(tokens) < WITH_CELL:
        raise InputError(where, "a cell below the matrix, or --wavelength", "neither")
    if wavelength is None:
        cell = numbers(tokens[21:WITH_CELL], 6, f"{where} cell")
        wavelength = float(np.cbrt(volume * volume_of(cell, f"{where} cell")))
    return Geometry(
        beam=np.array([1.0, 0.0, 0.0]),
        wavelength=wavelength,
        spindle=np.array([0.0, 0.0, 1.0]),
        direct=span(_inverse(scaled / wavelength), where),
    )


def text(geometry: Geometry, note: str) -> str:
    """The file; the note, if any, is below all that MOSFLM reads."""
    if geometry.beam is None or geometry.direct is None or geometry.wavelength is None:
        raise ValueError("MOSFLM matrix: expected beam and crystal, got fewer")
    direct = geometry.turned(mosflm(geometry.beam, geometry.spindle)).direct
    assert direct is not None
    star = _inverse(direct)  # columns a*, b*, c*
    cell = cell_of(direct)
    upright = _inverse(_standard(cell))
    still = _row([0, 0, 0])
    rows = [
        *(_row(row) for row in star * geometry.wavelength),
        still,
        *(_row(row) for row in star @ _inverse(upright)),
        _row(cell),
        still,
    ]
    assert not note or note.startswith(f"! {NOTE}")
    return "".join(f"{row}\n" for row in rows) + note


def _standard(cell: list[float]) -> Vector:
    """Rows a, b, c of a cell with a* along x and b* in the xy plane: what U turns."""
    a, b, c = cell[:3]
    ca, cb, cg = np.cos(np.radians(cell[3:]))
    gram = np.array(
        [[a * a, a * b * cg, a * c * cb], [a * b * cg, b * b, b * c * ca], [a * c * cb, b * c * ca, c * c]]
    )
    # columns of R are a*, b*, c*: R upper triangular with R^T R = gram^-1
    return _inverse(np.linalg.cholesky(_inverse(gram)).T)


def _inverse(matrix: npt.NDArray[Any]) -> Vector:
    found: Vector = np.linalg.inv(matrix).astype(np.float64)
    return found


def _row(values: Vector | list[float]) -> str:
    return " ".join(f"{float(value) + 0.0:.17g}" for value in values)

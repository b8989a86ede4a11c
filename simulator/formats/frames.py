"""Laboratory frames of other programs, built from the beam and the spindle.

Each frame is a (3, 3) rotation whose rows are its axes in nanoBragg's laboratory frame: `frame @ v` are the
components of v in it. Where beam and spindle are axes of the laboratory frame it only permutes components.
"""

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
PARALLEL = 1e-3  # sine of the angle below which two directions do not make a plane


def direction(v: Vector) -> Vector:
    """The vector at unit length; one that has it already is left alone to the last bit."""
    length = float(np.linalg.norm(v))
    return v if length == 1.0 else v / length


def across(beam: Vector, spindle: Vector | None) -> Vector:
    """Unit vector (3) perpendicular to the beam (3, unit), as near to the spindle as can be."""
    candidates = [] if spindle is None else [spindle]
    for v in [*candidates, *np.eye(3)]:
        found = v - np.dot(v, beam) * beam
        if float(np.linalg.norm(found)) > PARALLEL:
            return direction(found)
    raise ValueError("beam: expected a direction, got a vector without one")


def imgcif(beam: Vector, spindle: Vector | None) -> Vector:
    """The frame of DIALS: X along the spindle, Z from the sample to the source."""
    x, z = across(beam, spindle), -beam
    return np.stack((x, np.cross(z, x), z)) + 0.0


def mcstas(beam: Vector, spindle: Vector | None) -> Vector:
    """The frame of NeXus: Z along the beam, X against the spindle, Y as in `imgcif`."""
    return np.diag([-1.0, 1.0, -1.0]) @ imgcif(beam, spindle) + 0.0


def along_z(beam: Vector, spindle: Vector | None) -> Vector:
    """The frame usual with XDS and that of CrystFEL: Z along the beam, X along the spindle."""
    x = across(beam, spindle)
    return np.stack((x, np.cross(beam, x), beam)) + 0.0


def mosflm(beam: Vector, spindle: Vector | None) -> Vector:
    """The frame of MOSFLM: X along the beam, Z along the spindle."""
    z = across(beam, spindle)
    return np.stack((beam, np.cross(z, beam), z)) + 0.0

"""XDS geometry: XPARM.XDS and GXPARM.XDS.

Lines and frames: W. Kabsch, Acta Cryst. D66 (2010) 125, and the XDS manual. Lengths are mm and pixels, the
beam vector has length 1/wavelength. Ours are written with the beam along Z and the spindle along X.
"""

import numpy as np

from simulator.errors import InputError, quoted
from simulator.formats.frames import Vector, along_z
from simulator.formats.geometry import Geometry, Panel
from simulator.formats.reading import numbers, span, unit
from simulator.units import MM

HEAD = "XPARM.XDS"
COUNTS = (6, 4, 7, 3, 3, 3, 5, 3, 3, 3, 3)  # numbers a line after the first


def parse(text: str, where: str) -> Geometry:
    """The geometry of a file with one detector segment. Raises InputError naming the line that is wrong."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines or lines[0][0] != HEAD:
        got = quoted(" ".join(lines[0]) if lines else "")
        raise InputError(f"{where} line 1", f"it to begin with {HEAD}", got)
    if len(lines) <= len(COUNTS):
        raise InputError(where, f"at least {len(COUNTS) + 1} lines", len(lines))
    rows = [numbers(lines[i + 1], count, f"{where} line {i + 2}") for i, count in enumerate(COUNTS)]
    scan, beam, _, a, b, c, grid, place, x, y, _ = rows
    if grid[0] > 1:
        raise InputError(f"{where} line 8", "one segment (the engines have one panel)", f"{grid[0]:g}")
    fast, slow = unit(x, f"{where} line 10"), unit(y, f"{where} line 11")
    normal = unit(rows[10], f"{where} line 12")
    if float(np.linalg.norm(np.cross(fast, slow))) < 0.5:
        raise InputError(f"{where} line 11", "an axis across that of line 10", "one along it")
    _check(where, grid, beam)
    foot = [
        (place[0] - 0.5) * grid[3],
        (place[1] - 0.5) * grid[4],
    ]  # XDS counts the first pixel's centre as 1
    return Geometry(
        beam=unit(beam[1:], f"{where} line 3"),
        wavelength=beam[0],
        panel=Panel(
            fast=fast,
            slow=slow,
            origin=(place[2] * normal - foot[0] * fast - foot[1] * slow) / MM,
            shape=(int(grid[2]), int(grid[1])),
            pixel=grid[3] / MM,
        ),
        spindle=unit(scan[3:], f"{where} line 2"),
        phi=scan[1],
        osc=scan[2],
        first_image=int(scan[0]),
        direct=span(np.array([a, b, c]), f"{where} lines 5 to 7"),
    )


def _check(where: str, grid: list[float], beam: list[float]) -> None:
    if grid[3] != grid[4] or not grid[3] > 0:
        raise InputError(f"{where} line 8", "square pixels", f"{grid[3]:g} x {grid[4]:g} mm")
    if any(not 1 <= n <= 1e6 or n != int(n) for n in grid[1:3]):
        raise InputError(f"{where} line 8", "whole numbers of pixels", f"{grid[1]:g} {grid[2]:g}")
    if not beam[0] > 0:
        raise InputError(f"{where} line 3", "a wavelength > 0", f"{beam[0]:g}")


def text(geometry: Geometry, note: str) -> str:
    """The file; the note, if any, goes to its first line, the only one that readers skip."""
    beam, panel, spindle, direct = geometry.beam, geometry.panel, geometry.spindle, geometry.direct
    if beam is None or panel is None or spindle is None or direct is None:
        raise ValueError("XPARM.XDS: expected beam, detector, spindle and crystal, got fewer")
    turned = geometry.turned(along_z(beam, spindle))
    beam, panel, spindle, direct = turned.beam, turned.panel, turned.spindle, turned.direct
    assert beam is not None
    assert panel is not None
    assert spindle is not None
    assert direct is not None
    assert geometry.wavelength is not None
    normal = np.cross(panel.fast, panel.slow)
    # axes given to a few digits are not quite at right angles: solved for, the corner comes out all the same
    foot = np.linalg.solve(np.stack((-panel.fast, -panel.slow, normal), axis=1), panel.origin)
    org = [float(x) / panel.pixel + 0.5 for x in foot[:2]]
    slow, fast = panel.shape
    pixel = panel.pixel * MM
    rows = [
        note.strip() or f"{HEAD}    VERSION written by Braggproof",
        f"{geometry.first_image:6d} {_row([geometry.phi, geometry.osc, *spindle])}",
        _row([geometry.wavelength, *(beam / geometry.wavelength)]),
        f"{1:6d} {_row(cell_of(direct))}",
        *(_row(vector) for vector in direct),
        f"{1:6d} {fast:6d} {slow:6d} {_row([pixel, pixel])}",
        _row([*org, float(foot[2]) * MM]),
        *(_row(axis) for axis in (panel.fast, panel.slow, normal)),
        f"{1:6d} {1:6d} {fast:6d} {1:6d} {slow:6d}",
        _row([0, 0, 0, 1, 0, 0, 0, 1, 0]),
    ]
    return "".join(f"{row}\n" for row in rows)


def _row(values: Vector | list[float]) -> str:
    return " ".join(f"{float(value) + 0.0:.17g}" for value in values)


def cell_of(direct: Vector) -> list[float]:
    """Edges (A) and angles (deg) of rows a, b, c."""
    edges = [float(np.linalg.norm(v)) for v in direct]
    angles = []
    for i, j in ((1, 2), (2, 0), (0, 1)):
        cosine = float(np.dot(direct[i], direct[j])) / (edges[i] * edges[j])
        angles.append(float(np.degrees(np.arccos(cosine))))
    return [*edges, *angles]


def volume_of(cell: list[float], where: str) -> float:
    """Volume (A^3) of a cell; raises InputError for one without."""
    a, b, c = cell[:3]
    x, y, z = (float(np.cos(np.radians(angle))) for angle in cell[3:])
    square = 1 - x * x - y * y - z * z + 2 * x * y * z
    volume = abs(a * b * c) * float(np.sqrt(max(square, 0.0)))
    if not 1e-3 < volume < 1e18:
        raise InputError(where, "a cell with a volume", " ".join(f"{value:g}" for value in cell))
    return volume

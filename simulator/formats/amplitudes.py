"""Structure-factor amplitudes on their way to the engine: symmetry expanded to P1, summed up in a line."""

import math
from dataclasses import dataclass
from pathlib import Path

import gemmi
import numpy as np
import numpy.typing as npt
import torch

from simulator.errors import InputError
from simulator.experiment import Reflections
from simulator.files.disk import write_bytes
from simulator.files.hkl import LARGEST_BOX
from simulator.formats.frames import Vector

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]
SAME = 1e-6  # relative difference below which Friedel mates do not differ


@dataclass(frozen=True)
class Amplitudes:
    """Amplitudes F of reflections (n, 3), and those of their Friedel mates; NaN: not measured.

    Without a cell there is no resolution; `source` names the column or the calculation.
    """

    hkl: Indices
    plus: Vector
    minus: Vector
    source: str
    group: gemmi.SpaceGroup
    cell: gemmi.UnitCell | None = None


@dataclass(frozen=True)
class Sphere:
    """All reflections in P1 (n, 3), sorted, with F (n), and where they come from."""

    hkl: Indices
    f: Vector
    source: str
    cell: gemmi.UnitCell | None
    mates: int = 0  # filled from their Friedel mate
    filled: int = 0  # filled with a value
    holes: int = 0  # neither measured nor filled, inside the resolution limits
    anomalous: bool = False


def expand(
    found: Amplitudes, dmin: float | None = None, dmax: float | None = None, fill: float | None = None
) -> Sphere:
    """Every symmetry mate and Friedel mate: F(h R) = F(h), F(-h R) = F(-h) for each operator (R, t).

    A mate that was not measured gets the other one's F. Raises InputError if nothing is left, or for limits
    of reflections without a cell.
    """
    if found.cell is None and any(limit is not None for limit in (dmin, dmax, fill)):
        raise InputError(found.source, "a cell, for limits of resolution and what to fill", "none")
    known_plus, known_minus = np.isfinite(found.plus), np.isfinite(found.minus)
    plus = np.where(known_plus, found.plus, found.minus)
    minus = np.where(known_minus, found.minus, found.plus)
    kept = known_plus | known_minus
    if found.cell is not None:
        kept &= inside(found.cell, found.hkl, dmin, dmax)
    limited = dmin is not None or dmax is not None  # F000 lies within any, and is none to look for
    if not (kept & (found.hkl != 0).any(1) if limited else kept).any():
        raise InputError(found.source, "at least one reflection within the limits", "none")
    hkl, plus, minus = found.hkl[kept], plus[kept], minus[kept]
    anomalous = bool((np.abs(plus - minus) > SAME * np.maximum(np.abs(plus), np.abs(minus))).any())
    turns = {tuple(map(tuple, op.rot)): op for op in found.group.operations().sym_ops}
    rotations = [np.array(op.rot, dtype=np.int64) // op.DEN for op in turns.values()]
    # the identity comes first, and of several values for one index the first is kept
    indices = np.concatenate([sign * hkl @ r for sign in (1, -1) for r in rotations])
    values = np.concatenate([f for f in (plus, minus) for _ in rotations])
    every, first = np.unique(indices, axis=0, return_index=True)
    sphere = Sphere(every, values[first], found.source, found.cell, anomalous=anomalous)
    mates = int((known_plus ^ known_minus)[kept].sum()) if anomalous else 0
    return _filled(sphere, found.group, mates, dmin, dmax, fill)


def _filled(
    sphere: Sphere,
    group: gemmi.SpaceGroup,
    mates: int,
    dmin: float | None,
    dmax: float | None,
    fill: float | None,
) -> Sphere:
    """Count the holes inside the limits, and fill them if a value is given."""
    if sphere.cell is None:
        return sphere
    d = spacing(sphere.cell, sphere.hkl)
    finite = d[np.isfinite(d)]
    if not len(finite):
        return sphere
    low, high = dmin or float(finite.min()), dmax or float(finite.max())
    check_box(sphere.cell, low, sphere.source)
    unique = gemmi.make_miller_array(sphere.cell, group, low * (1 - 1e-6), high * (1 + 1e-6)).astype(np.int64)
    unique = unique[inside(sphere.cell, unique, low, high)]
    rotations = [np.array(op.rot, dtype=np.int64) // op.DEN for op in group.operations().sym_ops]
    everything = np.unique(np.concatenate([s * unique @ r for s in (1, -1) for r in rotations]), axis=0)
    missing = _without(everything, sphere.hkl)
    if fill is None:
        return Sphere(**{**vars(sphere), "mates": mates, "holes": len(missing)})
    hkl = np.concatenate((sphere.hkl, missing))
    f = np.concatenate((sphere.f, np.full(len(missing), fill)))
    order = np.lexsort(hkl.T[::-1])
    return Sphere(
        hkl[order],
        f[order],
        sphere.source,
        sphere.cell,
        mates=mates,
        filled=len(missing),
        anomalous=sphere.anomalous,
    )


def _without(rows: Indices, others: Indices) -> Indices:
    """The rows that are not among the others."""
    both = np.concatenate((rows, others))
    low, size = both.min(0), both.max(0) - both.min(0) + 1
    key, taken = (np.ravel_multi_index(tuple((part - low).T), tuple(size)) for part in (rows, others))
    return rows[~np.isin(key, taken)]


def spacing(cell: gemmi.UnitCell, hkl: Indices) -> Vector:
    """d of reflections (n), A; infinite for 0 0 0."""
    with np.errstate(divide="ignore"):
        found: Vector = 1.0 / np.linalg.norm(hkl @ np.array(cell.frac.mat.tolist()), axis=1)
    return found


def check_box(cell: gemmi.UnitCell, dmin: float, where: str) -> None:
    """Raise InputError for a resolution (A) at which the indices fill a larger box than the engines read."""
    box = math.prod(2.0 * (length // dmin) + 1.0 for length in (cell.a, cell.b, cell.c))
    if not box <= LARGEST_BOX:
        raise InputError(f"{where} to {dmin:g} A", f"a box of at most {LARGEST_BOX} indices", f"{box:.3g}")


def inside(cell: gemmi.UnitCell, hkl: Indices, dmin: float | None, dmax: float | None) -> Mask:
    """Which reflections lie within the limits; F000 always does."""
    d = spacing(cell, hkl)
    kept = np.isfinite(d)
    if dmin is not None:
        kept &= d >= dmin * (1 - 1e-9)
    if dmax is not None:
        kept &= d <= dmax * (1 + 1e-9)
    return kept | ~np.isfinite(d)


def summary(sphere: Sphere) -> str:
    """One line: count, completeness, mean F, what was filled."""
    real = len(sphere.hkl) - sphere.filled
    whole = len(sphere.hkl) + sphere.holes
    parts = [f"{len(sphere.hkl)} reflections in P1 from {sphere.source}"]
    if sphere.cell is not None:
        d = spacing(sphere.cell, sphere.hkl)
        d = d[np.isfinite(d)]
        if len(d):
            parts.append(f"{d.max():.2f} to {d.min():.2f} A")
        parts.append(f"{100.0 * real / whole:.1f} % complete")
    parts.append(f"<F> = {float(sphere.f.mean()):.4g}")
    parts.append("Friedel mates apart" if sphere.anomalous else "Friedel mates equal")
    if sphere.mates:
        parts.append(f"{sphere.mates} filled from their Friedel mate")
    parts.append(f"{sphere.filled} filled with a value" if sphere.filled else f"{sphere.holes} missing")
    return ", ".join(parts)


def text(sphere: Sphere) -> bytes:
    """Lines `h k l F`, F to the digits of single precision: reading gives the same float32."""
    f = sphere.f.astype(np.float32)
    rows = zip(sphere.hkl.tolist(), f, strict=True)
    return "".join(f"{h} {k} {l} {value!s}\n" for (h, k, l), value in rows).encode()  # noqa: E741


def write_hkl(path: Path, sphere: Sphere) -> None:
    """The engines' reflection file."""
    write_bytes(path, text(sphere))


def to_reflections(sphere: Sphere, default_f: float = 0.0) -> Reflections:
    """The engine's box; holes hold default_f. Raises InputError for a box that is too large."""
    lowest, highest = sphere.hkl.min(0), sphere.hkl.max(0)
    sizes = [int(n) for n in highest - lowest + 1]
    if sizes[0] * sizes[1] * sizes[2] > LARGEST_BOX:
        box = sizes[0] * sizes[1] * sizes[2]
        raise InputError(sphere.source, f"a box of at most {LARGEST_BOX} indices", box)
    data = np.full(sizes, default_f)
    data[tuple((sphere.hkl - lowest).T)] = sphere.f.astype(np.float32)
    return Reflections(torch.from_numpy(data), (int(lowest[0]), int(lowest[1]), int(lowest[2])))

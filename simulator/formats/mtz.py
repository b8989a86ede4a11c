"""Amplitudes from MTZ files and structure-factor mmCIF, through gemmi."""

from pathlib import Path

import gemmi
import numpy as np

from simulator.errors import InputError, quoted
from simulator.files.disk import read_bytes
from simulator.formats.amplitudes import Amplitudes
from simulator.formats.frames import Vector

FRENCH_WILSON = "an intensity (make amplitudes of it first: ctruncate, or phenix.french_wilson)"
COMPLAINTS = (OSError, RuntimeError, ValueError, MemoryError, IndexError, TypeError)  # gemmi's


def read_mtz(path: Path, where: str, column: str | None = None) -> Amplitudes:
    """Amplitudes of a merged MTZ file. Raises InputError for anything else.

    column: one amplitude column, or two, `F(+),F(-)`; without it the first one of type F, else the first pair
    of type G.
    """
    try:
        return from_mtz(open_mtz(path, where), where, column)
    except InputError:
        raise
    except COMPLAINTS as problem:
        raise InputError(where, "an MTZ file", first_line(problem)) from None


def open_mtz(path: Path, where: str) -> gemmi.Mtz:
    """The table in a file. Raises InputError for one that is none."""
    try:
        path.read_bytes()  # says what is wrong with the file itself
        return gemmi.read_mtz_file(str(path))
    except COMPLAINTS as problem:
        raise InputError(where, "an MTZ file", first_line(problem)) from None


def read_sf_cif(path: Path, where: str, column: str | None = None) -> Amplitudes:
    """Amplitudes of the first block of reflections of an mmCIF file; column names are those of MTZ."""
    read_bytes(path, where)
    try:
        blocks = gemmi.as_refln_blocks(gemmi.cif.read(str(path)))
        if not len(blocks) or not blocks[0].column_labels():
            raise InputError(where, "a table _refln", "none")
        return from_mtz(gemmi.CifToMtz().convert_block_to_mtz(blocks[0]), where, column)
    except InputError:
        raise
    except COMPLAINTS as problem:
        raise InputError(where, "structure factors in mmCIF", first_line(problem)) from None


def first_line(problem: BaseException) -> str:
    """What a library or the system complains about, in one line."""
    told = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return quoted(told.partition("\n")[0])


def from_mtz(mtz: gemmi.Mtz, where: str, column: str | None) -> Amplitudes:
    """Amplitudes of an MTZ table in memory."""
    if mtz.spacegroup is None:
        raise InputError(where, "a space group", f"'{mtz.spacegroup_name}'")
    if mtz.batches:
        raise InputError(where, "merged data", f"{len(mtz.batches)} batches")
    labels = choose(mtz, where, column)
    try:
        table = np.array(mtz.array, dtype=np.float64, copy=True)
        hkl = np.array([mtz.column_with_label(name).array for name in "HKL"], dtype=np.float64).T
    except (AttributeError, RuntimeError, ValueError):
        raise InputError(where, "columns H K L", "others") from None
    if not len(table):
        raise InputError(where, "at least one reflection", "none")
    if not np.isfinite(hkl).all() or (hkl != np.round(hkl)).any() or (np.abs(hkl) > 1e6).any():
        raise InputError(where, "whole numbers h k l", "others")
    plus, minus = (_column(mtz, label, where) for label in (labels[0], labels[-1]))
    cell = mtz.get_cell()
    volume = float(cell.volume)
    return Amplitudes(
        hkl.astype(np.int64),
        plus,
        minus,
        f"{' and '.join(labels)} of {where}",
        mtz.spacegroup,
        cell if 1e-3 < volume < 1e18 else None,
    )


def _column(mtz: gemmi.Mtz, label: str, where: str) -> Vector:
    values: Vector = np.array(mtz.column_with_label(label).array, dtype=np.float64)
    if np.isinf(values).any() or (values[np.isfinite(values)] < 0).any():
        raise InputError(f"{where} column {label}", "amplitudes >= 0", "others")
    return values


def choose(mtz: gemmi.Mtz, where: str, column: str | None) -> tuple[str, ...]:
    """One label of an amplitude, or two of Friedel mates. Raises InputError where there are none."""
    types = {found.label: found.type for found in mtz.columns}
    amplitudes = [label for label, kind in types.items() if kind == "F"]
    mates = [label for label, kind in types.items() if kind == "G"]
    if column is None:
        if amplitudes:
            return (amplitudes[0],)
        if len(mates) >= 2:
            return mates[0], mates[1]
        intensities = [label for label, kind in types.items() if kind in "JK"]
        got = f"only {intensities[0]}, {FRENCH_WILSON}" if intensities else "none"
        raise InputError(where, "an amplitude column (type F or G)", got)
    labels = tuple(column.split(","))
    for label in labels:
        kind = types.get(label)
        if kind not in ("F", "G"):
            listed = " ".join(amplitudes + mates) or "none here"
            got = FRENCH_WILSON if kind in ("J", "K") else quoted(label)
            raise InputError(f"--column {label}", f"an amplitude ({listed})", got)
    if len(labels) == 1 and types[labels[0]] == "G":
        raise InputError(f"--column {column}", "both Friedel mates, such as F(+),F(-)", "one")
    if len(labels) > 2:
        raise InputError(f"--column {column}", "one column or two", len(labels))
    return labels

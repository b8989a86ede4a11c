"""Structure factors of any origin -> reflection list `h k l F` for the engines, by nb-hkl."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence.cases.case import DECIMALS
from evidence.errors import InputError
from evidence.records import Record
from evidence.store import atomic
from simulator.formats.amplitudes import Sphere, expand, summary, text
from simulator.formats.mtz import from_mtz, open_mtz
from simulator.formats.nb_hkl import checked, sphere_of
from simulator.formats.reading import within


def make(
    path: Path, target: Path, column: str | None = None, decimals: int | None = None, **options: str | float
) -> None:
    """The reflection list of a case: an MTZ file's amplitudes to so many decimals, or what nb-hkl makes."""
    if decimals is None:
        sphere = sphere_of(words(path, target, column=column, **options))
        atomic.write_bytes(target, text(sphere))
    else:
        sphere = _sphere(path, column)
        write_hkl(target, _table(sphere), decimals)
    print(summary(sphere))


def words(path: Path, target: Path, **options: str | float | None) -> list[str]:
    """Arguments of nb-hkl; options that are None are left out."""
    given = {key.replace("_", "-"): value for key, value in options.items() if value is not None}
    return [str(path), "-o", str(target), *(word for key in given for word in (f"--{key}", str(given[key])))]


def check(path: Path, where: str, options: Record) -> None:
    """Raise InputError, naming `where`, if nb-hkl would refuse these options for this file."""
    try:
        checked(words(path, Path("made.hkl"), **options))
    except InputError as problem:
        raise within(where, problem) from None


def reflections(path: Path, column: str | None = None) -> NDArray[np.float64]:
    """n x 4 array h, k, l, F in the unit of the column, sorted by h, then k, then l.

    The whole sphere in P1. `column` None takes the first amplitude (type F). Missing values are left out.
    """
    return _table(_sphere(path, column))


def write_hkl(path: Path, table: NDArray[np.float64], decimals: int = DECIMALS) -> None:
    """Lines `h k l F` with F to so many decimals."""
    line = f"{{:.0f}} {{:.0f}} {{:.0f}} {{:.{decimals}f}}\n"
    atomic.write_text(path, "".join(line.format(*row) for row in (table + 0.0).tolist()))  # no -0


def _table(sphere: Sphere) -> NDArray[np.float64]:
    return np.column_stack((sphere.hkl.astype(np.float64), sphere.f))


def _sphere(path: Path, column: str | None) -> Sphere:
    found = open_mtz(path, str(path))
    amplitudes = [each.label for each in found.columns if each.type == "F"]
    if column is not None and column not in amplitudes:
        listed = " ".join(amplitudes) or "(none)"
        raise InputError(f"{path} key column", f"a column of type F: {listed}", f"'{column}'")
    if not amplitudes:
        raise InputError(path, "a column of type F", "none")
    chosen = from_mtz(found, str(path), column)
    if not np.isfinite(chosen.plus).any():
        raise InputError(f"{path} column {column or amplitudes[0]}", "at least one value", "none")
    return expand(chosen)

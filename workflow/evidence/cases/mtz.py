"""MTZ file -> reflection list `h k l F` for the engines: whole sphere in P1, both Friedel mates, sorted."""

from pathlib import Path

import gemmi
import numpy as np
from numpy.typing import NDArray

from evidence.errors import InputError
from evidence.store import atomic
from simulator.formats.amplitudes import summary, text
from simulator.formats.nb_hkl import sphere_of


def make(path: Path, target: Path, column: str | None = None, **options: str | float) -> None:
    """The reflection list of a case: an MTZ file's column or, with options, what nb-hkl makes of the file."""
    if not options:
        table = reflections(path, column)
        write_hkl(target, table)
        print(f"{len(table)} reflections")
        return
    given = {"column": column, **options} if column else options
    words = [word for key, value in given.items() for word in (f"--{key}", str(value))]
    sphere = sphere_of([str(path), "-o", str(target), *words])
    atomic.write_bytes(target, text(sphere))
    print(summary(sphere))


def reflections(path: Path, column: str | None = None) -> NDArray[np.float64]:
    """n x 4 array h, k, l, F in the unit of the column, sorted by h, then k, then l.

    Friedel mates carry the same F (the column is an amplitude without anomalous part). `column` None
    takes the first amplitude (type F). Missing values are left out.
    """
    mtz = _open(path)
    label = _label(mtz, column, path)
    mtz.expand_to_p1()
    table = np.column_stack([mtz.column_with_label(name).array for name in ("H", "K", "L", label)])
    table = table[np.isfinite(table[:, 3])].astype(np.float64)
    if table.size == 0:
        raise InputError(f"{path} column {label}", "at least one value", "none")
    both = np.vstack([table, table * [-1, -1, -1, 1]])
    _, first = np.unique(both[:, :3], axis=0, return_index=True)  # np.unique sorts by h, k, l
    sphere: NDArray[np.float64] = both[first]
    return sphere


def write_hkl(path: Path, table: NDArray[np.float64]) -> None:
    """Lines `h k l F` with F to 2 decimals."""
    rows = ("{:.0f} {:.0f} {:.0f} {:.2f}\n".format(*row) for row in (table + 0.0).tolist())  # no -0
    atomic.write_text(path, "".join(rows))


def _open(path: Path) -> gemmi.Mtz:
    try:
        return gemmi.read_mtz_file(str(path))
    except (OSError, RuntimeError, ValueError) as problem:
        raise InputError(path, "an MTZ file", f"'{str(problem).splitlines()[0][:120]}'") from None


def _label(mtz: gemmi.Mtz, column: str | None, path: Path) -> str:
    """Name of the amplitude column."""
    amplitudes = [found.label for found in mtz.columns if found.type == "F"]
    if column is None:
        if not amplitudes:
            raise InputError(path, "a column of type F", "none")
        return str(amplitudes[0])
    if column not in amplitudes:
        listed = " ".join(amplitudes) or "(none)"
        raise InputError(f"{path} key column", f"a column of type F: {listed}", f"'{column}'")
    return column

"""Reflection lists. Twin: reference/files/hkl.c."""

import io
import sys
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from simulator.errors import InputError, quoted
from simulator.experiment import Reflections
from simulator.files.disk import read_bytes
from simulator.files.tokens import INTEGER, LONGEST, number

Floats = npt.NDArray[np.float64]
LARGEST_INDEX = 1_000_000
LARGEST_BOX = 500_000_000
PLAIN = b"0123456789+-.eE \t\n"
ROW = np.dtype([("h", np.int64), ("k", np.int64), ("l", np.int64), ("F", np.float64)])
COLUMNS = 4


def read_hkl(path: Path, shown: str, default_f: float) -> Reflections:
    """The box of reflections in a text file of lines `h k l F`; holes are filled with default_f.

    Raises InputError naming the line that is wrong. A reflection given twice: the last value stands.
    """
    where = f"-hkl {shown}"
    raw = read_bytes(path, where)
    rows = _fast(raw)
    rows = _slow(raw, where) if rows is None else rows
    if not len(rows):
        raise InputError(where, "at least one reflection", "nothing")
    hkl = rows[:, :3].astype(np.int64)
    lowest, highest = hkl.min(0), hkl.max(0)
    sizes = [int(n) for n in highest - lowest + 1]
    if sizes[0] * sizes[1] * sizes[2] > LARGEST_BOX:
        box = sizes[0] * sizes[1] * sizes[2]
        raise InputError(where, f"a box of at most {LARGEST_BOX} indices", box)
    flat = np.ravel_multi_index(tuple((hkl - lowest).T), sizes)
    data = np.full(sizes, default_f)
    data.reshape(-1)[flat] = rows[:, 3]  # numpy keeps the last value of a repeated index
    seen = np.zeros(data.size, dtype=bool)
    seen[flat] = True
    if np.count_nonzero(seen) < len(flat):
        _warn_repeated(flat, hkl, where)
    return Reflections(torch.from_numpy(data), (int(lowest[0]), int(lowest[1]), int(lowest[2])))


def _fast(raw: bytes) -> Floats | None:
    """All rows at once, if every line holds four plain numbers with whole indices; else None."""
    raw = raw.replace(b"\r\n", b"\n")
    if raw.translate(None, PLAIN) or not raw.strip() or max(map(len, raw.split(b"\n"))) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():  # 1.0 or 1e0 is no index: leave the wording to the slow path
            warnings.simplefilter("error")
            table = np.loadtxt(io.BytesIO(raw), dtype=ROW, ndmin=1, comments=None)
    except (ValueError, DeprecationWarning):
        return None
    rows = np.stack([table[name] for name in ROW.names or ()], axis=1, dtype=np.float64)
    plain = np.isfinite(rows).all() and (np.abs(rows[:, :3]) <= LARGEST_INDEX).all()
    return rows if plain else None


def _slow(raw: bytes, where: str) -> Floats:
    """Line by line, so that a mistake can be named."""
    rows = []
    for position, line in enumerate(raw.split(b"\n"), start=1):
        content = line.partition(b"#")[0].split()
        if not content:
            continue
        tokens = [token.decode("latin-1") for token in content]
        values = [number(token) for token in tokens]
        whole = all(INTEGER.fullmatch(token) for token in tokens[:3])
        if len(tokens) != COLUMNS or not whole or None in values or _too_large(values[:3]):
            raise InputError(f"{where} line {position}", "'h k l F'", quoted(line.strip()))
        rows.append(values)
    return np.array(rows, dtype=np.float64).reshape(-1, COLUMNS)


def _too_large(indices: list[float | None]) -> bool:
    return any(index is None or abs(index) > LARGEST_INDEX for index in indices)


def _warn_repeated(flat: npt.NDArray[np.intp], hkl: npt.NDArray[np.int64], where: str) -> None:
    order = np.argsort(flat, kind="stable")
    repeated = np.sort(order[1:][flat[order[1:]] == flat[order[:-1]]])
    h, k, l = hkl[repeated[0]]  # noqa: E741
    more = f" and {len(repeated) - 1} more" if len(repeated) > 1 else ""
    print(
        f"warning: {where}: reflection {h} {k} {l} given again{more}, the last value stands",
        file=sys.stderr,
    )

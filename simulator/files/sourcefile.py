"""Source lists: rows X Y Z weight wavelength, in metres. Twin: reference/files/sourcefile.c."""

from pathlib import Path

import torch
from torch import Tensor

from simulator.errors import InputError, quoted
from simulator.files.disk import read_bytes
from simulator.files.tokens import number
from simulator.rendering.rules import has_direction

COLUMNS = 5


def read_sources(path: Path, shown: str, defaults: tuple[float, ...]) -> Tensor:
    """Sources (n, 5): position, weight, wavelength. Columns left out take the five defaults.

    `#` starts a comment. Raises InputError naming the line that is wrong.
    """
    where = f"-sourcefile {shown}"
    rows: list[list[float]] = []
    for position, line in enumerate(read_bytes(path, where).split(b"\n"), start=1):
        tokens = line.partition(b"#")[0].split()
        if not tokens:
            continue
        values = [number(token.decode("latin-1")) for token in tokens]
        row = [value for value in values if value is not None]
        row += list(defaults[len(row) :])
        good = len(tokens) <= COLUMNS and None not in values and has_direction(row[:3]) and row[4] > 0
        if not good:
            raise InputError(f"{where} line {position}", "'X Y Z weight wavelength'", quoted(line.strip()))
        rows.append(row)
    if not rows:
        raise InputError(where, "at least one source", "nothing")
    return torch.tensor(rows, dtype=torch.float64)

"""MOSFLM A matrix. Twin: reference/files/matrix.c."""

from pathlib import Path

import torch
from torch import Tensor

from simulator.errors import InputError, quoted
from simulator.files.disk import read_bytes
from simulator.files.tokens import number
from simulator.physics.vectors import cross, dot

NINE = 9


def read_matrix(path: Path, shown: str, wavelength: float) -> Tensor:
    """Rows a*, b*, c* (3, 3) in 1/A: the file's columns divided by the wavelength (A).

    Raises InputError for an unreadable or malformed file or a singular matrix.
    """
    where = f"-mat {shown}"
    tokens = read_bytes(path, where).split()[:NINE]
    values = [number(token.decode("latin-1")) for token in tokens]
    for position, (token, value) in enumerate(zip(tokens, values, strict=True), start=1):
        if value is None:
            raise InputError(f"{where} number {position}", "a number", quoted(token))
    if len(values) < NINE:
        raise InputError(where, "9 numbers", len(values))
    star = torch.tensor(values, dtype=torch.float64).reshape(3, 3).T / wavelength
    volume = float(dot(star[0], cross(star[1], star[2])))
    if not abs(volume) > 0 or not abs(volume) < float("inf"):
        raise InputError(where, "a cell of non-zero volume", f"{volume:g}")
    return star.contiguous()

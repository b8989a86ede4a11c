"""MOSFLM A matrix. Twin: reference/files/matrix.c."""

from pathlib import Path

import torch
from torch import Tensor

from simulator.commandline.grammar import CommandError, number, quoted
from simulator.files.disk import read_bytes
from simulator.physics.vectors import cross, dot

NINE = 9


def read_matrix(path: Path, shown: str, wavelength: float) -> Tensor:
    """Rows a*, b*, c* (3, 3) in 1/A: the file's columns divided by the wavelength (A).

    Raises CommandError for an unreadable or malformed file or a singular matrix.
    """
    where = f"-mat {shown}"
    tokens = read_bytes(path, where).split()[:NINE]
    values = [number(token.decode("latin-1")) for token in tokens]
    for position, (token, value) in enumerate(zip(tokens, values, strict=True), start=1):
        if value is None:
            raise CommandError(f"{where} number {position}: expected a number, got {quoted(token)}")
    if len(values) < NINE:
        raise CommandError(f"{where}: expected 9 numbers, got {len(values)}")
    star = torch.tensor(values, dtype=torch.float64).reshape(3, 3).T / wavelength
    volume = float(dot(star[0], cross(star[1], star[2])))
    if not abs(volume) > 0 or not abs(volume) < float("inf"):
        raise CommandError(f"{where}: expected a cell of non-zero volume, got {volume:g}")
    return star.contiguous()

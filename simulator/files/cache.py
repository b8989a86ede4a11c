"""The binary cache of reflections. Twin: reference/files/cache.c.

Six index limits as text, a newline and a form feed, then (nh+1)(nk+1)(nl+1) native doubles:
README "Files written".
"""

from pathlib import Path

import numpy as np
import torch

from simulator.errors import InputError, quoted
from simulator.experiment import Reflections
from simulator.files.disk import read_bytes, write_bytes
from simulator.files.tokens import integer


def write_cache(path: Path, reflections: Reflections, default_f: float) -> None:
    """The box with one more index on each axis, which holds default_f."""
    data = np.pad(reflections.data.numpy(), ((0, 1),) * 3, constant_values=default_f)
    limits = [(low, low + n - 1) for low, n in zip(reflections.lowest, reflections.data.shape, strict=True)]
    head = " ".join(f"{low} {high}" for low, high in limits)
    write_bytes(path, f"{head}\n\f".encode(), np.ascontiguousarray(data).tobytes())


def read_cache(path: Path, shown: str) -> Reflections:
    """The box that `write_cache` wrote. Raises InputError for anything else."""
    where = f"-dump {shown}"
    raw = read_bytes(path, where)
    head, mark, body = raw.partition(b"\n\f")
    limits = [limit for token in head.split() if (limit := integer(token.decode("latin-1"))) is not None]
    wrong = InputError(where, "a reflection cache", quoted(head[:40]))
    if not mark or len(limits) != 6 or len(head.split()) != 6:
        raise wrong
    sizes = [limits[2 * i + 1] - limits[2 * i] + 1 for i in range(3)]
    needed = 8 * (sizes[0] + 1) * (sizes[1] + 1) * (sizes[2] + 1)
    if min(sizes) < 1:
        raise wrong
    if len(body) != needed:
        raise InputError(where, f"{needed} bytes of data", len(body))
    data = np.frombuffer(body).reshape([n + 1 for n in sizes])[:-1, :-1, :-1].copy()
    return Reflections(torch.from_numpy(data), (limits[0], limits[2], limits[4]))

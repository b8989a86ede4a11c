"""The crystal and its reflections, from the command line. Twin: reference/commandline/command_crystal.c."""

import math
from dataclasses import replace
from pathlib import Path

from simulator.commandline.options import MM, Given
from simulator.errors import InputError
from simulator.experiment import Crystal, Reflections
from simulator.files.cache import read_cache
from simulator.files.hkl import read_hkl
from simulator.files.matrix import read_matrix
from simulator.physics.fluence import clip_to_beam
from simulator.physics.steps import mosaic_steps
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import direct_lengths

CACHE_FILE = "Fdump.bin"
TINY_VOLUME = 1e-12  # square of the volume of a cell with unit edges
DEFAULT_SEED = 12345678


def read_crystal(given: Given, cwd: Path, quirks: Quirks) -> Crystal:
    """Cell, orientation, size, shape and mosaicity; reflections come later."""
    cell, name = read_cell(given), given.text("-mat")
    star = None if name is None else read_matrix(cwd / name, name, given.wavelength)
    if cell is None and star is None:
        raise InputError("command line", "-mat or -cell", "neither")
    misset, seed = read_misset(given)
    crystal = Crystal(
        cell=cell,
        a_star=star,
        misset=misset,
        misset_seed=seed,
        shape=given.shape,
        fudge=given.number("-fudge", 1.0),
        mosaic_spread=given.number("-mosaic", 0.0),
        mosaic_domains=mosaic_steps(given.get("-mosaic"), given.whole("-mosaic_dom")),
        mosaic_seed=int(given.number("-mosaic_seed", DEFAULT_SEED)),
        default_F=given.number("-default_F", 0.0),
    )
    n_cells = count_cells(given, direct_lengths(crystal, quirks))
    return replace(crystal, n_cells=n_cells, counts=count_cells(given, None))


def read_cell(given: Given) -> tuple[float, ...] | None:
    """Cell in A and degrees; missing values: b = c = a, angles 90."""
    values = given.flags.get("-cell")
    if values is None:
        return None
    numbers = [float(value) for value in values]
    cell = (numbers + [numbers[0]] * 2)[: max(len(numbers), 3)] + [90.0] * 3
    cell = cell[:6]
    al, be, ga = (math.radians(angle) for angle in cell[3:])
    q = (al + be + ga) / 2
    product = math.sin(q) * math.sin(q - al) * math.sin(q - be) * math.sin(q - ga)
    if not product > TINY_VOLUME or not 0 < math.prod(cell[:3]) < math.inf:
        shown = " ".join(f"{value:g}" for value in cell)
        raise InputError("-cell", "a cell of non-zero volume", shown)
    return tuple(cell)


def read_misset(given: Given) -> tuple[tuple[float, ...] | None, int | None]:
    """Misset angles in degrees, or the seed of a random misset, or neither."""
    values = given.flags.get("-misset")
    if values is None:
        return None, None
    if values[0] == "random":
        return None, int(given.number("-misset_seed", DEFAULT_SEED))
    return tuple(float(angle) for angle in values), None


def count_cells(given: Given, lengths: list[float] | None) -> tuple[int, int, int]:
    """Unit cells per axis, from counts or from sizes in mm; a size stands over a count.

    lengths: cell edges, m; None: what the counts alone say. The beam clips the sample across it, y and z.
    """
    counts = [int(given.number(f"-N{axis}", 1)) for axis in "abc"]
    if lengths is not None:
        beamsize = given.number("-beamsize", 0.1, MM)
        for axis, (name, length) in enumerate(zip(("thick", "width", "height"), lengths, strict=True)):
            size = given.get(f"-xtal_{name}", MM)
            if size is not None:
                counts[axis] = math.ceil((clip_to_beam(size, beamsize) if axis else size) / length)
    a, b, c = (max(count, 1) for count in counts)
    return a, b, c


def read_reflections(given: Given, cwd: Path) -> Reflections | None:
    """Reflections from -hkl, else from the cache file if there is one, else none."""
    default_f, name = given.number("-default_F", 0.0), given.text("-hkl")
    if name is not None:
        return read_hkl(cwd / name, name, default_f)
    cache = cwd / (given.text("-dump") or CACHE_FILE)
    if "-dump" in given.flags or cache.exists():
        return read_cache(cache, given.text("-dump") or CACHE_FILE)
    if default_f == 0:
        raise InputError("command line", "-hkl, a cache file or a non-zero -default_F", "none of them")
    return None

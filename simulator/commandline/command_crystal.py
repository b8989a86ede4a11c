"""The crystal and its reflections, from the command line. Twin: reference/commandline/command_crystal.c."""

import math
from dataclasses import replace
from pathlib import Path

from simulator.commandline.options import Options
from simulator.errors import InputError
from simulator.experiment import Crystal, Reflections
from simulator.files.cache import read_cache
from simulator.files.hkl import read_hkl
from simulator.files.matrix import read_matrix
from simulator.physics.fluence import clip_to_beam
from simulator.physics.steps import mosaic_steps
from simulator.rendering.placing import direct_lengths
from simulator.rendering.quirks import Quirks
from simulator.rendering.rules import CELL, require
from simulator.units import DEFAULT_BEAMSIZE, MM

CACHE_FILE = "Fdump.bin"


def read_crystal(options: Options, cwd: Path, quirks: Quirks) -> Crystal:
    """Cell, orientation, size, shape and mosaicity; reflections come later."""
    cell, name = read_cell(options), options.text("-mat")
    star = None if name is None else read_matrix(cwd / name, name, options.wavelength)
    if cell is None and star is None:
        raise InputError("command line", "-mat or -cell", "neither")
    misset, seed = read_misset(options)
    crystal = Crystal(
        cell=cell,
        a_star=star,
        misset=misset,
        misset_seed=seed,
        shape=options.shape,
        fudge=options.number("-fudge", float(Crystal.fudge)),
        mosaic_spread=options.number("-mosaic", 0.0),
        mosaic_domains=mosaic_steps(options.get("-mosaic"), options.whole("-mosaic_dom")),
        mosaic_seed=int(options.number("-mosaic_seed", Crystal.mosaic_seed)),
        default_F=options.number("-default_F", 0.0),
    )
    n_cells = count_cells(options, direct_lengths(crystal, quirks))
    return replace(crystal, n_cells=n_cells, counts=count_cells(options, None))


def read_cell(options: Options) -> tuple[float, ...] | None:
    """Cell in A and degrees; missing values: b = c = a, angles 90."""
    values = options.flags.get("-cell")
    if values is None:
        return None
    numbers = [float(value) for value in values]
    cell = (numbers + [numbers[0]] * 2)[: max(len(numbers), 3)] + [90.0] * 3
    require("-cell", cell[:6], CELL)
    return tuple(cell[:6])


def read_misset(options: Options) -> tuple[tuple[float, ...] | None, int | None]:
    """Misset angles in degrees, or the seed of a random misset, or neither."""
    values = options.flags.get("-misset")
    if values is None:
        return None, None
    if values[0] == "random":
        return None, int(options.number("-misset_seed", Crystal.mosaic_seed))
    return tuple(float(angle) for angle in values), None


def count_cells(options: Options, lengths: list[float] | None) -> tuple[int, int, int]:
    """Unit cells per axis, from counts or from sizes in mm; a size stands over a count.

    lengths: cell edges, m; None: what the counts alone say. The beam clips the sample across it, y and z.
    """
    counts = [int(options.number(f"-N{axis}", 1)) for axis in "abc"]
    if lengths is not None:
        beamsize = options.number("-beamsize", DEFAULT_BEAMSIZE, MM)
        for axis, (name, length) in enumerate(zip(("thick", "width", "height"), lengths, strict=True)):
            size = options.get(f"-xtal_{name}", MM)
            if size is not None:
                counts[axis] = math.ceil((clip_to_beam(size, beamsize) if axis else size) / length)
    a, b, c = (max(count, 1) for count in counts)
    return a, b, c


def read_reflections(options: Options, cwd: Path) -> Reflections | None:
    """Reflections from -hkl, else from the cache file if there is one, else none."""
    default_f, name = options.number("-default_F", 0.0), options.text("-hkl")
    if name is not None:
        return read_hkl(cwd / name, name, default_f)
    cache = cwd / (options.text("-dump") or CACHE_FILE)
    if "-dump" in options.flags or cache.exists():
        return read_cache(cache, options.text("-dump") or CACHE_FILE)
    if default_f == 0:
        raise InputError("command line", "-hkl, a cache file or a non-zero -default_F", "none of them")
    return None

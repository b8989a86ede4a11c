"""From a nanoBragg command line to an experiment. Twin: reference/command.c.

Flags are checked first, then files are read (mask, image, matrix, reflections, sources), then what they say
together is checked. Nothing is written but the reflection cache.
"""

import math
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from simulator.conventions import convention_frame
from simulator.experiment import (
    DEFAULT_FLUENCE,
    Beam,
    Crystal,
    Detector,
    Experiment,
    Goniometer,
    Number,
    Reflections,
    Sampling,
)
from simulator.files import check_writable, read_bytes
from simulator.fluence import clip_to_beam, fluence_from_flux
from simulator.given import MM, Given
from simulator.grammar import CommandError, number, parse_flags, quoted
from simulator.hkl import read_cache, read_hkl, write_cache
from simulator.matrix import read_matrix
from simulator.quirks import Quirks
from simulator.scene import ANGSTROM, direct_lengths
from simulator.smv import Header, read_header, read_pixels
from simulator.sourcefile import read_sources
from simulator.sources import SOURCE_DISTANCE
from simulator.steps import mosaic_steps, phi_steps, range_steps, thick_steps
from simulator.task import Task, read_task

CACHE = "Fdump.bin"
LARGEST_IMAGE = 268435456  # pixels
TINY_VOLUME = 1e-12  # square of the volume of a cell with unit edges
FEW_CELLS = 2  # crystals this small interpolate by themselves


Rows = list[tuple[str, tuple[float | int | str, ...]]]


def parse_command(argv: list[str], cwd: Path) -> tuple[Experiment, Task]:
    """The experiment and the task of a command line; file names are relative to cwd.

    Raises CommandError for any mistake.
    """
    rows = parse_flags(argv)
    given = Given()
    headers = _headers(given, rows, cwd)
    for flag, values in rows:
        given.take(flag, values)
    quirks = Quirks.of(given.text("--mode") or "c-parity", given.text("--quirks"))
    if given.convention != "custom":
        given.pivot = str(convention_frame(given.convention).pivot)
    crystal = read_crystal(given, cwd, quirks)
    reflections = _read_reflections(given, cwd)
    warnings: list[str] = []
    beam = read_beam(given, cwd)
    _check_tables(given, cwd)
    detector = read_detector(given)
    mask = None
    if "-mask" in headers:
        mask = torch.from_numpy(read_pixels(*headers["-mask"], detector.shape).astype("int32"))
    sampling = read_sampling(given, detector.shape, mask)
    warn_clipped(given, crystal, direct_lengths(crystal, quirks), warnings)
    task = read_task(given, cwd, detector.shape, warnings)
    crystal = replace(
        crystal, reflections=reflections, interpolate=_interpolates(given, crystal, reflections)
    )
    experiment = Experiment(beam, crystal, detector, read_goniometer(given), sampling)
    if reflections is not None and "-hkl" in given.flags and not task.trace_only:
        name = given.text("-dump") or CACHE
        check_writable(cwd / name, f"-dump {name}")
        write_cache(cwd / name, reflections, float(crystal.default_F))
    return experiment, task


def parse(argv: list[str], cwd: Path) -> Experiment:
    """The experiment of a command line, for use from Python."""
    return parse_command(argv, cwd)[0]


def _headers(given: Given, rows: Rows, cwd: Path) -> dict[str, tuple[Header, bytes]]:
    headers = {}
    for flag in ("-mask", "-img"):
        names = [str(values[0]) for name, values in rows if name == flag]
        if names:
            headers[flag] = read_header(cwd / names[-1], f"{flag} {names[-1]}")
            given.take_header(headers[flag][0], flag == "-mask")
    return headers


def read_detector(given: Given) -> Detector:
    """Pixels, axes, beam centre, tilts, sensor."""
    pixel = given.number("-pixel", 0.1, MM)
    counts, sides = [], []
    for axis in ("s", "f"):
        count = given.whole(f"-detpixels_{axis}")
        side = given.number(f"-detsize_{axis}", 102.4, MM)
        sides.append(side if count is None else None)
        counts.append(max(math.ceil(min(side / pixel - 0.5, 1e9)), 1) if count is None else count)
    if counts[0] * counts[1] > LARGEST_IMAGE:
        raise CommandError(
            f"command line: expected a detector of at most {LARGEST_IMAGE} pixels, "
            f"got {counts[1]} x {counts[0]}"
        )
    frame = convention_frame(given.convention)
    axes = {name: given.vectors.get(name, getattr(frame, name)) for name in ("fast", "slow", "normal")}
    if given.convention != "custom":
        axes = {name: getattr(frame, name) for name in axes}
    if _length(axes["normal"]) != 1.0:
        axes["normal"] = _cross(_unit(axes["fast"]), _unit(axes["slow"]))
    twotheta_axis = given.vectors.get("twotheta_axis") if given.convention == "custom" else None
    depth, thickness = _sensor(given)
    layer, layers = thick_steps(thickness, given.whole("-thicksteps"))
    return Detector(
        shape=(counts[0], counts[1]),
        pixel_size=pixel,
        size=(sides[0], sides[1]),
        convention=given.convention,
        **axes,
        distance=given.number("-distance", 100.0, MM),
        close_distance=given.get("-close_distance", MM),
        Xbeam=given.get("-Xbeam", MM),
        Ybeam=given.get("-Ybeam", MM),
        Xclose=given.get("-Xclose", MM),
        Yclose=given.get("-Yclose", MM),
        ORGX=given.get("-ORGX"),
        ORGY=given.get("-ORGY"),
        pix0=given.vectors.get("pix0") if given.convention == "custom" else None,
        pivot=given.pivot,
        rotation=tuple(given.number(f"-detector_rot{axis}", 0.0) for axis in "xyz"),
        twotheta=given.number("-twotheta", 0.0),
        twotheta_axis=twotheta_axis or frame.twotheta_axis,
        curved="-curved_det" in given.flags,
        point_pixel="-point_pixel" in given.flags,
        thickness=thickness,
        attenuation=depth,
        layers=layers,
        layer_thickness=layer,
    )


def _length(v: tuple[float, ...]) -> float:
    return math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


def _unit(v: tuple[float, ...]) -> tuple[float, float, float]:
    length = _length(v)
    return v[0] / length, v[1] / length, v[2] / length


def _cross(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float, float]:
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    if not any(cross):
        raise CommandError("-fdet_vector: expected a direction other than the slow axis, got the same")
    return cross


def _sensor(given: Given) -> tuple[float | None, float]:
    """Attenuation (1/m; None: everything is captured) and thickness (m): section 5."""
    thickness = given.number("-detector_thick", 0.0, 1e6)
    depth = given.flags.get("-detector_abs")
    if depth is None:
        return (1.0 / thickness, thickness) if thickness > 0 else (None, 0.0)
    if depth[0] == "inf" or float(depth[0]) == 0:
        return None, 0.0
    return 1.0 / (float(depth[0]) * 1e-6), thickness


def read_crystal(given: Given, cwd: Path, quirks: Quirks) -> Crystal:
    """Cell, orientation, size, shape and mosaicity; reflections come later."""
    cell = _read_cell(given)
    name = given.text("-mat")
    star = None if name is None else read_matrix(cwd / name, name, given.wavelength)
    if cell is None and star is None:
        raise CommandError("command line: expected -mat or -cell, got neither")
    misset = given.flags.get("-misset")
    random = misset is not None and misset[0] == "random"
    crystal = Crystal(
        cell=cell,
        a_star=star,
        misset=None if random or misset is None else tuple(float(angle) for angle in misset),
        misset_seed=int(given.number("-misset_seed", 12345678)) if random else None,
        shape=given.shape,
        fudge=given.number("-fudge", 1.0),
        mosaic_spread=given.number("-mosaic", 0.0),
        mosaic_domains=mosaic_steps(given.get("-mosaic"), given.whole("-mosaic_dom")),
        mosaic_seed=int(given.number("-mosaic_seed", 12345678)),
        default_F=given.number("-default_F", 0.0),
    )
    return replace(crystal, n_cells=_count_cells(given, crystal, quirks))


def _read_cell(given: Given) -> tuple[float, ...] | None:
    values = given.flags.get("-cell")
    if values is None:
        return None
    numbers = [float(value) for value in values]
    cell = (numbers + [numbers[0]] * 2)[: max(len(numbers), 3)] + [90.0] * 3
    cell = cell[:6]
    al, be, ga = (math.radians(angle) for angle in cell[3:])
    q = (al + be + ga) / 2
    product = math.sin(q) * math.sin(q - al) * math.sin(q - be) * math.sin(q - ga)
    if not product > TINY_VOLUME or not math.prod(cell[:3]) < float("inf") or not math.prod(cell[:3]) > 0:
        shown = " ".join(f"{value:g}" for value in cell)
        raise CommandError(f"-cell: expected a cell of non-zero volume, got {shown}")
    return tuple(cell)


def _count_cells(given: Given, crystal: Crystal, quirks: Quirks) -> tuple[int, int, int]:
    """Unit cells per axis, from counts or from sizes in mm; a size stands over a count."""
    lengths = direct_lengths(crystal, quirks)
    counts = []
    for axis, size, length in zip("abc", ("thick", "width", "height"), lengths, strict=True):
        edge = given.get(f"-xtal_{size}", MM)
        count = int(given.number(f"-N{axis}", 1))
        if edge is not None:
            count = math.ceil(edge / length)
        counts.append(max(count, 1))
    return counts[0], counts[1], counts[2]


def _read_reflections(given: Given, cwd: Path) -> Reflections | None:
    """Reflections from -hkl, else from the cache file if there is one, else none."""
    default_f, name = given.number("-default_F", 0.0), given.text("-hkl")
    if name is not None:
        return read_hkl(cwd / name, name, default_f)
    cache = cwd / (given.text("-dump") or CACHE)
    if cache.exists() or "-dump" in given.flags:
        return read_cache(cache, given.text("-dump") or CACHE)
    if default_f == 0:
        raise CommandError(
            "command line: expected -hkl, a cache file or a non-zero -default_F, got none of them"
        )
    return None


def _interpolates(given: Given, crystal: Crystal, reflections: Reflections | None) -> bool:
    if reflections is None:
        return False
    small = any(float(n) <= FEW_CELLS for n in crystal.n_cells)
    return given.opposites.get("interpolate", small)


def read_goniometer(given: Given) -> Goniometer:
    """Spindle and its steps."""
    osc, step, count = phi_steps(given.get("-osc"), given.get("-phistep"), given.whole("-phisteps"))
    frame = convention_frame(given.convention)
    custom = given.convention == "custom"
    spindle = given.vectors.get("spindle") if custom else None
    return Goniometer(spindle or frame.spindle, given.number("-phi", 0.0), osc, step, count)


def read_beam(given: Given, cwd: Path) -> Beam:
    """Direction, spectrum, divergence, polarization, fluence."""
    frame, custom = convention_frame(given.convention), given.convention == "custom"
    direction = (given.vectors.get("beam") if custom else None) or frame.beam
    normal = (given.vectors.get("polar") if custom else None) or frame.polar
    fluence: Number = given.number("-fluence", DEFAULT_FLUENCE)
    beamsize = given.number("-beamsize", 0.1, MM)
    if given.number("-flux", 0.0) != 0 and given.number("-exposure", 1.0) > 0:
        fluence = fluence_from_flux(given.number("-flux", 0.0), given.number("-exposure", 1.0), beamsize)
    divergence = [
        range_steps(
            given.get(f"-{axis}divrange", 1000.0),
            given.get(f"-{axis}divstep", 1000.0),
            given.whole(f"-{axis}divsteps"),
        )
        for axis in "hv"
    ]
    name = given.text("-sourcefile")
    sources = None
    if name is not None:
        towards = tuple(-SOURCE_DISTANCE * x for x in _unit(direction))
        sources = read_sources(cwd / name, name, (*towards, 1.0, given.wavelength * ANGSTROM))
    return Beam(
        wavelength=given.wavelength,
        direction=direction,
        fluence=fluence,
        kahn=None if "-nopolar" in given.flags else given.number("-polar", 0.0),
        polarization_normal=normal,
        hdiv=divergence[0],
        vdiv=divergence[1],
        dispersion=range_steps(given.number("-dispersion", 0.0, 100.0), None, given.whole("-dispsteps")),
        round_divergence=given.opposites.get("round_div", True),
        sources=sources,
        water_size=given.number("-water", 0.0, 1e6),
    )


def warn_clipped(given: Given, crystal: Crystal, lengths: list[float], warnings: list[str]) -> None:
    """Say so where the beam is smaller than the crystal."""
    beamsize = given.number("-beamsize", 0.1, MM)
    for axis, length, count in list(zip("xyz", lengths, crystal.n_cells, strict=True))[1:]:
        size = length * float(count)
        if given.number("-flux", 0.0) != 0 and clip_to_beam(size, beamsize) < size:
            warnings.append(
                f"warning: sample {axis} size {size * MM:g} mm clipped to beamsize {beamsize * MM:g} mm"
            )


def read_sampling(given: Given, shape: tuple[int, int], mask: Tensor | None) -> Sampling:
    """Pixels to render and subpixels. Raises CommandError for an ROI off the detector."""
    roi = None
    if "-roi" in given.flags:
        x0, x1, y0, y1 = (int(value) for value in given.flags["-roi"])
        slow, fast = shape
        if not (0 <= x0 <= x1 < fast and 0 <= y0 <= y1 < slow):
            raise CommandError(
                f"-roi: expected 0 <= xmin <= xmax <= {fast - 1} and 0 <= ymin <= ymax <= {slow - 1}, "
                f"got {x0} {x1} {y0} {y1}"
            )
        roi = (x0, x1, y0, y1)
    return Sampling(
        oversample=given.whole("-oversample"),
        oversample_thick="-oversample_thick" in given.flags,
        oversample_polar="-oversample_polar" in given.flags,
        oversample_omega="-oversample_omega" in given.flags,
        roi=roi,
        mask=mask,
        dmin=given.number("-dmin", 0.0),
    )


def _check_tables(given: Given, cwd: Path) -> None:
    """Amorphous-scattering tables have no effect, but a broken one is a mistake all the same."""
    for flag in ("-stol", "-4stol", "-Q"):
        name = given.text(flag)
        if name is None:
            continue
        for position, line in enumerate(read_bytes(cwd / name, f"{flag} {name}").split(b"\n"), start=1):
            tokens = line.partition(b"#")[0].split()
            if tokens and (
                len(tokens) < 2 or any(number(token.decode("latin-1")) is None for token in tokens[:2])
            ):
                raise CommandError(
                    f"{flag} {name} line {position}: expected 'stol F', got {quoted(line.strip())}"
                )

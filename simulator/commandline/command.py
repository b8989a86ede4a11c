"""From a nanoBragg command line to an experiment. Twin: reference/commandline/command.c.

Flags are checked first, then files are read (mask, image, matrix, reflections, sources), then what they say
together is checked. Nothing is written.
"""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from simulator.commandline.clashes import READ, check_clashes
from simulator.commandline.command_beam import check_tables, read_beam
from simulator.commandline.command_crystal import CACHE_FILE, read_crystal, read_reflections
from simulator.commandline.command_detector import read_detector
from simulator.commandline.options import NO_EFFECT, Options
from simulator.commandline.task import Task, read_task
from simulator.errors import InputError
from simulator.experiment import Experiment, Goniometer, Sampling
from simulator.files.disk import check_writable
from simulator.files.smv import Header, read_header, read_pixels
from simulator.files.tokens import Value
from simulator.physics.fluence import clip_to_beam
from simulator.physics.steps import phi_steps
from simulator.rendering.checks import check_box
from simulator.rendering.quirks import DEFAULT_MODE, Quirks
from simulator.rendering.scene import MOST_SUBPIXELS
from simulator.units import DEFAULT_BEAMSIZE, MM

Rows = list[tuple[str, tuple[Value, ...]]]


def parse_command(rows: Rows, cwd: Path) -> tuple[Experiment, Task]:
    """The experiment and the task of a command line, from `parse_flags`; file names are relative to cwd.

    Raises InputError for any mistake.
    """
    if any(flag == "--expt" for flag, _ in rows):
        raise InputError("--expt", "simulator.parse, which reads such files", "parse_command")
    options = Options()
    mask_file, _ = take_file(options, rows, "-mask", cwd), take_file(options, rows, "-img", cwd)
    for flag, values in rows:
        options.take(flag, values)
    quirks = read_quirks(options)
    crystal = read_crystal(options, cwd, quirks)
    reflections = read_reflections(options, cwd)
    beam = read_beam(options, cwd)
    check_tables(options, cwd)
    detector = read_detector(options)
    mask = None
    if mask_file:
        mask = torch.from_numpy(read_pixels(*mask_file, detector.shape).astype("int32"))
    sampling = read_sampling(options, detector.shape, mask)
    warnings = warn_clipped(options) + warn_no_effect(options)
    task = read_task(options, cwd, detector.shape, warnings)
    crystal = replace(crystal, reflections=reflections, interpolate=options.opposites.get("interpolate"))
    experiment = Experiment(beam, crystal, detector, read_goniometer(options), sampling)
    read = [(f"{flag} {name}", cwd / name) for flag in READ if (name := options.text(flag))]
    name = options.text("-dump") or CACHE_FILE
    where, path = f"-dump {name}", cwd / name
    if reflections is not None and "-hkl" in options.flags and not task.trace_only:
        check_writable(path, where)
        task = replace(task, cache=path, written=(*task.written, (where, path)))
    elif reflections is not None and "-hkl" not in options.flags:
        read.append((where, path))
    check_clashes(read, task.written)
    return experiment, task


def take_file(options: Options, rows: Rows, flag: str, cwd: Path) -> tuple[Header, bytes] | None:
    """Take the header of the last file a flag names; header and file, None if it names none."""
    names = [str(values[0]) for name, values in rows if name == flag]
    if not names:
        return None
    header, raw = read_header(cwd / names[-1], f"{flag} {names[-1]}")
    options.take_header(header, flag == "-mask")
    return header, raw


def read_quirks(options: Options) -> Quirks:
    """The mode's switches, adjusted."""
    return Quirks.of(options.text("--mode") or DEFAULT_MODE, options.text("--quirks"))


def read_goniometer(options: Options) -> Goniometer:
    """Spindle and its steps."""
    osc, step, count = phi_steps(options.get("-osc"), options.get("-phistep"), options.whole("-phisteps"))
    return Goniometer(options.direction("spindle"), options.number("-phi", 0.0), osc, step, count)


def warn_clipped(options: Options) -> list[str]:
    """A line wherever the beam is smaller than the size given for the sample."""
    beamsize = options.number("-beamsize", DEFAULT_BEAMSIZE, MM)
    sizes = zip("yz", (options.get("-xtal_width", MM), options.get("-xtal_height", MM)), strict=True)
    return [
        f"warning: sample {axis} size {size * MM:g} mm clipped to beamsize {beamsize * MM:g} mm"
        for axis, size in sizes
        if size is not None and clip_to_beam(size, beamsize) < size
    ]


def warn_no_effect(options: Options) -> list[str]:
    """A line for each flag that is taken and used by nothing."""
    return [f"warning: {flag} has no effect" for flag in NO_EFFECT if flag in options.flags]


def read_sampling(options: Options, shape: tuple[int, int], mask: Tensor | None) -> Sampling:
    """Pixels to render and subpixels. Raises InputError for an ROI off the detector."""
    roi = None
    if "-roi" in options.flags:
        x0, x1, y0, y1 = (int(value) for value in options.flags["-roi"])
        roi = (x0, x1, y0, y1)
        check_box("-roi", roi, shape)
    return Sampling(
        oversample=max(options.whole("-oversample", MOST_SUBPIXELS) or 0, 0) or None,
        oversample_thick="-oversample_thick" in options.flags,
        oversample_polar="-oversample_polar" in options.flags,
        oversample_omega="-oversample_omega" in options.flags,
        roi=roi,
        mask=mask,
        dmin=options.number("-dmin", 0.0),
    )

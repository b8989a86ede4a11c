"""The beam, from the command line. Twin: reference/commandline/command_beam.c."""

from pathlib import Path

import torch

from simulator.commandline.options import Options
from simulator.errors import InputError, quoted
from simulator.experiment import Beam, Number
from simulator.files.disk import read_bytes
from simulator.files.sourcefile import read_sources
from simulator.files.tokens import number
from simulator.physics.fluence import fluence_from_flux
from simulator.physics.steps import range_steps
from simulator.physics.vectors import unit
from simulator.units import ANGSTROM, DEFAULT_BEAMSIZE, MICRONS, MM, MRAD, PERCENT, SOURCE_DISTANCE


def read_beam(options: Options, cwd: Path) -> Beam:
    """Direction, spectrum, divergence, polarization, fluence."""
    direction = options.direction("beam")
    fluence: Number = options.number("-fluence", float(Beam.fluence))
    flux, exposure = options.number("-flux", 0.0), options.number("-exposure", 1.0)
    if flux != 0 and exposure > 0:
        fluence = fluence_from_flux(flux, exposure, options.number("-beamsize", DEFAULT_BEAMSIZE, MM))
    hdiv, vdiv = read_divergence(options, "h"), read_divergence(options, "v")
    name = options.text("-sourcefile")
    sources = None
    if name is not None:
        towards = (-SOURCE_DISTANCE * unit(torch.tensor(direction, dtype=torch.float64))).tolist()
        sources = read_sources(cwd / name, name, (*towards, 1.0, options.wavelength * ANGSTROM))
    return Beam(
        wavelength=options.wavelength,
        direction=direction,
        fluence=fluence,
        kahn=options.number("-polar", float(Beam.kahn)),
        nopolar=not options.opposites.get("polarized", True),
        polarization_normal=options.direction("polar"),
        hdiv=hdiv,
        vdiv=vdiv,
        dispersion=range_steps(
            options.number("-dispersion", 0.0, PERCENT), None, options.whole("-dispsteps")
        ),
        round_divergence=options.opposites.get("round_div", True),
        sources=sources,
        water_size=options.number("-water", 0.0, MICRONS),
    )


def read_divergence(options: Options, axis: str) -> tuple[float, float, int]:
    """Range and step in radians and number of steps, horizontal (h) or vertical (v)."""
    return range_steps(
        options.get(f"-{axis}divrange", MRAD),
        options.get(f"-{axis}divstep", MRAD),
        options.whole(f"-{axis}divsteps"),
    )


def check_tables(options: Options, cwd: Path) -> None:
    """Amorphous-scattering tables have no effect, but a broken one is a mistake all the same."""
    for flag in ("-stol", "-4stol", "-Q"):
        name = options.text(flag)
        if name is not None:
            check_table(cwd / name, f"{flag} {name}")


def check_table(path: Path, where: str) -> None:
    """Raise InputError for a line whose first two words are no numbers."""
    for position, line in enumerate(read_bytes(path, where).split(b"\n"), start=1):
        tokens = [token.decode("latin-1") for token in line.partition(b"#")[0].split()[:2]]
        if tokens and (len(tokens) < 2 or None in [number(token) for token in tokens]):
            raise InputError(f"{where} line {position}", "'stol F'", quoted(line.strip()))

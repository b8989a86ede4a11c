"""The beam, from the command line. Twin: reference/commandline/command_beam.c."""

from pathlib import Path

import torch

from simulator.commandline.options import MM, Given
from simulator.errors import InputError, quoted
from simulator.experiment import DEFAULT_FLUENCE, Beam, Number
from simulator.files.disk import read_bytes
from simulator.files.sourcefile import read_sources
from simulator.files.tokens import number
from simulator.physics.fluence import fluence_from_flux
from simulator.physics.sources import SOURCE_DISTANCE
from simulator.physics.steps import range_steps
from simulator.physics.vectors import unit
from simulator.rendering.scene import ANGSTROM

MICRONS = 1e6  # in a metre


def read_beam(given: Given, cwd: Path) -> Beam:
    """Direction, spectrum, divergence, polarization, fluence."""
    direction = given.direction("beam")
    fluence: Number = given.number("-fluence", DEFAULT_FLUENCE)
    flux, exposure = given.number("-flux", 0.0), given.number("-exposure", 1.0)
    if flux != 0 and exposure > 0:
        fluence = fluence_from_flux(flux, exposure, given.number("-beamsize", 0.1, MM))
    hdiv, vdiv = read_divergence(given, "h"), read_divergence(given, "v")
    name = given.text("-sourcefile")
    sources = None
    if name is not None:
        towards = (-SOURCE_DISTANCE * unit(torch.tensor(direction, dtype=torch.float64))).tolist()
        sources = read_sources(cwd / name, name, (*towards, 1.0, given.wavelength * ANGSTROM))
    return Beam(
        wavelength=given.wavelength,
        direction=direction,
        fluence=fluence,
        kahn=given.number("-polar", 0.0),
        nopolar=not given.opposites.get("polarized", True),
        polarization_normal=given.direction("polar"),
        hdiv=hdiv,
        vdiv=vdiv,
        dispersion=range_steps(given.number("-dispersion", 0.0, 100.0), None, given.whole("-dispsteps")),
        round_divergence=given.opposites.get("round_div", True),
        sources=sources,
        water_size=given.number("-water", 0.0, MICRONS),
    )


def read_divergence(given: Given, axis: str) -> tuple[float, float, int]:
    """Range and step in radians and number of steps, horizontal (h) or vertical (v)."""
    return range_steps(
        given.get(f"-{axis}divrange", 1000.0),
        given.get(f"-{axis}divstep", 1000.0),
        given.whole(f"-{axis}divsteps"),
    )


def check_tables(given: Given, cwd: Path) -> None:
    """Amorphous-scattering tables have no effect, but a broken one is a mistake all the same."""
    for flag in ("-stol", "-4stol", "-Q"):
        name = given.text(flag)
        if name is not None:
            check_table(cwd / name, f"{flag} {name}")


def check_table(path: Path, where: str) -> None:
    """Raise InputError for a line whose first two words are no numbers."""
    for position, line in enumerate(read_bytes(path, where).split(b"\n"), start=1):
        tokens = [token.decode("latin-1") for token in line.partition(b"#")[0].split()[:2]]
        if tokens and (len(tokens) < 2 or None in [number(token) for token in tokens]):
            raise InputError(f"{where} line {position}", "'stol F'", quoted(line.strip()))

"""Any geometry file to any other: which format a name means, what it holds, what it cannot hold."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simulator.errors import InputError
from simulator.experiment import Experiment
from simulator.files.disk import check_writable, write_bytes
from simulator.formats import (
    crystfel_geom,
    dials_expt,
    dials_models,
    exact,
    flag_file,
    mosflm_matrix,
    xds_parm,
)
from simulator.formats.frames import Vector
from simulator.formats.geometry import Geometry, experiment_of, geometry_of
from simulator.formats.reading import Node, read_text, within

ROUNDING = 1e-12  # of lengths in metres and of axes
PARTS = ("beam", "detector", "goniometer", "crystal")


@dataclass(frozen=True)
class Format:
    """A kind of file: what its program calls it, how names end, what of an experiment it has room for."""

    title: str
    endings: tuple[str, ...]
    holds: frozenset[str]
    comment: str  # before our note; "" where the note has a place of its own


FORMATS = {
    "dials": Format("DIALS experiment list", (".expt",), frozenset(PARTS), ""),
    "xds": Format("XDS parameter file", ("xparm.xds", ".xparm"), frozenset(PARTS), "XPARM.XDS"),
    "mosflm": Format("MOSFLM matrix", (".mat",), frozenset({"crystal"}), "!"),
    "crystfel": Format("CrystFEL geometry", (".geom",), frozenset({"beam", "detector"}), ";"),
    "flags": Format("command line", (".flags", ".args", ".txt", ".sh"), frozenset(PARTS), "#"),
}


@dataclass(frozen=True)
class Found:
    """What a geometry file says."""

    experiment: Experiment
    geometry: Geometry
    exact: bool  # the note's numbers, to the last bit
    mode: str = "c-parity"
    quirks: str | None = None
    left: tuple[str, ...] = ()  # flags in it that are no geometry


def format_of(path: Path, where: str, named: str | None = None) -> str:
    """The format of a file by its name, unless one is named."""
    if named is not None:
        return named
    for name, kind in FORMATS.items():
        if path.name.lower().endswith(kind.endings):
            return name
    endings = " ".join(ending for kind in FORMATS.values() for ending in kind.endings)
    raise InputError(where, f"a name that ends in one of {endings}", f"'{path.name}'")


def read_geometry(
    path: Path, where: str, named: str | None = None, wavelength: float | None = None, mode: str = "c-parity"
) -> Found:
    """The experiment in a file. Raises InputError for whatever is wrong with it."""
    name = format_of(path, where, named)
    if name == "flags":
        return from_flags(flag_file.read_words(path, where), path.parent, where)
    text = read_text(path, where)
    note = note_of(name, text, where)
    if note is not None and wavelength is None:
        wavelength = float(note.experiment.beam.wavelength)
    geometry = parse_text(name, text, where, wavelength)
    if note is not None and agrees(note, geometry, name, where):
        again = geometry_of(note.experiment, note.mode, note.quirks)
        return Found(note.experiment, again, True, note.mode, note.quirks)
    return Found(experiment_of(geometry), geometry, False, mode)


def note_of(name: str, text: str, where: str) -> exact.Note | None:
    """Our note in a file's text, if it has one."""
    if name != "dials":
        return exact.from_text(text, FORMATS[name].comment, where)
    root = Node.of_text(text, where)
    return exact.unpack(root[exact.NOTE].value, f"{where} {exact.NOTE}") if exact.NOTE in root else None


def from_flags(words: list[str], folder: Path, where: str) -> Found:
    """The experiment of nanoBragg flags; files in them are found from the folder."""
    try:
        said = flag_file.experiment_of_flags(words, folder)
    except InputError as error:
        raise within(where, error) from None
    note = said.note
    geometry = geometry_of(note.experiment, note.mode, note.quirks)
    return Found(note.experiment, geometry, True, note.mode, note.quirks, said.left)


def agrees(note: exact.Note, geometry: Geometry, name: str, where: str) -> bool:
    """Whether the file's own numbers are those that the note's experiment would be written with."""
    try:
        own = geometry_of(note.experiment, note.mode, note.quirks)
        own = replace(own, images=geometry.images, first_image=geometry.first_image)
        text = render(name, own, "")
        again = parse_text(name, text, where, own.wavelength)
    except (ValueError, InputError):
        return False
    return same(again, geometry)


def same(one: Geometry, other: Geometry) -> bool:
    """Whether two geometries are the same but for rounding."""
    mine, yours = (_numbers(geometry) for geometry in (one, other))
    return mine.keys() == yours.keys() and all(
        np.allclose(mine[key], yours[key], rtol=exact.CLOSE, atol=ROUNDING) for key in mine
    )


def _numbers(geometry: Geometry) -> dict[str, Vector]:
    values = dict(vars(geometry))
    panel = values.pop("panel")
    if panel is not None:
        values |= vars(panel)
    return {key: np.asarray(value, dtype=np.float64) for key, value in values.items() if value is not None}


def parse_text(name: str, text: str, where: str, wavelength: float | None) -> Geometry:
    """The numbers of a file's text."""
    if name == "dials":
        return dials_expt.parse(Node.of_text(text, where))
    if name == "mosflm":
        return mosflm_matrix.parse(text, where, wavelength)
    return xds_parm.parse(text, where) if name == "xds" else crystfel_geom.parse(text, where)


def render(name: str, geometry: Geometry, note: str, template: str | None = None) -> str:
    """A file's text; note: our note as JSON, "" for none.

    Raises ValueError where the geometry says too little.
    """
    if name == "dials":
        found = dials_models.models(geometry, template)
        return dials_models.text(found | ({exact.NOTE: json.loads(note)} if note else {}))
    line = f"{FORMATS[name].comment} {exact.NOTE} {note}\n" if note else ""
    if name == "mosflm":
        return mosflm_matrix.text(geometry, line)
    return xds_parm.text(geometry, line) if name == "xds" else crystfel_geom.text(geometry, line)


def not_held(name: str, found: Found) -> list[str]:
    """One line for each thing that a format has no room for, of what is there to be held."""
    kind, geometry = FORMATS[name], found.geometry
    there = {
        "beam": geometry.wavelength is not None,
        "detector": geometry.panel is not None,
        "goniometer": geometry.spindle is not None,
        "crystal": geometry.direct is not None,
    }
    lines = [part for part in PARTS if there[part] and part not in kind.holds]
    detector = found.experiment.detector
    if name != "flags":
        lines += ["a curved detector"] * detector.curved + ["point pixels"] * detector.point_pixel
    if name in ("xds", "crystfel"):
        lines += ["the sensor's depth"] * (float(detector.thickness) > 0)
        lines += ["polarization"]
    return [*lines, *found.left]


def write_geometry(
    found: Found, path: Path, where: str, named: str | None = None, template: str | None = None
) -> str:
    """Write the experiment in the format of the file's name; returns the format.

    A command line that needs an A matrix gets it in a file beside it. Raises InputError where the format
    needs more than there is.
    """
    name = format_of(path, where, named)
    check_writable(path, where)
    if name == "flags":
        flag_file.write(found.experiment, path, where, found.mode, found.quirks)
        return name
    note = exact.pack(found.experiment, found.mode, found.quirks) if found.exact else None
    try:
        text = render(name, found.geometry, "" if note is None else json.dumps(note), template)
    except ValueError as error:
        raise InputError(where, *str(error).partition(": expected ")[2].split(", got ")) from None
    write_bytes(path, text.encode())
    return name

"""CrystFEL geometry (.geom): one panel, wavelength, camera length.

Keys: T. A. White et al., J. Appl. Cryst. 45 (2012) 335, and the manual page crystfel_geometry. Z is along the
beam; corners are counted in pixels, clen and coffset in metres.
"""

import re

import numpy as np

from simulator.errors import InputError, quoted
from simulator.files.tokens import number
from simulator.formats.frames import Vector, along_z
from simulator.formats.geometry import Geometry, Panel
from simulator.formats.reading import one_panel, unit
from simulator.units import HC

KEY = re.compile(r"\s*([^=;]+?)\s*=\s*([^;]*?)\s*(?:;.*)?")
TERM = re.compile(r"([+-]?)\s*(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)?\s*([xyz])")
PANEL_KEYS = "min_fs max_fs min_ss max_ss corner_x corner_y fs ss res clen coffset".split()
UNITS = {"m": 1.0, "mm": 1e-3, "A": 1.0, "eV": 1.0, "keV": 1e3}


def parse(text: str, where: str) -> Geometry:
    """Detector and wavelength of a file with one panel. Raises InputError for any other."""
    common, panels = _keys(text, where)
    one_panel(list(panels), where)
    ((name, own),) = panels.items()
    keys = common | own

    def value(key: str, default: float | None = None) -> float:
        if key not in keys:
            if default is None:
                raise InputError(f"{where} {name}/{key}", "a value", "nothing")
            return default
        return _quantity(keys[key], f"{where} {name}/{key}")

    first = [value(key) for key in ("min_ss", "min_fs")]
    last = [value(key) for key in ("max_ss", "max_fs")]
    shape = [b - a + 1 for a, b in zip(first, last, strict=True)]
    if not all(1 <= n <= 1e6 and n == int(n) for n in shape):
        raise InputError(f"{where} {name}", "whole numbers of pixels", f"{shape[1]:g} x {shape[0]:g}")
    resolution = value("res")
    if not 1.0 <= resolution <= 1e9:
        raise InputError(f"{where} {name}/res", "pixels per metre", f"{resolution:g}")
    fast, slow = (_direction(keys.get(key, ""), f"{where} {name}/{key}") for key in ("fs", "ss"))
    if float(np.linalg.norm(np.cross(fast, slow))) < 0.5:
        raise InputError(f"{where} {name}/ss", "a direction across fs", quoted(keys["ss"]))
    corner = [value("corner_x") / resolution, value("corner_y") / resolution]
    return Geometry(
        beam=np.array([0.0, 0.0, 1.0]),
        wavelength=_wavelength(common, where),
        panel=Panel(
            fast=fast,
            slow=slow,
            origin=np.array([*corner, value("clen") + value("coffset", 0.0)]),
            shape=(int(shape[0]), int(shape[1])),
            pixel=1.0 / resolution,
        ),
    )


def _keys(text: str, where: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Keys before the panels, and those of each panel."""
    common: dict[str, str] = {}
    panels: dict[str, dict[str, str]] = {}
    for position, line in enumerate(text.splitlines(), start=1):
        if not line.partition(";")[0].strip():
            continue
        found = KEY.fullmatch(line)
        if found is None:
            raise InputError(f"{where} line {position}", "'key = value'", quoted(line.strip()))
        name, _, key = found[1].rpartition("/")
        if not name:
            common[key] = found[2]
        elif not name.startswith(("bad", "group", "rigid_group")):
            panels.setdefault(name, {})[key] = found[2]
    return common, panels


def _quantity(text: str, where: str) -> float:
    """A number with or without a unit."""
    tokens = text.split()
    value = number(tokens[0]) if tokens else None
    if value is None or len(tokens) > 2 or (len(tokens) == 2 and tokens[1] not in UNITS):
        raise InputError(where, "a number", quoted(text))
    return value * UNITS[tokens[1]] if len(tokens) == 2 else value


def _direction(text: str, where: str) -> Vector:
    """A direction such as `+0.99x -0.01y`."""
    v, rest = [0.0, 0.0, 0.0], text.replace(" ", "")
    while rest:
        term = TERM.match(rest)
        if term is None:
            raise InputError(where, "a direction such as +1.0x -0.1y", quoted(text))
        v["xyz".index(term[3])] += float(f"{term[1]}{term[2] or 1}")
        rest = rest[term.end() :]
    return unit(v, where)


def _wavelength(keys: dict[str, str], where: str) -> float | None:
    """Wavelength in A from wavelength or photon_energy, None without either."""
    for key in ("wavelength", "photon_energy"):
        if key in keys:
            value = _quantity(keys[key], f"{where} {key}")
            if key == "wavelength" and keys[key].split()[-1] == "m":
                value *= 1e10
            if not 0 < value < 1e12:
                raise InputError(f"{where} {key}", "a number > 0", quoted(keys[key]))
            return value if key == "wavelength" else HC / value
    return None


def text(geometry: Geometry, note: str) -> str:
    """The file; data are where our NXmx files have them."""
    if geometry.beam is None or geometry.panel is None or geometry.wavelength is None:
        raise ValueError("CrystFEL geometry: expected beam and detector, got fewer")
    panel = geometry.turned(along_z(geometry.beam, geometry.spindle)).panel
    assert panel is not None
    resolution = 1.0 / panel.pixel
    slow, fast = panel.shape
    rows = [
        note.strip() or "; written by Braggproof",
        f"photon_energy = {HC / geometry.wavelength:.17g}",  # eV; cfelpyutils takes no unit
        "adu_per_photon = 1",
        f"clen = {panel.origin[2]:.17g}",
        f"res = {resolution:.17g}",
        "data = /entry/data/data",
        "dim0 = %",
        "dim1 = ss",
        "dim2 = fs",
        "p0/min_fs = 0",
        f"p0/max_fs = {fast - 1}",
        "p0/min_ss = 0",
        f"p0/max_ss = {slow - 1}",
        f"p0/corner_x = {panel.origin[0] * resolution:.17g}",
        f"p0/corner_y = {panel.origin[1] * resolution:.17g}",
        f"p0/fs = {_spelled(panel.fast)}",
        f"p0/ss = {_spelled(panel.slow)}",
    ]
    return "".join(f"{row}\n" for row in rows)


def _spelled(v: Vector) -> str:
    return " ".join(f"{float(x):+.17g}{axis}" for axis, x in zip("xyz", v, strict=True))

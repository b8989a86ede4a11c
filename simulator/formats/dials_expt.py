"""DIALS experiment lists (.expt): JSON with beam, detector, goniometer, scan and crystal.

Fields and frames: dxtbx, G. Winter et al., Acta Cryst. D74 (2018) 85. Lengths there are mm, the
beam's direction is from the sample to the source. Ours are written in the imgCIF frame.
"""

from typing import Any

import numpy as np

from simulator.errors import InputError
from simulator.formats.frames import Vector
from simulator.formats.geometry import Geometry, Panel
from simulator.formats.reading import Node, one_panel, span
from simulator.units import MM

DEEPEST = 20  # groups around a panel
UNEVEN = 1e-6  # deg between widths of images


def parse(root: Node) -> Geometry:
    """The geometry of a list of one experiment with one panel. Raises InputError for any other list."""
    if "__id__" not in root or root["__id__"].value != "ExperimentList":
        raise InputError(f"{root.where} __id__", "an ExperimentList", "another file")
    count = root["experiment"].size()
    if count != 1:
        raise InputError(f"{root.where} experiment", "one experiment", count)
    chosen = root["experiment"][0]

    def model(name: str) -> Node | None:
        if name not in chosen:
            return None
        if isinstance(chosen[name].value, str):
            raise chosen[name].wrong("an index (models in files of their own are not read)")
        return root[name][chosen[name].whole(0)]

    beam, detector = model("beam"), model("detector")
    goniometer, scan, crystal = model("goniometer"), model("scan"), model("crystal")
    geometry = Geometry()
    if beam is not None:
        geometry = _with_beam(beam)
    fields: dict[str, Any] = {}
    if detector is not None:
        fields["panel"] = _panel(detector)
    setting, fixed = np.eye(3), np.eye(3)
    if goniometer is not None:
        axis, setting, fixed = _spindle(goniometer)
        fields["spindle"] = setting @ axis
    if scan is not None:
        first, last = scan["image_range"].numbers(2)
        start, width = _oscillation(scan)
        fields |= {"phi": start, "osc": width, "first_image": int(first)}
        fields["images"] = max(int(last - first) + 1, 1)
    if crystal is not None:
        rows = np.array([crystal[f"real_space_{axis}"].numbers(3) for axis in "abc"])
        fields["direct"] = span(rows, crystal.where) @ (setting @ fixed).T
    return Geometry(**{**vars(geometry), **fields})


def _oscillation(scan: Node) -> tuple[float, float]:
    """Start of the first image and width of each; since dxtbx 3.17 a scan lists the start of every image."""
    if "properties" not in scan:
        start, width = scan["oscillation"].numbers(2)
        return start, width
    table = scan["properties"]
    if "oscillation" not in table:
        return 0.0, 0.0
    starts = table["oscillation"].numbers(max(table["oscillation"].size(), 1))
    if len(starts) == 1:
        alone = "oscillation_width" in table
        return starts[0], table["oscillation_width"].numbers(1)[0] if alone else 0.0
    width = (starts[-1] - starts[0]) / (len(starts) - 1)
    if not np.allclose(np.diff(starts), width, rtol=0, atol=UNEVEN):
        raise table["oscillation"].wrong("images of one width")
    return starts[0], width


def _with_beam(beam: Node) -> Geometry:
    along = -beam["direction"].unit() + 0.0
    wavelength = beam["wavelength"].number()
    if not wavelength > 0:
        raise beam["wavelength"].wrong("a number > 0")
    kahn, electric = None, None
    if "polarization_normal" in beam and "polarization_fraction" in beam:
        electric = np.cross(beam["polarization_normal"].unit(), along)
        kahn = 2.0 * beam["polarization_fraction"].number() - 1.0
        electric = None if float(np.linalg.norm(electric)) < 0.1 else electric
    return Geometry(beam=along, wavelength=wavelength, kahn=kahn, electric=electric)


def _panel(detector: Node) -> Panel:
    panels = [detector["panels"][i] for i in range(detector["panels"].size())]
    names = [str(panel["name"].value) if "name" in panel else "?" for panel in panels]
    one_panel(names, f"{detector.where} panels")
    panel = panels[0]
    fast, slow, origin = panel["fast_axis"].unit(), panel["slow_axis"].unit(), panel["origin"]
    corner = np.array(origin.numbers(3))
    groups = _groups(detector["hierarchy"]) if "hierarchy" in detector else []
    for group in reversed(groups):  # each frame is given in that of the group around it
        fast, slow, corner = _from_group(group, fast, slow, corner)
    sizes = panel["pixel_size"].numbers(2)
    if sizes[0] != sizes[1] or not sizes[0] > 0:
        raise panel["pixel_size"].wrong("square pixels")
    if float(np.linalg.norm(np.cross(fast, slow))) < 0.5:
        raise panel.wrong("fast and slow axes at right angles")
    shape = panel["image_size"]
    thickness = panel["thickness"].number(0.0) if "thickness" in panel else 0.0
    mu = panel["mu"].number(0.0) if "mu" in panel else 0.0
    return Panel(
        fast=fast,
        slow=slow,
        origin=corner / MM,
        shape=(shape[1].whole(1), shape[0].whole(1)),
        pixel=sizes[0] / MM,
        thickness=thickness / MM,
        attenuation=mu * MM if mu > 0 else None,
    )


def _groups(group: Node, depth: int = 1) -> list[Node]:
    """The groups around the panel, this one first; none if it is in another."""
    if depth > DEEPEST:
        raise group.wrong(f"groups at most {DEEPEST} deep")
    if "children" not in group:
        return [group]
    children = [group["children"][i] for i in range(group["children"].size())]
    if any("panel" in child for child in children):
        return [group]
    inner = [_groups(child, depth + 1) for child in children if "children" in child]
    return next(([group, *found] for found in inner if found), [])


def _from_group(group: Node, fast: Vector, slow: Vector, corner: Vector) -> tuple[Vector, Vector, Vector]:
    """Axes and corner in the frame around a group, from those in the group's own."""
    axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    x, y = (
        group[key].unit() if key in group else np.array(axis)
        for key, axis in zip(("fast_axis", "slow_axis"), axes, strict=True)
    )
    origin = np.array(group["origin"].numbers(3)) if "origin" in group else np.zeros(3)
    frame = np.stack((x, y, np.cross(x, y)))
    return fast @ frame, slow @ frame, corner @ frame + origin


def _spindle(goniometer: Node) -> tuple[Vector, Vector, Vector]:
    """Scan axis, and the rotations outside (setting) and inside (fixed) it: r = setting R(axis) fixed."""
    if "axes" not in goniometer:
        setting, fixed = (_given_rotation(goniometer, f"{key}_rotation") for key in ("setting", "fixed"))
        return goniometer["rotation_axis"].unit(), setting, fixed
    axes = [goniometer["axes"][i].unit() for i in range(goniometer["axes"].size())]
    angles = goniometer["angles"].numbers(len(axes))
    scanned = goniometer["scan_axis"].whole(0)
    if scanned >= len(axes):
        raise goniometer["scan_axis"].wrong(f"an integer < {len(axes)}")
    turns = [_rotation(axis, angle) for axis, angle in zip(axes, angles, strict=True)]
    fixed, setting = np.eye(3), np.eye(3)
    for turn in turns[:scanned]:  # the first axis is the one nearest to the crystal
        fixed = turn @ fixed
    for turn in turns[scanned + 1 :]:
        setting = turn @ setting
    return axes[scanned], setting, fixed


def _given_rotation(goniometer: Node, key: str) -> Vector:
    """Nine numbers that must be a rotation; none: the identity."""
    if key not in goniometer:
        return np.eye(3)
    found = np.array(goniometer[key].numbers(9)).reshape(3, 3)
    if not np.allclose(found @ found.T, np.eye(3), atol=1e-3) or not np.linalg.det(found) > 0:
        raise goniometer[key].wrong("a rotation")
    return found


def _rotation(axis: Vector, degrees: float) -> Vector:
    """Right-handed rotation about a unit axis: Rodrigues."""
    x, y, z = axis
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    found: Vector = np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew
    return found

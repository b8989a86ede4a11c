"""Which terms of the physics a case exercises: those that in its scene are not 1, 0 or absent.

What a case leaves out, its gates say nothing about: a sign of the Kahn term goes unseen where K is 0.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from evidence.records import Record
from evidence.store import atomic

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.experiment import Experiment
    from simulator.rendering.scene import Scene

FILE = "exercised.json"  # in phase_m
OBLIQUE = 1e-6  # cosine of a cell angle from which on it is not right
CENTRED = 1.0  # pixels from the panel's middle to the beam


@dataclass(frozen=True)
class Term:
    """A term, whether the case exercises it, and the number that says so."""

    group: str
    term: str
    exercised: bool
    value: float | None = None
    unit: str = ""


def write(experiment: "Experiment", path: "Path") -> None:
    """The terms of an experiment as JSON."""
    found = [asdict(term) for term in terms(experiment)]
    record: Record = {"kind": "exercised", "schema": 1, "terms": found}
    atomic.write_json(path, record)


def terms(experiment: "Experiment") -> list[Term]:
    """Every term, in the order beam, crystal, rotation, detector, sampling, quirks; quirks as in c-parity."""
    import torch  # noqa: PLC0415 (takes seconds)

    from simulator.rendering.history import find_history, has_unlit  # noqa: PLC0415
    from simulator.rendering.quirks import NAMES, Quirks, active_quirks  # noqa: PLC0415
    from simulator.rendering.scene import build_scene  # noqa: PLC0415

    with torch.inference_mode():
        scene = build_scene(experiment, Quirks(), torch.device("cpu"))
        history = find_history(scene)
        active = active_quirks(scene, history.leaves is not None, has_unlit(scene, history.raster))
        parts = (_beam, _crystal, _rotation, _detector, _sampling)
        found = [term for part in parts for term in part(experiment, scene)]
    return found + [Term("Quirks", name, name in active) for name in NAMES]


def _beam(experiment: "Experiment", scene: "Scene") -> Iterator[Term]:
    from simulator.units import DEFAULT_FLUENCE  # noqa: PLC0415

    beam, listed = experiment.beam, experiment.beam.sources is not None
    kahn = 0.0 if scene.kahn is None else float(scene.kahn)
    directions = 1 if listed else len(scene.sources.weight) // beam.dispersion[2]
    spectrum = 1 if listed else beam.dispersion[2]
    fluence, water = float(scene.fluence), float(beam.water_size)
    yield Term("Beam", "polarization", scene.kahn is not None)
    yield Term("Beam", "Kahn factor", kahn != 0, kahn)
    yield Term("Beam", "divergence", directions > 1, directions, "directions")
    grid = beam.hdiv[2] * beam.vdiv[2]
    yield Term("Beam", "divergence trimmed to an ellipse", not listed and directions < grid)
    yield Term("Beam", "dispersion", spectrum > 1, spectrum, "wavelengths")
    yield Term("Beam", "sources from a file", listed, len(scene.sources.weight), "sources")
    yield Term("Beam", "fluence of its own", fluence != DEFAULT_FLUENCE, fluence, "photons/m²")
    yield Term("Beam", "water background", water != 0, water, "m")


def _crystal(experiment: "Experiment", scene: "Scene") -> Iterator[Term]:
    from simulator.physics.vectors import dot, unit  # noqa: PLC0415

    crystal, cells = experiment.crystal, [float(n) for n in scene.shape.n_cells]
    a, b, c = unit(scene.direct)
    skewed = max(abs(float(dot(x, y))) for x, y in ((a, b), (b, c), (c, a)))
    spread = float(crystal.mosaic_spread)
    domains = crystal.mosaic_domains if spread else 1
    yield Term("Crystal", "orientation from a matrix", crystal.a_star is not None)
    yield Term("Crystal", "orientation from the cell", crystal.a_star is None)
    yield Term("Crystal", "oblique cell", skewed > OBLIQUE, skewed, "largest cosine")
    yield Term("Crystal", "misset", crystal.misset is not None or crystal.misset_seed is not None)
    yield Term("Crystal", "different numbers of cells", len(set(cells)) > 1)
    for shape in ("square", "round", "gauss", "tophat"):
        yield Term("Crystal", f"{shape} crystal", scene.shape.name == shape and max(cells) > 1)
    yield Term("Crystal", "fudge factor", float(scene.shape.fudge) != 1, float(scene.shape.fudge))
    yield Term("Crystal", "mosaic spread", domains > 1, domains, "domains")
    yield Term("Crystal", "structure factors from a list", scene.table is not None)
    yield Term("Crystal", "interpolated structure factors", scene.interpolate)


def _rotation(_: "Experiment", scene: "Scene") -> Iterator[Term]:
    turned = [float(angle) for angle in scene.phi if float(angle) != 0]
    yield Term("Rotation", "spindle", bool(turned))
    yield Term("Rotation", "several spindle steps", len(scene.phi) > 1, len(scene.phi), "steps")


def _detector(experiment: "Experiment", scene: "Scene") -> Iterator[Term]:
    detector, frame, pixel = experiment.detector, scene.frame, float(scene.pixel)
    slow, fast = detector.shape
    off = max(abs(float(frame.Fbeam) / pixel - fast / 2), abs(float(frame.Sbeam) / pixel - slow / 2))
    absorbs = bool(detector.thickness > 0) and detector.attenuation is not None
    layers = scene.layers if absorbs else 1
    yield Term("Detector", "sides of different length", slow != fast)
    yield Term("Detector", "beam off the centre", off > CENTRED, off, "pixels")
    yield Term("Detector", "tilt", any(float(angle) != 0 for angle in detector.rotation))
    yield Term("Detector", "swing by 2θ", float(detector.twotheta) != 0, float(detector.twotheta), "°")
    for name in ("mosflm", "xds", "adxv", "denzo", "dials", "custom"):
        yield Term("Detector", f"convention {name}", detector.convention == name)
    for pivot in ("beam", "sample"):
        yield Term("Detector", f"pivot {pivot}", detector.pivot == pivot)
    yield Term("Detector", "curved panel", detector.curved)
    yield Term("Detector", "point pixels", detector.point_pixel)
    yield Term("Detector", "absorbing sensor", bool(absorbs))
    yield Term("Detector", "several sensor layers", layers > 1, layers, "layers")


def _sampling(experiment: "Experiment", scene: "Scene") -> Iterator[Term]:
    sampling = experiment.sampling
    yield Term("Sampling", "oversampling", scene.oversample > 1, scene.oversample, "subpixels a side")
    for name in ("thick", "polar", "omega"):
        yield Term("Sampling", f"-oversample_{name}", bool(getattr(sampling, f"oversample_{name}")))
    yield Term("Sampling", "resolution limit", sampling.dmin > 0, sampling.dmin, "Å")
    yield Term("Sampling", "mask", sampling.mask is not None)

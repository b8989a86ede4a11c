"""Resolution over the detector: where it stands, and the d-spacing of each pixel, as the engines place it."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evidence.errors import InputError, MissingError
from evidence.images import difference_tables
from evidence.images.imagefile import Image
from evidence.phases.job import Measurements, PhaseJob
from evidence.records import Record

if TYPE_CHECKING:
    from simulator.rendering.scene import Scene

ROWS = 256  # of pixels placed at a time


def add(job: PhaseJob, found: Measurements, pairs: Mapping[str, tuple[Image, Image]]) -> None:
    """Tables of where the images of each pair differ: steps, worst pixels, shells; and the geometry.

    They are for reading, no gate hangs on them: what cannot be placed is told in the log.
    """
    for key, rows in (
        ("steps", difference_tables.step_rows),
        ("largest_differences", difference_tables.worst_rows),
    ):
        made = {name: rows(a, b) for name, (a, b) in pairs.items()}
        found.tables.setdefault(key, {}).update({name: listed for name, listed in made.items() if listed})
    try:
        scene = _scene(job)
    except (InputError, MissingError) as problem:
        print(f"no resolution: {problem}", flush=True)
        return
    placed = {name: pair for name, pair in pairs.items() if pair[0].shape == scene.experiment.detector.shape}
    if placed:
        d = spacings(scene)
        found.tables["geometry"] = geometry(scene)
        shells = {name: difference_tables.shell_rows(a, b, d) for name, (a, b) in placed.items()}
        found.tables.setdefault("shells", {}).update(shells)


def _scene(job: PhaseJob) -> "Scene":
    import torch  # noqa: PLC0415 (takes seconds)

    from simulator.rendering.quirks import DEFAULT_MODE, Quirks  # noqa: PLC0415
    from simulator.rendering.scene import build_scene  # noqa: PLC0415

    return build_scene(job.experiment, Quirks.of(DEFAULT_MODE), torch.device("cpu"))


def geometry(scene: "Scene") -> Record:
    """The placed panel in millimetres and the wavelength in angstrom; what a page draws rings from.

    The wavelength is the mean of the sources'. centre: pixel (slow, fast) that the direct beam hits, None
    where it misses; pixel centres are whole numbers.
    """
    frame, pixel = scene.frame, float(scene.pixel)
    centre = [float(frame.Sbeam) / pixel - 0.5, float(frame.Fbeam) / pixel - 0.5]
    return {
        "wavelength_A": _wavelength(scene),
        "pixel_mm": 1e3 * pixel,
        "origin_mm": [1e3 * float(x) for x in frame.origin],
        "fast": [float(x) for x in frame.fast],
        "slow": [float(x) for x in frame.slow],
        "beam": [float(x) for x in frame.beam],
        "centre": centre if all(map(math.isfinite, centre)) else None,
        "curved": scene.experiment.detector.curved,
    }


def _wavelength(scene: "Scene") -> float:
    weight = scene.sources.weight
    return 1e10 * float((scene.sources.wavelength * weight).sum() / weight.sum())


def spacings(scene: "Scene") -> NDArray[np.float64]:
    """d in angstrom of the middle of each pixel (slow, fast): wavelength over |diffracted - beam|."""
    return np.concatenate(list(_bands(scene)))


def _bands(scene: "Scene") -> Iterator[NDArray[np.float64]]:
    import torch  # noqa: PLC0415

    from simulator.physics.detector import curved_position, pixel_position  # noqa: PLC0415

    detector, frame = scene.experiment.detector, scene.frame
    slow, fast = detector.shape
    along = (torch.arange(fast, dtype=torch.float64) + 0.5) * scene.pixel
    for first in range(0, slow, ROWS):
        down = (torch.arange(first, min(first + ROWS, slow), dtype=torch.float64) + 0.5) * scene.pixel
        f, s = along.expand(len(down), -1), down[:, None].expand(-1, len(along))
        place = pixel_position(frame, f, s, torch.zeros((), dtype=torch.float64))
        place = curved_position(frame, place) if detector.curved else place
        # Not the engines' own norm, which is rounded correctly and slow: this is for reading.
        away = place / torch.linalg.vector_norm(place, dim=-1, keepdim=True) - frame.beam
        yield (_wavelength(scene) / torch.linalg.vector_norm(away, dim=-1)).numpy()

"""SMV images numbered as dxtbx wants them, with a .expt beside them that has the exact geometry.

dxtbx takes the beam centre of an SMV header for ADXV's and adds a pixel; the .expt avoids it.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError
from simulator.experiment import Experiment
from simulator.files.disk import write_bytes
from simulator.files.image_names import template
from simulator.files.smv import write_smv
from simulator.formats import dials_models
from simulator.formats.exact import NOTE, pack
from simulator.formats.geometry import Geometry
from simulator.formats.made import Made


def write_numbered(path: Path, image: npt.NDArray[Any], keys: dict[str, str], where: str, by: Made) -> None:
    """An SMV image of counts. Raises InputError for floats."""
    template(path.name, where)
    if not np.issubdtype(image.dtype, np.integer):
        wanted = "counts (--pixels counts, noise or rounded)"
        raise InputError(where, f"{wanted} for SMV", image.dtype.name)
    write_smv(path, keys | {"BRAGGPROOF": by.short()}, np.clip(image, 0, 65535).astype(np.uint16))


def write_expt(
    path: Path,
    experiment: Experiment,
    geometry: Geometry,
    by: Made,
    images: str | None = None,
    pedestal: float = 0.0,
) -> None:
    """The exact geometry of an image or a sweep, with where its images are and who made it."""
    found = dials_models.models(geometry, images)
    for panel in found["detector"][0]["panels"]:
        panel["pedestal"] = pedestal
    note = pack(experiment, by.mode, by.quirks or None)
    extra = {} if note is None else {NOTE: note}
    write_bytes(path, dials_models.text(found | extra | {"made": json.loads(by.line())}).encode())

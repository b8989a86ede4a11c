"""`-o FILE`: an image in the format that the file's name asks for."""

import io
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.commandline.session import noisy_image
from simulator.commandline.task import Task
from simulator.experiment import Experiment
from simulator.files.disk import write_bytes
from simulator.files.image_names import template
from simulator.files.outputs import Floats, integer_image, smv_keys
from simulator.formats.cbf import write_cbf
from simulator.formats.geometry import Geometry, geometry_of
from simulator.formats.made import Made, made
from simulator.formats.numbered_smv import write_expt, write_numbered
from simulator.formats.nxmx import write_nxmx
from simulator.formats.png_preview import write_png
from simulator.rendering.scene import Scene

LARGEST_WHOLE = 2147483520.0  # the last float32 that 32 bits hold


@dataclass(frozen=True)
class Picture:
    """An image with all that files say of it."""

    experiment: Experiment
    pixels: npt.NDArray[Any]  # (slow, fast), of the kind asked for
    keys: dict[str, str]  # of an SMV header
    by: Made
    adc: float = 0.0  # added to every count

    @property
    def geometry(self) -> Geometry:
        """Where everything is."""
        return geometry_of(self.experiment, self.by.mode, self.by.quirks or None)


def write_pictures(scene: Scene, task: Task, image: Floats, scale: float) -> None:
    """What -o asks for: the image (slow, fast) as --pixels says; scale: photons to counts."""
    pixels: npt.NDArray[Any] = image
    match task.pixels:
        case "rounded":
            pixels = np.clip(np.rint(np.nan_to_num(image)), 0, LARGEST_WHOLE).astype(np.int32)
        case "counts":
            pixels = integer_image(image, scene.experiment, scale, task.adc)
        case "noise":
            pixels = noisy_image(scene, task, image)[0]
    by = made(list(task.words), task.mode, task.quirks)
    adc = task.adc if task.pixels in ("counts", "noise") else 0.0
    picture = Picture(scene.experiment, pixels, smv_keys(scene, adc), by, adc)
    for path in task.images:
        beside = write_picture(path, picture)
        and_this = f" and {beside.name} beside it" if beside else ""
        print(f"wrote {path.name}{and_this}, {task.pixels} pixels")


def write_picture(path: Path, picture: Picture) -> Path | None:
    """Write the image, and what goes beside it: a .expt, or a .json for a .npy, which holds numbers alone.

    Returns the file beside it.
    """
    geometry, by, where = picture.geometry, picture.by, f"-o {path.name}"
    experiment = picture.experiment
    match path.suffix.lower():
        case ".nxs" | ".h5":
            quirks = by.quirks or None
            write_nxmx(path, picture.pixels, experiment, mode=by.mode, quirks=quirks, by=by)
        case ".png":
            write_png(path, picture.pixels, geometry, by)
        case ".npy":
            buffer = io.BytesIO()
            np.save(buffer, picture.pixels)
            beside = path.with_suffix(".json")
            write_bytes(beside, (json.dumps(asdict(by), indent=1) + "\n").encode())
            write_bytes(path, buffer.getvalue())
            return beside
        case ".expt":
            write_expt(path, experiment, geometry, by)
        case ending:
            name, number = template(path.name, where)
            beside = path.with_suffix(".expt")
            numbered = replace(geometry, first_image=number)
            write_expt(beside, experiment, numbered, by, name, picture.adc)
            if ending == ".cbf":
                write_cbf(path, picture.pixels, geometry, by, picture.adc, where)
            else:
                write_numbered(path, picture.pixels, picture.keys, where, by)
            return beside
    return None

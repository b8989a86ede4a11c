"""CBF images, mini format of pixel detectors: 32-bit integers, byte-offset compression, by fabio.

The header knows distance, beam centre, wavelength and scan, but no tilt: a .expt beside it has the rest.
"""

import tempfile
from pathlib import Path
from typing import Any

import fabio.cbfimage
import numpy as np
import numpy.typing as npt

from simulator.errors import InputError
from simulator.files.disk import write_bytes
from simulator.formats.geometry import Geometry
from simulator.formats.made import Made

CUTOFF = 65535


def write_cbf(
    path: Path, image: npt.NDArray[Any], geometry: Geometry, by: Made, adc: float, where: str
) -> None:
    """One image of integers. Raises InputError for floats: they would be cut to integers unasked."""
    if not np.issubdtype(image.dtype, np.integer):
        wanted = "integers (--pixels counts, noise or rounded)"
        raise InputError(where, f"{wanted} for CBF", image.dtype.name)
    contents = "\r\n".join(f"# {line}" for line in ["", *header(geometry, by, adc)] if line)
    made = fabio.cbfimage.CbfImage(
        data=image.astype(np.int32),
        header={
            "_array_data.header_convention": '"GENERIC_MINI"',
            "_array_data.header_contents": contents,
        },
    )
    name = path.name.encode("ascii", "replace").decode()  # it becomes the name of the data block
    with tempfile.TemporaryDirectory() as folder:
        made.write(f"{folder}/{name}")
        write_bytes(path, Path(folder, name).read_bytes())


def header(geometry: Geometry, by: Made, adc: float) -> list[str]:
    """Lines of the header, as Dectris words them."""
    panel = geometry.panel
    assert panel is not None
    assert geometry.beam is not None
    cosine = float(np.dot(geometry.beam, geometry.normal))
    distance = float(np.dot(panel.origin, geometry.normal)) / (cosine if abs(cosine) > 1e-6 else 1.0)
    centre = distance * geometry.beam - panel.origin
    x, y = (float(np.dot(centre, axis)) / panel.pixel for axis in (panel.fast, panel.slow))
    silicon = [f"Silicon sensor, thickness {panel.thickness:.6f} m"] if panel.thickness > 0 else []
    return [
        "Detector: simulated",
        by.time.rstrip("Z") + ".000",
        f"Pixel_size {panel.pixel:.9g} m x {panel.pixel:.9g} m",
        *silicon,
        "Exposure_time 1.0 s",
        "Exposure_period 1.0 s",
        f"Count_cutoff {CUTOFF} counts",
        f"Wavelength {geometry.wavelength:.9g} A",
        f"Detector_distance {distance:.9g} m",
        f"Beam_xy ({x:.6f}, {y:.6f}) pixels",
        f"Start_angle {geometry.phi:.9g} deg.",
        f"Angle_increment {geometry.osc:.9g} deg.",
        f"Pedestal {adc:g} counts",
        f"Braggproof {by.line()}",
    ]

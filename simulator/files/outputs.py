"""What an image is written as: raw floats, SMV counts, PGM greys. Twin: reference/files/outputs.c.

Formulas and header keys: README "Files written".
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.experiment import Experiment
from simulator.files.disk import write_bytes
from simulator.rendering.scene import Scene
from simulator.units import MM

Floats = npt.NDArray[np.float32]
LARGEST_COUNT, LARGEST_GREY, FULL_SCALE, PGM_SCALE = 65535, 255, 55000.0, 250.0
BAND = 1 << 14  # pixels at a time


def write_float(path: Path, image: Floats) -> None:
    """Raw little-endian float32, slow-major."""
    write_bytes(path, np.ascontiguousarray(image, dtype="<f4").data.cast("B"))


def brightest(image: Floats, experiment: Experiment) -> tuple[float, int, int]:
    """The largest pixel of the ROI, photons, and its slow and fast index; 0 at 0 0 where none is positive."""
    rows, columns = roi_slices(experiment)
    inside = np.fmax(image[rows, columns], np.float32(0.0))
    slow, fast = np.unravel_index(int(inside.argmax()), inside.shape)
    largest = float(inside[slow, fast])
    return (largest, rows.start + int(slow), columns.start + int(fast)) if largest > 0 else (0.0, 0, 0)


def count_scale(largest: float, given: float | None) -> float:
    """Photons to counts: the brightest pixel becomes 55000 unless a scale is given."""
    if given is not None:
        return given
    return FULL_SCALE / largest if largest > 0 else 1.0


def integer_image(image: Floats, experiment: Experiment, scale: float, adc: float) -> npt.NDArray[np.uint16]:
    """Counts I scale + adc, clipped to 16 bits and rounded to the nearest; zero outside the ROI.

    Half a count is added in single precision, as nanoBragg has it: a value just below a half goes up with it.
    """
    counts = np.zeros(image.shape, dtype=np.uint16)
    for part in bands(experiment):
        with np.errstate(over="ignore", invalid="ignore"):
            inside = clipped(image[part].astype(np.float64) * scale + adc, LARGEST_COUNT)
        counts[part] = np.floor((inside + 0.5).astype(np.float32))
    return counts


def clipped(values: npt.NDArray[np.float64], largest: int) -> npt.NDArray[np.float64]:
    """Values between 0 and the largest; a pixel whose sum overflowed is the largest, NaN is 0."""
    return np.clip(np.nan_to_num(values, nan=0.0), 0, largest)


def pgm_scale(deviation: float, counts: float, given: float | None) -> float:
    """Photons to greys: five standard deviations become 250 unless a scale is given.

    Without deviation the scale is that of the integer image, `counts`.
    """
    if given is not None:
        return given
    return PGM_SCALE / (5.0 * deviation) if deviation > 0 else counts


def write_pgm(path: Path, image: Floats, experiment: Experiment, scale: float) -> None:
    """P5 with a comment that names the scale; greys are truncated."""
    greys = np.zeros(image.shape, dtype=np.uint8)
    for part in bands(experiment):
        with np.errstate(over="ignore", invalid="ignore"):
            inside = image[part].astype(np.float64) * scale
        greys[part] = clipped(inside, LARGEST_GREY)
    head = f"P5\n{image.shape[1]} {image.shape[0]}\n# pixels scaled by {scale:g}\n{LARGEST_GREY}\n"
    write_bytes(path, head.encode(), greys.tobytes())


def roi_slices(experiment: Experiment) -> tuple[slice, slice]:
    """Rows and columns of the ROI."""
    slow, fast = experiment.detector.shape
    roi = experiment.sampling.roi
    assert not isinstance(roi, list)  # a command line has one
    x0, x1, y0, y1 = roi or (0, fast - 1, 0, slow - 1)
    return slice(y0, y1 + 1), slice(x0, x1 + 1)


def bands(experiment: Experiment) -> Iterator[tuple[slice, slice]]:
    """The ROI in bands of rows that fit the cache."""
    rows, columns = roi_slices(experiment)
    height = max(BAND // (columns.stop - columns.start), 1)
    for start in range(rows.start, rows.stop, height):
        yield slice(start, min(start + height, rows.stop)), columns


def smv_keys(scene: Scene, adc: float) -> dict[str, str]:
    """Header keys in their order."""
    experiment, frame, pixel = scene.experiment, scene.frame, float(scene.pixel)
    detector, goniometer = experiment.detector, experiment.goniometer
    size = detector.size[0]
    side_s = detector.shape[0] * pixel if size is None else float(size)
    origin = [float(x) * MM for x in frame.origin]
    f_beam, s_beam = float(frame.Fbeam), float(frame.Sbeam)
    phi = float(goniometer.phi)
    numbers = {
        "PIXEL_SIZE": pixel * MM,
        "DISTANCE": float(frame.distance) * MM,
        "WAVELENGTH": float(experiment.beam.wavelength),
        "BEAM_CENTER_X": float(scene.beam_xy[0]) * MM,
        "BEAM_CENTER_Y": float(scene.beam_xy[1]) * MM,
        "ADXV_CENTER_X": f_beam * MM,
        "ADXV_CENTER_Y": (side_s - s_beam) * MM,
        "MOSFLM_CENTER_X": (s_beam - pixel / 2) * MM,
        "MOSFLM_CENTER_Y": (f_beam - pixel / 2) * MM,
        "DENZO_X_BEAM": s_beam * MM,
        "DENZO_Y_BEAM": f_beam * MM,
        "XDS_ORGX": float(frame.Fclose) / pixel + 0.5,
        "XDS_ORGY": float(frame.Sclose) / pixel + 0.5,
        "CLOSE_DISTANCE": float(frame.close_distance) * MM,
        "PHI": phi,
        "OSC_START": phi,
        "OSC_RANGE": float(goniometer.osc),
        "TWOTHETA": float(detector.twotheta),
    }
    texts = {key: f"{value + 0.0:g}" for key, value in numbers.items()}
    dials = f"{origin[2]:g},{origin[1]:g},{-origin[0]:g}"
    head = {
        "HEADER_BYTES": "512",
        "DIM": "2",
        "BYTE_ORDER": "little_endian",
        "TYPE": "unsigned_short",
        "SIZE1": str(detector.shape[1]),
        "SIZE2": str(detector.shape[0]),
    }
    before = {key: texts.pop(key) for key in list(texts)[: list(texts).index("XDS_ORGX")]}
    return {
        **head,
        **before,
        "DIALS_ORIGIN": dials,
        **texts,
        "DETECTOR_SN": "000",
        "ADC_OFFSET": f"{adc:g}",
        "BEAMLINE": "fake",
    }


def statistics(image: Floats, experiment: Experiment) -> tuple[float, float, float]:
    """Mean, root mean square and standard deviation over the ROI, photons; the latter two over n - 1.

    The mean is that of the rendered pixels; masked ones, which are 0, count among the n of the others. NaN
    for an image with pixels that overflowed.
    """
    part, mask = roi_slices(experiment), experiment.sampling.mask
    size = image[part].size
    freedom = max(size - 1, 1)
    rendered = size if mask is None else int((mask[part] != 0).sum())
    with np.errstate(over="ignore", invalid="ignore"):
        mean = total(image, experiment, lambda values: values) / max(rendered, 1)
        square = total(image, experiment, lambda values: values * values)
        deviation = total(image, experiment, lambda values: (values - mean) * (values - mean))
    return mean, math.sqrt(square / freedom), math.sqrt(deviation / freedom)


def total(
    image: Floats, experiment: Experiment, term: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]
) -> float:
    """The sum of terms in raster order, as the C engine adds: the scale of the PGM hangs on its last bit."""
    found = 0.0
    for part in bands(experiment):
        terms = term(image[part].astype(np.float64).reshape(-1))
        found = float(np.cumsum(np.concatenate(([found], terms)))[-1])
    return found

"""A picture of an image: brightness by logarithm, rings of resolution, the spots marked."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo
from scipy import ndimage

from simulator.files.disk import write_bytes
from simulator.formats.frames import Vector
from simulator.formats.geometry import Geometry
from simulator.formats.made import Made

RINGS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0)  # A
RING, SPOT = (90, 160, 255), (255, 150, 60)  # told apart without colour vision: cool and thin, warm and round
DECADES = 4.0
MOST_SPOTS = 80
NEAR = 7  # pixels: the brightest within is a spot
SIGMAS = 5.0  # of counts: above the mean around
STANDS_OUT = 8.0  # times the median around
Floats = npt.NDArray[np.float64]


def write_png(path: Path, image: npt.NDArray[Any], geometry: Geometry, by: Made) -> None:
    """The picture, one pixel for each of the image's (slow, fast)."""
    picture = draw(image, geometry)
    text = PngInfo()
    for key, value in (("Software", f"Braggproof {by.short()}"), ("Comment", by.line())):
        text.add_text(key, value)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", pnginfo=text)
    write_bytes(path, buffer.getvalue())


def draw(image: npt.NDArray[Any], geometry: Geometry) -> Image.Image:
    """Greys, rings and marks."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    picture = np.repeat(greys(values)[:, :, None], 3, axis=2)
    d = resolution(geometry)
    labels = []
    for ring in RINGS:
        edge = on_ring(d, ring)
        picture[edge] = RING
        if edge.any():
            rows, columns = np.nonzero(edge)
            first = int(np.argmin(rows))
            labels.append((int(columns[first]), int(rows[first]), f"{ring:g} A"))
    made = Image.fromarray(picture)
    pen = ImageDraw.Draw(made)
    for x, y, label in labels:
        pen.text((x + 2, y + 1), label, fill=RING)
    for y, x in spots(values, np.issubdtype(image.dtype, np.integer)):
        pen.ellipse((x - 5, y - 5, x + 5, y + 5), outline=SPOT)
    return made


def greys(values: Floats) -> npt.NDArray[np.uint8]:
    """0 to 255 by the logarithm, over four decades below the brightest; nothing is black."""
    top = float(values.max(initial=0.0))
    if top <= 0:
        return np.zeros(values.shape, dtype=np.uint8)
    with np.errstate(divide="ignore"):
        share = 1.0 + np.log10(np.maximum(values, 0.0) / top) / DECADES
    return np.asarray(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)


def resolution(geometry: Geometry) -> Vector:
    """d (slow, fast) in A at the centre of every pixel: lambda / |direction - beam|."""
    panel = geometry.panel
    assert panel is not None
    assert geometry.beam is not None
    slow, fast = panel.shape
    s = (np.arange(slow) + 0.5)[:, None, None] * panel.pixel * panel.slow
    f = (np.arange(fast) + 0.5)[None, :, None] * panel.pixel * panel.fast
    place = panel.origin + s + f
    place /= np.linalg.norm(place, axis=2)[:, :, None]
    with np.errstate(divide="ignore"):
        found: Vector = (geometry.wavelength or 1.0) / np.linalg.norm(place - geometry.beam, axis=2)
    return found


def on_ring(d: Vector, ring: float) -> npt.NDArray[np.bool_]:
    """Pixels where the resolution passes this value on the way to a neighbour."""
    inside = d < ring
    edge = np.zeros(d.shape, dtype=bool)
    edge[1:] |= inside[1:] != inside[:-1]
    edge[:, 1:] |= inside[:, 1:] != inside[:, :-1]
    return edge


def spots(values: Floats, counted: bool) -> list[tuple[int, int]]:
    """Rows and columns of the brightest local maxima that stand out, of counts also from their noise."""
    highest = ndimage.maximum_filter(values, size=NEAR)
    around = ndimage.uniform_filter(values, size=3 * NEAR)
    noise = SIGMAS * np.sqrt(around + 1.0) if counted else 0.0
    found = (
        (values == highest)
        & (values > STANDS_OUT * np.maximum(np.median(values), 0.0))
        & (values > 2 * around + noise)
    )
    rows, columns = np.nonzero(found)
    order = np.argsort(-values[rows, columns], kind="stable")[:MOST_SPOTS]
    return [(int(rows[i]), int(columns[i])) for i in order]

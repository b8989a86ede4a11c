"""Two images in one pair of axes: relative differences, a line through both, pixel against pixel.

Drawn into axes that the caller made, in its colours: static figures and report pages show the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from evidence.images.imagefile import Image

PLAIN = FuncFormatter(lambda value, _: f"{value:g}")  # mathtext labels cost half the drawing time
DECADES = 12  # of the axes of a scatter, below the brightest pixel
BINS = 120  # of each of them
COUNTS = ListedColormap(mpl.colormaps["cividis_r"](np.linspace(0.1, 0.75, 256)))  # seen on white and on black
FLOAT32_STEP = 2.0**-24  # half a unit in the last place, relative

Names = tuple[str, str]
Spots = Sequence[tuple[float, float]]


class Colours(NamedTuple):
    """Of image A, image B, and what stands behind both."""

    a: str
    b: str
    faint: str


def histogram(axes: Axes, a: Image, b: Image, names: Names, colours: Colours) -> None:
    """Magnitudes of |b - a| / |a| over the pixels that are finite in both and not 0 in `a`."""
    usable = np.isfinite(a) & np.isfinite(b) & (a != 0)
    with np.errstate(over="ignore", divide="ignore"):
        relative = np.log10(np.abs(b[usable].astype(np.float64) / a[usable] - 1.0))
    equal = int(np.count_nonzero(np.isneginf(relative)))
    relative = relative[np.isfinite(relative)]
    axes.hist(relative, bins=80, color=colours.a, log=bool(relative.size))
    axes.axvline(np.log10(FLOAT32_STEP), color=colours.b, lw=1, label="half a float32 step")
    axes.set(
        xlabel=f"log10 of |{names[1]} − {names[0]}| / |{names[0]}|",
        ylabel="pixels",
        title=f"{relative.size:,} pixels differ, {equal:,} are equal",
    )
    if relative.size:
        axes.yaxis.set_major_formatter(PLAIN)
    axes.legend()


def brightest(image: Image) -> tuple[int, int]:
    """Slow and fast of the brightest finite pixel."""
    slow, fast = np.unravel_index(int(np.argmax(np.where(np.isfinite(image), image, -np.inf))), image.shape)
    return int(slow), int(fast)


def profile(
    axes: Axes, at: NDArray[np.int_], a: Image, b: Image, names: Names, colours: Colours, *, log: bool = False
) -> None:
    """Both images along one line of pixels `at`; `log`: if anything is lit, intensity is logarithmic."""
    axes.plot(at, a, "-", color=colours.a, lw=2.2, label=names[0])
    axes.plot(at, b, "o", color=colours.b, ms=3.2, label=names[1])
    if log and np.any(a > 0):
        axes.set_yscale("log")


def scatter(axes: Axes, a: Image, b: Image, names: Names, colours: Colours, peaks: Spots = ()) -> QuadMesh:
    """How many pixels have which pair of intensities, both on logarithmic axes; a raster even in SVG.

    `peaks`: intensities of paired peaks in `a` and `b`. Returns the mesh, for a colour bar of pixels.
    """
    good = np.isfinite(a) & np.isfinite(b) & (a > 0) & (b > 0)
    logs = [np.log10(image[good].astype(np.float64)) for image in (a, b)]
    top = max((float(values.max()) for values in logs if values.size), default=0.0)
    edges = np.linspace(top - DECADES, top + 0.1, BINS + 1)
    counts = np.histogram2d(logs[1], logs[0], bins=(edges, edges))[0]
    most = LogNorm(1, max(float(counts.max()), 2.0))
    edges = 10.0**edges
    counts[counts == 0] = np.nan
    mesh = axes.pcolormesh(edges, edges, counts, norm=most, cmap=COUNTS, rasterized=True)
    axes.plot(edges[[0, -1]], edges[[0, -1]], "-", color=colours.faint, lw=3, label="equal", zorder=0)
    if len(peaks):
        axes.plot(*zip(*peaks, strict=True), "o", mfc="none", color=colours.b, ms=5, label="paired peaks")
    axes.set(xscale="log", yscale="log", xlim=edges[[0, -1]], ylim=edges[[0, -1]])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PLAIN)
        axis.set_minor_formatter("")
    axes.set(xlabel=f"{names[0]} / photons per pixel", ylabel=f"{names[1]} / photons per pixel")
    axes.legend(loc="upper left")
    return mesh

"""The figures of a comparison: images side by side, relative differences, a profile, a scatter.

Drawn without pyplot (no global state, no display); SVG beside PNG where the figure is line art. Large
images are shown by the extreme of each block of pixels, so that no spot is lost; the numbers are never
taken from what is drawn.
"""

import functools
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LogNorm, SymLogNorm
from matplotlib.figure import Figure

from evidence.images import panels
from evidence.images.imagefile import Image
from evidence.images.metrics import Comparison
from evidence.images.panels import PLAIN, Colours, Names
from evidence.store import atomic

COLOURS, MARK = Colours("#1f6f8b", "#d1495b", "#bbbbbb"), "#e8871e"
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "braggproof",  # the same figure gives the same bytes
}
MOST_PIXELS = 440  # of a drawn image's side, about those of its axes on paper
DECADES = 6  # of the intensity scale below the brightest pixel
REACH = 24  # pixels to either side in a profile
DPI = 130


def draw_all(
    a: Image, b: Image, found: Comparison, folder: Path, *, names: Names = ("A", "B"), title: str = ""
) -> list[Path]:
    """Write every figure of the comparison into `folder`; returns the paths, PNG first."""
    a, b = (image[found.roi.cut].astype(np.float64) for image in (a, b))
    a, b = (np.where(np.isfinite(image), image, np.nan) for image in (a, b))  # drawn grey, or not at all
    with mpl.rc_context(STYLE):
        return [
            *_save(_images(a, b, found, names, title), folder / "images", ("png",)),
            *_save(_histogram(a, b, names), folder / "histogram", ("png", "svg")),
            *_save(_profile(a, b, found, names), folder / "profile", ("png", "svg")),
            *_save(_scatter(a, b, found, names), folder / "scatter", ("png",)),
        ]


def _save(figure: Figure, stem: Path, kinds: tuple[str, ...]) -> list[Path]:
    paths = [stem.with_suffix(f".{kind}") for kind in kinds]
    for path in paths:
        kind = path.suffix[1:]
        with atomic.staged(path) as partial:
            figure.savefig(partial, format=kind, dpi=DPI, metadata={"Date": None} if kind == "svg" else None)
    return paths


def _images(a: Image, b: Image, found: Comparison, names: Names, title: str) -> Figure:
    figure = Figure(figsize=(14, 4.4))
    figure.suptitle(title)
    axes = figure.subplots(1, 3, sharex=True, sharey=True)
    figure.subplots_adjust(0.045, 0.15, 0.935, 0.9, wspace=0.3)
    step = -(-max(a.shape) // MOST_PIXELS)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = b - a
    top = _largest(found.max_a, found.max_b)
    counts = LogNorm(top * 10.0**-DECADES, top, clip=True)
    gap = _largest(found.max_abs_diff)
    signed = SymLogNorm(linthresh=gap * 1e-4, vmin=-gap, vmax=gap)
    cmaps = [mpl.colormaps[name].with_extremes(bad="#c9c9c9") for name in ("cividis", "cividis", "RdBu_r")]
    labels = (names[0], names[1], f"{names[1]} − {names[0]}")
    for panel, image, norm, cmap, label in zip(
        axes, (a, b, difference), (counts, counts, signed), cmaps, labels, strict=True
    ):
        shown = panel.imshow(
            _pool(image, step), norm=norm, cmap=cmap, extent=_extent(found, step), interpolation="nearest"
        )
        panel.set(title=label, xlabel="fast / pixels", ylabel="slow / pixels")
        panel.grid(visible=False)
        figure.colorbar(shown, ax=panel, label="photons / pixel", format=PLAIN, fraction=0.05)
    for panel, side in zip(axes, ("a", "b", "a"), strict=True):
        spots = np.array([pair[side] for pair in found.peaks["pairs"]]).reshape(-1, 2)
        panel.scatter(spots[:, 1], spots[:, 0], s=42, facecolors="none", edgecolors=MARK, linewidths=0.8)
    note = f"circles: the {found.peaks['matched']} paired peaks"
    blocks = f"; each dot is the extreme of {step} x {step} pixels" if step > 1 else ""
    axes[1].set_xlabel(f"fast / pixels\n{note}{blocks}")
    return figure


def _histogram(a: Image, b: Image, names: Names) -> Figure:
    figure = Figure(figsize=(6.4, 3.8))
    panels.histogram(figure.add_axes((0.11, 0.15, 0.86, 0.74)), a, b, names, COLOURS)
    return figure


def _profile(a: Image, b: Image, found: Comparison, names: Names) -> Figure:
    """Rows: intensity, difference; columns: along fast and along slow through A's brightest pixel."""
    figure = Figure(figsize=(9.2, 4.4))
    axes = figure.subplots(2, 2, sharex="col", height_ratios=(2, 1))
    figure.subplots_adjust(0.09, 0.11, 0.98, 0.93, wspace=0.2, hspace=0.12)
    slow, fast = panels.brightest(a)
    corner = (found.roi[2], found.roi[0])
    for column, (word, here, length) in enumerate((("fast", fast, a.shape[1]), ("slow", slow, a.shape[0]))):
        span = np.arange(max(0, here - REACH), min(length, here + REACH + 1))
        line_a, line_b = ((im[slow, span] if word == "fast" else im[span, fast]) for im in (a, b))
        at = span + corner[1 if word == "fast" else 0]
        upper, lower = axes[0, column], axes[1, column]
        panels.profile(upper, at, line_a, line_b, names, COLOURS)
        with np.errstate(invalid="ignore"):
            lower.bar(at, line_b - line_a, width=0.8, color=COLOURS.b)
        lower.set(xlabel=f"{word} / pixels")
        fixed = f"slow {slow + corner[0]}" if word == "fast" else f"fast {fast + corner[1]}"
        upper.set_title(f"along {word}, at {fixed}")
    axes[0, 0].set_ylabel("photons / pixel")
    axes[1, 0].set_ylabel(f"{names[1]} − {names[0]}")
    axes[0, 0].legend()
    return figure


def _scatter(a: Image, b: Image, found: Comparison, names: Names) -> Figure:
    figure = Figure(figsize=(5.6, 4.6))
    axes = figure.add_axes((0.13, 0.12, 0.68, 0.84))
    peaks = [(pair["intensity_a"], pair["intensity_b"]) for pair in found.peaks["pairs"]]
    mesh = panels.scatter(axes, a, b, names, COLOURS, peaks)
    figure.colorbar(mesh, cax=figure.add_axes((0.84, 0.12, 0.03, 0.84)), label="pixels", format=PLAIN)
    return figure


def _largest(*values: float | None) -> float:
    """The largest positive finite value, else 1: an empty scale is still a scale."""
    usable = [v for v in values if v is not None and 0 < v < np.inf]
    return max(usable, default=1.0)


def _extent(found: Comparison, step: int) -> tuple[float, float, float, float]:
    """Edges of the drawn blocks in pixels of the whole image, pixel centres at whole numbers."""
    x0, x1, y0, y1 = found.roi
    wide, high = -(-(x1 - x0 + 1) // step) * step, -(-(y1 - y0 + 1) // step) * step
    return x0 - 0.5, x0 - 0.5 + wide, y0 - 0.5 + high, y0 - 0.5


def _pool(image: Image, step: int) -> Image:
    """The value furthest from zero in each block of step x step pixels, NaN only where all are."""
    if step == 1:
        return image
    padded = np.pad(image, [(0, -length % step) for length in image.shape], constant_values=np.nan)
    parts = [padded[i::step, j::step] for i in range(step) for j in range(step)]
    high, low = functools.reduce(np.fmax, parts), functools.reduce(np.fmin, parts)
    return np.where(high >= -low, high, low)

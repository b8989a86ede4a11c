"""Plots as SVG that follows the page: text in its font, lines in its colours, light and dark.

Matplotlib draws; the placeholder colours below are then replaced with the page's CSS variables.
"""

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evidence.images import panels
from evidence.images.imagefile import Image
from evidence.images.panels import Colours, Names
from evidence.records import Record

Series = tuple[list[float], list[float]]
Plot = dict[str, str]  # svg, caption

INK, FAINT, FIRST, SECOND = "#010101", "#020202", "#030303", "#040404"
VARIABLES = {INK: "var(--ink)", FAINT: "var(--line)", FIRST: "var(--series-1)", SECOND: "var(--series-2)"}
COLOURS = Colours(FIRST, SECOND, FAINT)
DPI = 150  # of what is a raster in an SVG
REACH = 40  # pixels to either side in a profile
STYLE: Any = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": FAINT,
    "axes.grid": True,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "axes.formatter.use_mathtext": False,
}


def draw(name: str, title: str, paint: Callable[[Axes], None], size: tuple[float, float] = (5.2, 3.4)) -> str:
    """An SVG element titled `title`, painted by `paint`; `name` makes its ids unique on the page."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        paint(figure.subplots())
        stream = io.StringIO()
        figure.savefig(stream, format="svg", dpi=DPI, transparent=True, metadata={"Date": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    head = f'<svg class="plot" role="img" aria-label="{title}" '
    return re.sub(r'<svg (?=[^>]*?)(?:height="[^"]*" |width="[^"]*" )?', head, svg, count=1)


def histogram(c: Image, py: Image, names: Names) -> str:
    """Relative differences of the region."""
    return draw(
        "histogram",
        "Histogram of relative differences",
        lambda axes: panels.histogram(axes, c, py, names, COLOURS),
    )


def profile(c: Image, py: Image, slow: int, fast: int, names: Names) -> str:
    """Both images along the fast axis through the pixel (slow, fast)."""
    at = np.arange(max(0, fast - REACH), min(c.shape[1], fast + REACH + 1))

    def paint(axes: Axes) -> None:
        panels.profile(axes, at, c[slow, at], py[slow, at], names, COLOURS, log=True)
        axes.set(xlabel=f"fast / pixels, at slow {slow}", ylabel="photons / pixel")
        axes.legend()

    return draw("profile", f"Profile through the brightest spot, slow {slow}", paint)


def scatter(c: Image, py: Image, names: Names) -> str:
    """One image against the other, pixel by pixel."""

    def paint(axes: Axes) -> None:
        panels.scatter(axes, c, py, names, COLOURS)

    return draw("scatter", f"{names[1]} against {names[0]}, pixel by pixel", paint)


def lines(name: str, title: str, series: dict[str, Series], *, x: str, y: str) -> str:
    """Up to two series over one axis, logarithmic above the smallest value that is not zero."""

    def paint(axes: Axes) -> None:
        for (label, (at, values)), colour in zip(series.items(), [FIRST, SECOND], strict=False):
            axes.plot(at, values, marker="o", markersize=4, linewidth=1.4, color=colour, label=label)
        lit = [v for _, values in series.values() for v in values if v > 0]
        if lit:
            axes.set_yscale("symlog", linthresh=min(lit))
            axes.set_ylim(bottom=0)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.legend()

    return draw(name, title, paint)


def of_phase(letter: str, tables: Record) -> list[Plot]:
    """SVG and caption of each plot of a phase; none where its tables are empty."""
    painters = {
        "L": (("phi_steps", _between_engines), ("mode_difference", _between_modes)),
        "M": (("differences", error_against_step),),
    }
    found = []
    for key, draw in painters.get(letter, ()):
        if tables.get(key):
            found.append(draw(tables[key]))
    return found


def _between_engines(rows: list[Record]) -> Plot:
    modes = list(dict.fromkeys(row["mode"] for row in rows))
    series = {mode: _over_phi([row for row in rows if row["mode"] == mode], "dk") for mode in modes}
    axis = "|Δk|, C − PyTorch, dimensionless"
    svg = lines("phi-engines", "Difference of k over phi", series, x="phi, degrees", y=axis)
    caption = "Largest difference of k between the engines at each phi step, over the traced pixels."
    return {"svg": svg, "caption": caption}


def _between_modes(rows: list[Record]) -> Plot:
    series = {"|Δk|": _over_phi(rows, "dk"), "|Δb_y|, angstrom": _over_phi(rows, "rot_b_y")}
    axis = "spec − c-parity, absolute"
    svg = lines("phi-modes", "What the modes differ by, over phi", series, x="phi, degrees", y=axis)
    caption = (
        "What the modes differ by in PyTorch at the first traced pixel: c-parity carries the orientation of "
        "an earlier step over, spec does not. k is dimensionless, the y component of rotated b in angstrom."
    )
    return {"svg": svg, "caption": caption}


def error_against_step(rows: list[Record]) -> Plot:
    """Of differences of the C engine, a line a number."""
    steps = sorted(int(key.removeprefix("error_")) for key in rows[0] if key.startswith("error_"))

    def paint(axes: Axes) -> None:
        for row in rows:
            errors = [_size(row[f"error_{k}"]) for k in steps]
            axes.loglog(steps, errors, marker="o", markersize=3, linewidth=1.0, color=FIRST, alpha=0.7)
            axes.plot(0.5, max(_size(row["richardson"]), 1e-16), marker="x", color=SECOND)
        axes.set_xticks([0.5, *steps], ["extrapolated", *map(str, steps)])
        axes.minorticks_off()
        axes.set(xlabel="step of the difference", ylabel="error over the largest slope")

    caption = (
        "Differences of the C engine err in proportion to their step, and extrapolated to a step of 0 they "
        "are PyTorch's derivative: a line for each number of the command line, a cross where it ends."
    )
    return {"svg": draw("gradient-steps", "Error of differences over their step", paint), "caption": caption}


def _over_phi(rows: list[Record], key: str) -> Series:
    return [float(row["phi_deg"]) for row in rows], [_size(row[key]) for row in rows]


def _size(value: Any) -> float:
    return float("nan") if value is None else abs(float(value))


def sparkline(values: list[float | None], width: int = 96, height: int = 22) -> str:
    """Points of a small polyline, newest right; None leaves a gap of one step. Empty if there is nothing."""
    known = [v for v in values if v is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    step = (width - 6) / max(1, len(values) - 1)
    scale = (height - 6) / (high - low) if high > low else 0.0
    level = height / 2 if high == low else height - 3
    points = [(3 + n * step, level - (v - low) * scale) for n, v in enumerate(values) if v is not None]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)

"""Plots of where images differ, from the tables of phase O: float32 steps, shells of resolution."""

import numpy as np
from matplotlib.axes import Axes

from evidence.images.panels import PLAIN
from evidence.records import Record
from evidence.report.plots import FIRST, SECOND, Plot, draw

COLOURS = (FIRST, SECOND)
STEPS = (
    "Pixels of the whole frame by how many float32 numbers lie between the two values: 0 is equal to the "
    "last bit, 1 the nearest neighbour."
)
SHELLS = (
    "Disagreement in ten shells of equally many pixels: the sum of absolute differences over the sum of "
    "intensities. Shells without any difference lie on the axis."
)


def of(tables: Record) -> list[Plot]:
    """SVG and caption of each; none where phase O compared nothing, or a bundle is from before."""
    found = []
    steps = {name: rows for name, rows in tables.get("steps", {}).items() if rows}
    shells = {name: rows for name, rows in tables.get("shells", {}).items() if rows}
    if steps:
        title = "Histogram of float32 steps over the frame"
        svg = draw("steps", title, lambda axes: _steps(axes, steps))
        found.append({"svg": svg, "caption": STEPS})
    if shells:
        svg = draw("shells", "Agreement by resolution shell", lambda axes: _shells(axes, shells))
        found.append({"svg": svg, "caption": SHELLS})
    return found


def _steps(axes: Axes, steps: dict[str, list[Record]]) -> None:
    most = max((rows[-1] for rows in steps.values()), key=lambda row: int(row["steps_to"]))
    bits = int(most["steps_to"]).bit_length() + 1
    width = 0.8 / len(steps)
    for n, (name, rows) in enumerate(steps.items()):
        counts = [int(row["pixels"]) for row in rows]
        at = np.arange(len(counts)) + (n - (len(steps) - 1) / 2) * width
        axes.bar(at, counts, width, color=COLOURS[n % 2], alpha=1 - 0.35 * (n // 2), label=name)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.5)
    axes.yaxis.set_major_formatter(PLAIN)
    every = -(-bits // 7)
    axes.set_xticks(range(0, bits, every), [f"{2 ** (n - 1) if n else 0}" for n in range(0, bits, every)])
    axes.set(xlabel="float32 steps between the two values, from", ylabel="pixels")
    axes.legend()


def _shells(axes: Axes, shells: dict[str, list[Record]]) -> None:
    values = [float(row["r"]) for rows in shells.values() for row in rows if row["r"]]
    for n, (name, rows) in enumerate(shells.items()):
        middle = [0.5 * (_inverse(row["d_max"]) + _inverse(row["d_min"])) for row in rows]
        r = [float(row["r"] or 0) for row in rows]
        axes.plot(middle, r, "o-", color=COLOURS[n % 2], alpha=1 - 0.35 * (n // 2), ms=4, lw=1.4, label=name)
    if values:
        axes.set_yscale("symlog", linthresh=min(values))
    axes.set_ylim(bottom=0)
    ticks = axes.get_xticks()
    low, high = axes.get_xlim()
    shown = [tick for tick in ticks if low <= tick <= high]
    axes.set_xticks(shown, [f"{1 / tick:.2f}" if tick > 0 else "∞" for tick in shown])
    axes.set(xlabel="d / angstrom", ylabel="Σ |Δ| / Σ |I|")
    axes.legend()


def _inverse(d: float | None) -> float:
    return 1 / float(d) if d else 0.0

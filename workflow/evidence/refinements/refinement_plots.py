"""Pictures of a refinement: the image before and after, the ways of all starts, their errors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from evidence.images.figures import COLOURS, DPI, MARK, STYLE
from evidence.records import Record

TITLES = {"image": "observed", "before": "predicted at the start", "after": "predicted when refined"}
FEWEST = 1e-3  # of the axis of distances, in standard errors
RANGE = 4.0  # standard deviations either side in the picture of what is left


def draw(found: Record, pictures: Path, folder: Path) -> None:
    """images.png, convergence.png and pulls.png, as far as there is something to draw."""
    with rc_context(STYLE):
        if pictures.is_file():
            _save(_images(np.load(pictures)), folder / "images.png")
        if found["starts"]:
            _save(_convergence(found), folder / "convergence.png")
            _save(_pulls(found), folder / "pulls.png")


def _save(figure: Figure, path: Path) -> None:
    pending = path.with_suffix(".pending.png")
    figure.savefig(pending, dpi=DPI, metadata={"Software": "Braggproof"})
    pending.replace(path)


def _images(arrays: Any) -> Figure:
    """The image and both predictions on one scale, and what is left in standard deviations."""
    figure = Figure(figsize=(9.6, 8.6), layout="constrained")
    axes = figure.subplots(2, 2).ravel()
    brightest = max(float(np.quantile(arrays["image"], 0.9995)), 1.0)
    for each, (name, title) in zip(axes, TITLES.items(), strict=False):
        shown = each.imshow(arrays[name], norm=PowerNorm(0.4, 0.0, brightest), cmap="gray_r")
        each.set(title=title, xticks=[], yticks=[])
    figure.colorbar(shown, ax=axes[2], label="photons", shrink=0.8)
    shown = axes[3].imshow(arrays["left"], vmin=-RANGE, vmax=RANGE, cmap="RdBu_r")
    axes[3].set(title="left, in standard deviations", xticks=[], yticks=[])
    figure.colorbar(shown, ax=axes[3], shrink=0.8)
    return figure


def distances(found: Record) -> Iterator[tuple[bool, np.ndarray[Any, Any]]]:
    """Of each start: whether it found the truth, and how far its worst unknown was after each step, in sigma.

    Scale and background say nothing before the likelihood does: they are left out.
    """
    fields = [i for i, one in enumerate(found["unknowns"]) if one["geometric"]]
    true = np.array([one["true"] for one in found["unknowns"]])[fields]
    errors = np.median([one["errors"] for one in found["starts"]], axis=0)[fields]
    for one in found["starts"]:
        way = np.array([one["start"], *(step["values"] for step in one["history"])])[:, fields]
        yield bool(one["true"]), np.abs((way - true) / errors).max(1)


def _convergence(found: Record) -> Figure:
    """Largest distance to the truth, in standard errors, over the steps of every start."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    for reached, way in distances(found):
        axes.semilogy(
            np.maximum(way, FEWEST), "-", lw=1, color=COLOURS.a if reached else COLOURS.b, alpha=0.7
        )
    axes.axhline(3.5, color=MARK, lw=1, label="3.5 standard errors")
    axes.set(xlabel="step", ylabel="largest distance to the truth / standard errors")
    axes.legend()
    return figure


def _pulls(found: Record) -> Figure:
    """Errors of all starts that converged, in standard errors, unknown by unknown."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    names = [one["name"] for one in found["unknowns"]]
    for one in found["starts"]:
        if one["verdict"] == "converged":
            axes.plot(one["pulls"], range(len(names)), "o", ms=4, color=COLOURS.a, alpha=0.4)
    axes.axvspan(-3.5, 3.5, color=COLOURS.faint, alpha=0.25, lw=0)
    axes.set(xlabel="(refined - true) / standard error", yticks=range(len(names)), yticklabels=names)
    axes.invert_yaxis()
    return figure

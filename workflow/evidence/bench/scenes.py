"""What is rendered: nanoBragg command lines of a given size, and the reflections they read."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence.cases import reflection_list
from evidence.cases.case import load_case
from evidence.paths import CASES
from evidence.store import atomic

BOX = "box.hkl"
# Triclinic lysozyme's cell, a flat panel that reaches 2 A in its corners.
CELL = "-cell 27.24 31.87 34.23 88.52 108.53 111.89 -Na 36 -Nb 47 -Nc 29"
CRYSTAL = f"{CELL} -hkl {BOX} -lambda 0.9768 -distance 231"
PANEL_MM = 176.0
QUIET = "-nonoise -nopgm"
HIGHEST = 24  # of the indices in the box: nothing on the panel leaves it


@dataclass(frozen=True)
class Feature:
    """Flags beside the common ones, and how many evaluations they make of each pixel."""

    name: str
    title: str
    flags: str
    steps: int


TEN_STEPS = "-phi 0 -osc 0.1 -phisteps 10"
FEATURES = (
    Feature("square", "square crystal", TEN_STEPS, 10),
    Feature("round", "round crystal", f"{TEN_STEPS} -round_xtal", 10),
    Feature("gauss", "Gaussian spots", f"{TEN_STEPS} -gauss_xtal", 10),
    Feature("tophat", "top-hat spots", f"{TEN_STEPS} -tophat_spots", 10),
    Feature("tricubic", "tricubic interpolation", f"{TEN_STEPS} -interpolate", 10),
    Feature("mosaic", "100 mosaic domains", "-mosaic 0.5 -mosaic_dom 100", 100),
    Feature("sources", "100 sources", "-divergence 1 -hdivsteps 10 -vdivsteps 10 -square_div", 100),
    Feature("oversample", "oversample 4", f"{TEN_STEPS} -oversample 4", 160),
    Feature(
        "thick", "thick sensor", "-phi 0 -osc 0.1 -phisteps 2 -detector_thick 450 -detector_abs 234 "
        "-thicksteps 5", 10,
    ),
    Feature("curved", "curved detector", f"{TEN_STEPS} -curved_det", 10),
)  # fmt: skip


def square_panel(side: int, flags: str) -> list[str]:
    """The common crystal on a panel of side x side pixels that always covers the same solid angle."""
    words = f"{CRYSTAL} -pixel {PANEL_MM / side:.9g} -detpixels {side} {QUIET} {flags}".split()
    words += [] if "-interpolate" in words else ["-nointerpolate"]
    return words if "-oversample" in words else [*words, "-oversample", "1"]


def domains(side: int, steps: int) -> list[str]:
    """A panel with `steps` evaluations a pixel: mosaic domains, and above 1000 phi steps too."""
    phi = max(steps // 1000, 1)
    return square_panel(side, f"-mosaic 0.5 -mosaic_dom {steps // phi} -phi 0 -osc 0.1 -phisteps {phi}")


def feature_panel(feature: Feature, evaluations: int) -> list[str]:
    """About so many evaluations of one feature."""
    return square_panel(max(round(math.sqrt(evaluations / feature.steps)), 8), feature.flags)


def write_box(path: Path, highest: int) -> None:
    """Every reflection up to `highest` along each axis, with amplitudes that differ from one to the next."""
    axis = np.arange(-highest, highest + 1)
    h, k, l = (grid.ravel() for grid in np.meshgrid(axis, axis, axis, indexing="ij"))  # noqa: E741
    amplitude = 50.0 + (7 * h + 11 * k + 13 * l) % 97
    lines = (f"{a} {b} {c} {f:.2f}\n" for a, b, c, f in zip(h, k, l, amplitude, strict=True))
    atomic.write_text(path, "".join(lines))


def stage_frame(case: str | None, folder: Path) -> list[str]:
    """The frame's command, its input files laid out in `folder`."""
    if case is None:
        return square_panel(96, TEN_STEPS)
    found = load_case(CASES / f"{case}.yaml")
    for name, source in found.inputs.items():
        if source.is_made:
            reflection_list.make(source.path, folder / name, **source.how)
        else:
            atomic.copy_file(source.path, folder / name)
    return list(found.arguments)

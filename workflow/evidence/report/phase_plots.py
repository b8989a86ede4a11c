"""Plots of single phases: the differences over the phi steps of phase L."""

from typing import Any

from evidence.records import Record
from evidence.report import plots

Plot = dict[str, str]


def of(letter: str, tables: Record) -> list[Plot]:
    """SVG and caption of each plot of a phase; none where its tables are empty."""
    if letter != "L":
        return []
    found = []
    for key, draw in (("phi_steps", _between_engines), ("mode_difference", _between_modes)):
        if tables.get(key):
            found.append(draw(tables[key]))
    return found


def _between_engines(rows: list[Record]) -> Plot:
    modes = list(dict.fromkeys(row["mode"] for row in rows))
    series = {mode: _over_phi([row for row in rows if row["mode"] == mode], "dk") for mode in modes}
    axis = "|Δk|, C − PyTorch, dimensionless"
    svg = plots.lines("phi-engines", "Difference of k over phi", series, x="phi, degrees", y=axis)
    caption = "Largest difference of k between the engines at each phi step, over the traced pixels."
    return {"svg": svg, "caption": caption}


def _between_modes(rows: list[Record]) -> Plot:
    series = {"|Δk|": _over_phi(rows, "dk"), "|Δb_y|, angstrom": _over_phi(rows, "rot_b_y")}
    axis = "spec − c-parity, absolute"
    svg = plots.lines("phi-modes", "What the modes differ by, over phi", series, x="phi, degrees", y=axis)
    caption = (
        "What the modes differ by in PyTorch at the first traced pixel: c-parity carries the orientation of "
        "an earlier step over, spec does not. k is dimensionless, the y component of rotated b in angstrom."
    )
    return {"svg": svg, "caption": caption}


def _over_phi(rows: list[Record], key: str) -> plots.Series:
    return [float(row["phi_deg"]) for row in rows], [_size(row[key]) for row in rows]


def _size(value: Any) -> float:
    return float("nan") if value is None else abs(float(value))

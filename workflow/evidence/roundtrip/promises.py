"""What a round trip promises against what DIALS found: its gates.json."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from evidence import gates
from evidence.gates import Gate
from evidence.limits import Limit
from evidence.records import Record

ENGINES = {"c": "C", "py": "PyTorch"}
TITLES = {
    "RT-SPOTS": "The spots that DIALS finds belong to the crystal",
    "RT-RMSD": "Spots lie where the refined model has them",
    "RT-CELL": "Unit cell",
    "RT-ORIENTATION": "Orientation",
    "RT-DETECTOR": "Detector",
    "RT-INTENSITY": "Integrated against true intensities",
    "RT-FILES": "NXmx, and SMV with .expt, are the same to DIALS",
}


class Promise(NamedTuple):
    """One figure of `recovered.py` and its limit."""

    gate: str
    name: str
    title: str
    where: tuple[str, ...]
    comparison: str
    accept: float
    unit: str


PROMISES = (
    Promise("RT-SPOTS", "indexed_share", "share of spots indexed", ("indexed_share",), ">=", 0.9, "1"),
    Promise("RT-RMSD", "rmsd_px", "on the detector", ("rmsd_px",), "<=", 0.3, "pixel"),
    Promise("RT-RMSD", "rmsd_images", "in rotation", ("rmsd_images",), "<=", 0.3, "image"),
    Promise("RT-CELL", "edges_relative", "edges, relative", ("edges_relative",), "<=", 1e-3, "1"),
    Promise("RT-CELL", "angles_deg", "angles", ("angles_deg",), "<=", 0.05, "deg"),
    Promise(
        "RT-ORIENTATION", "orientation_deg", "rotation to the truth", ("orientation_deg",), "<=", 0.05, "deg"
    ),
    Promise("RT-DETECTOR", "beam_centre_px", "beam centre", ("beam_centre_px",), "<=", 0.1, "pixel"),
    Promise("RT-DETECTOR", "detector_deg", "rotation to the truth", ("detector_deg",), "<=", 0.05, "deg"),
    Promise(
        "RT-DETECTOR", "distance_relative", "distance, relative", ("distance_relative",), "<=", 1e-3, "1"
    ),
    Promise("RT-INTENSITY", "cc", "correlation", ("intensity", "cc"), ">=", 0.95, "1"),
    Promise(
        "RT-INTENSITY", "least_shell_cc", "least of a shell", ("intensity", "least_shell_cc"), ">=", 0.9, "1"
    ),
    Promise("RT-FILES", "same_pixels", "pixels that are the same", ("same_pixels",), ">=", 1.0, "1"),
    Promise(
        "RT-FILES", "geometry_difference", "largest difference", ("geometry_difference",), "<=", 1e-6, "mm"
    ),
)


def judge(found: dict[str, Record], case: str, stamp: str) -> Record:
    """gates.json from the found.json of each engine; nothing passes that was not measured."""
    rows = [
        gates.gate_row(Gate(gate, "roundtrip", title), list(_checks(gate, found)), f"snakemake {case}")
        for gate, title in TITLES.items()
    ]
    return gates.verdict(case, stamp, rows)


def _checks(gate: str, found: dict[str, Record]) -> Iterator[Record]:
    for promise in PROMISES:
        if promise.gate != gate:
            continue
        for role, engine in ENGINES.items():
            record = found[role]
            # a run that failed is no gap in the evidence but a failure: NaN is within nothing
            failed = record["status"] == "failed"
            value = float("nan") if failed else _figure(record["figures"], promise.where)
            limit = Limit.of(promise.comparison, {"accept": promise.accept}, promise.unit)
            name, evidence = f"{role}_{promise.name}", f"{role}/found.json"
            made = gates.judge(gate, name, value, limit, record["reason"], evidence)
            source = "/".join(("", "figures", *promise.where))
            yield replace(made, title=f"{engine}: {promise.title}", source=source).to_dict()


def _figure(figures: Record | None, where: tuple[str, ...]) -> float | None:
    value: object = figures
    for key in where:
        value = value.get(key) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else None

"""The images of a phase's runs, and their comparison as checks."""

import re
from dataclasses import asdict
from pathlib import Path

from evidence.cases.roi import Roi
from evidence.errors import InputError, MissingError
from evidence.images import packed_frame, roi_image
from evidence.images.imagefile import Image, read_image, smv_shape
from evidence.images.metrics import Comparison, compare_images
from evidence.images.peaks import MOST
from evidence.phases.job import FLOAT_IMAGE, CheckSpec, Measurements, PhaseJob
from evidence.records import Record

# Metric of a comparison -> name of its check and threshold.
METRICS = {
    "correlation": ("correlation", ">=", "1"),
    "sum_ratio": ("sum_ratio", "range", "1"),
    "mean_distance_px": ("peak_distance_px", "<=", "px"),
    "identical_float32_share": ("identical_share", ">=", "1"),
}


def image_specs(
    gate: str, names: tuple[str, ...], suffix: str = "", goal: bool = True
) -> tuple[CheckSpec, ...]:
    """Checks of one comparison, named like their thresholds, with `suffix`."""
    return tuple(
        CheckSpec(gate, f"{name}{suffix}", comparison, name, unit, goal)
        for name, comparison, unit in METRICS.values()
        if name in names
    )


def read(job: PhaseJob, phase: str, label: str) -> Image:
    """Float image of a run, photons per pixel (slow, fast); MissingError if there is none."""
    (record,) = job.runs(phase, label)
    folder = record.folder
    try:
        kept = packed_frame.frame(folder) if packed_frame.packed(folder) else roi_image.frame(folder)
        return (
            kept if kept is not None else read_image(folder / FLOAT_IMAGE, smv_shape(_integer_image(folder)))
        )
    except InputError as problem:
        raise MissingError(str(problem)) from None


def _integer_image(folder: Path) -> Path:
    """The SMV image beside the float image: its header has the shape."""
    found = sorted(path for path in folder.glob("*.img") if re.fullmatch(r"int.*\.img", path.name))
    if not found:
        raise MissingError(f"{folder.name} holds no SMV image that tells the shape")
    return found[0]


def record(found: Measurements, name: str, comparison: Comparison, suffix: str = "") -> None:
    """Put a comparison into the tables, and its metrics, or why there are none, into the checks."""
    table: Record = comparison.to_dict()
    found.tables[name] = table
    values = {**asdict(comparison), "mean_distance_px": comparison.peaks.get("mean_distance_px")}
    for metric, (check, _, _) in METRICS.items():
        value = values[metric]
        lost = comparison.nonfinite_a + comparison.nonfinite_b
        if lost:
            value, why = float("nan"), f"{lost} pixels are not finite numbers"
            found.reasons[f"{check}{suffix}"] = why
        elif value is None:
            found.reasons[f"{check}{suffix}"] = comparison.reasons.get(metric, "not measured")
        if value is not None:
            found.measured[f"{check}{suffix}"] = value


def compare(a: Image, b: Image, roi: Roi | None = None, most_peaks: int = MOST) -> Comparison:
    """compare_images with its complaints as MissingError."""
    try:
        return compare_images(a, b, roi, most_peaks=most_peaks)
    except InputError as problem:
        raise MissingError(str(problem)) from None

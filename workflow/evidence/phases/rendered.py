"""The images of a phase's runs, and their comparison as checks."""

import re
from dataclasses import asdict
from pathlib import Path

from evidence.cases.roi import Roi
from evidence.errors import InputError, MissingError
from evidence.images import packed_frame, roi_image
from evidence.images.differences import STEPS
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
    "max_abs_diff": ("max_abs_photons", "<=", "photons"),
    "max_rel_floored": ("max_rel", "<=", "1"),
    "off_share": ("off_share", "<=", "1"),
    "block_sum_rel": ("block_sum_rel", "<=", "1"),
}
PIXELS = (
    "identical_share",
    "max_abs_photons",
    "max_rel",
    "off_share",
    "block_sum_rel",
)  # one wrong pixel shows
PLACES = {  # metric -> the metric whose pixel and values tell of it
    "max_abs_diff": "max_abs_diff",
    "max_rel_floored": "max_rel_floored",
    "off_share": "max_ulp",
    "identical_float32_share": "max_ulp",
}


def image_specs(
    gate: str, names: tuple[str, ...], suffix: str = "", goal: bool = True, variant: str = "accept"
) -> tuple[CheckSpec, ...]:
    """Checks of one comparison, named like their thresholds, with `suffix`."""
    return tuple(
        CheckSpec(gate, f"{name}{suffix}", comparison, name, unit, goal, variant)
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
        elif value is None:
            why = comparison.reasons.get(metric, "not measured")
        else:
            why = where(comparison, metric)
        if why:
            found.reasons[f"{check}{suffix}"] = why
        if value is not None:
            found.measured[f"{check}{suffix}"] = value


def where(comparison: Comparison, metric: str) -> str:
    """The pixel or block that a metric is about, and what stands there; empty for one of the whole image."""
    if metric == "block_sum_rel" and comparison.block_sum_rel_pixel is not None:
        return "8 x 8 pixels from slow {}, fast {}".format(*comparison.block_sum_rel_pixel)
    place = PLACES.get(metric, "")
    pixel = getattr(comparison, f"{place}_pixel", None)
    if pixel is None:
        return ""
    a, b = comparison.worst[place]
    text = f"slow {pixel[0]}, fast {pixel[1]}: {b:.9g} against {a:.9g} photons"
    if place != "max_ulp":
        return text
    off, whole = comparison.off_pixels, comparison.finite_pixels
    return f"{off} of {whole} pixels are more than {comparison.off_steps} float32 steps off, most at {text}"


def compare(
    a: Image, b: Image, roi: Roi | None = None, most_peaks: int = MOST, steps: int = STEPS
) -> Comparison:
    """compare_images with its complaints as MissingError."""
    try:
        return compare_images(a, b, roi, most_peaks=most_peaks, steps=steps)
    except InputError as problem:
        raise MissingError(str(problem)) from None


def steps_of(job: PhaseJob, gate: str) -> int:
    """Float32 steps beyond which a pixel is off."""
    return int(job.thresholds[gate]["off_share"]["steps"])

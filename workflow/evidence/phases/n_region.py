"""Phase N: the configured region, rendered alone by both engines, and the brightest spots of the frame."""

import numpy as np

from evidence.cases.roi import Roi
from evidence.errors import MissingError
from evidence.images.imagefile import Image
from evidence.images.metrics import Comparison
from evidence.images.peaks import find_peaks
from evidence.phases import readings, rendered
from evidence.phases.job import CheckSpec, Measurements, PhaseJob, PlannedRun
from evidence.records import Record

SPOTS = 20
HALF_WIDTH = 7  # pixels around a spot
SHARP = 99.0  # percentile above which a maximum counts as a spot
INTENSITIES = ("correlation", "sum_ratio", *rendered.PIXELS)
CHECKS = (
    *rendered.image_specs("VG-3", INTENSITIES),
    CheckSpec("VG-3", "spots_correlation", ">=", "correlation"),
    CheckSpec("VG-3", "spots_sum_ratio", "range", "sum_ratio"),
    *rendered.image_specs("VG-4", ("peak_distance_px",)),
    CheckSpec("VG-4", "spots_peak_distance_px", "<=", "peak_distance_px", "px"),
)


def runs(job: PhaseJob) -> tuple[PlannedRun, ...]:
    """The region alone."""
    roi = job.case.roi
    flags = tuple(roi.flags())
    return PlannedRun("c", "c", flags, region=roi), PlannedRun("py_float64", "py", flags, region=roi)


def measure(job: PhaseJob) -> Measurements:
    """Region and spots, each blocked on its own."""
    found = Measurements()
    try:
        _measure_region(job, found)
    except MissingError as problem:
        names = [check.name for check in CHECKS if not check.name.startswith("spots_")]
        found.reasons |= dict.fromkeys(names, str(problem))
    try:
        _measure_spots(job, found)
    except MissingError as problem:
        names = [check.name for check in CHECKS if check.name.startswith("spots_")]
        found.reasons |= dict.fromkeys(names, str(problem))
    return found


def _measure_region(job: PhaseJob, found: Measurements) -> None:
    a, b = (rendered.read(job, "n", label) for label in ("c", "py_float64"))
    comparison = rendered.compare(a, b, roi=job.case.roi, steps=rendered.steps_of(job, "VG-3"))
    rendered.record(found, "roi", comparison)
    from evidence.images import figures  # noqa: PLC0415 (takes a second; a run draws nothing)

    figures.draw_all(a, b, comparison, job.folder("n") / "figures", names=("C", "PyTorch"), title="Region")


def _measure_spots(job: PhaseJob, found: Measurements) -> None:
    """A small region around each of the brightest spots of the C frame of phase O."""
    a, b = (rendered.read(job, "o", label) for label in ("c", "py_float64"))
    if a.shape != b.shape:
        raise MissingError(f"the frames have shapes {a.shape} and {b.shape}")
    rows = [
        _spot_row(a, b, *np.rint(spot).astype(int).tolist()) for spot in find_peaks(a, SHARP, SPOTS).position
    ]
    if not rows:
        raise MissingError("the frame of the C engine has no spot")
    found.tables["spots"] = rows
    for name, metric in (("spots_correlation", "correlation"), ("spots_sum_ratio", "sum_ratio")):
        values = [np.nan if row[metric] is None else float(row[metric]) for row in rows]
        found.measured[name] = _furthest_from_one(values)
    distances = [row["distance_px"] for row in rows]
    if None in distances:
        found.reasons["spots_peak_distance_px"] = f"{distances.count(None)} spots of C have no partner"
    else:
        found.measured["spots_peak_distance_px"] = float(np.mean(distances))


def _spot_row(a: Image, b: Image, slow: int, fast: int) -> Record:
    around = Roi.around(slow, fast, HALF_WIDTH).within(a.shape)
    one: Comparison = rendered.compare(a, b, roi=around, most_peaks=1)
    whole = one.nonfinite_a + one.nonfinite_b == 0
    return {
        "slow": slow,
        "fast": fast,
        "max_c": one.max_a,
        "correlation": one.correlation if whole else None,
        "sum_ratio": one.sum_ratio if whole else None,
        "max_rel_diff": one.max_rel_diff,
        "identical_share": one.identical_float32_share,
        "distance_px": one.peaks["mean_distance_px"] if whole else None,
    }


def _furthest_from_one(values: list[float]) -> float:
    """The value that is worst for a ratio or correlation; NaN counts as worst."""
    gap = readings.worst(abs(value - 1.0) for value in values)
    return next((value for value in values if abs(value - 1.0) == gap), float("nan"))

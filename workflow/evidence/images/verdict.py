"""Whether two images are alike enough: the metrics against thresholds, by the one judge."""

from evidence.gates import Check
from evidence.gates import judge as judged
from evidence.images.metrics import Comparison
from evidence.limits import IMAGES, Limit, Thresholds


def judge(found: Comparison, bar: Thresholds = IMAGES) -> list[Check]:
    """The checks of nb-compare; it passes when all are ok. A NaN or None is never ok."""
    distance = found.peaks.get("mean_distance_px")
    rows = [
        ("correlation", found.correlation, Limit(">=", bar.correlation)),
        ("sum_ratio", found.sum_ratio, Limit("range", bar.sum_ratio)),
        ("mean_distance_px", distance, Limit("<=", bar.mean_distance_px, unit="px")),
        ("nonfinite_a", float(found.nonfinite_a), Limit("<=", 0.0, unit="pixels")),
        ("nonfinite_b", float(found.nonfinite_b), Limit("<=", 0.0, unit="pixels")),
    ]
    return [
        judged("nb-compare", name, value, limit, found.reasons.get(name), "summary.json")
        for name, value, limit in rows
    ]

"""Whether two images are alike enough: the metrics against thresholds, by the one judge."""

import math

from evidence.gates import Check
from evidence.gates import judge as judged
from evidence.images.metrics import Comparison
from evidence.limits import IMAGES, Limit, Thresholds


def judge(found: Comparison, bar: Thresholds = IMAGES) -> list[Check]:
    """The checks of nb-compare; it passes when all are ok. A NaN or None is never ok; None is blocked."""
    # Light over none, and peaks without any pair, are differences, though no numbers.
    ratio = math.inf if found.sum_ratio is None and found.sum_b else found.sum_ratio
    distance = found.peaks.get("mean_distance_px")
    if distance is None and (found.peaks.get("count_a") or found.peaks.get("count_b")):
        distance = math.inf
    rows = [
        ("correlation", found.correlation, Limit(">=", bar.correlation)),
        ("sum_ratio", ratio, Limit("range", bar.sum_ratio)),
        ("mean_distance_px", distance, Limit("<=", bar.mean_distance_px, unit="px")),
        ("nonfinite_a", float(found.nonfinite_a), Limit("<=", 0.0, unit="pixels")),
        ("nonfinite_b", float(found.nonfinite_b), Limit("<=", 0.0, unit="pixels")),
    ]
    return [
        judged("nb-compare", name, value, limit, found.reasons.get(name), "summary.json")
        for name, value, limit in rows
    ]

"""Whether two images are alike enough: the metrics against thresholds, in a way that NaN fails."""

from collections.abc import Callable
from dataclasses import dataclass

from evidence.images.metrics import Comparison


@dataclass(frozen=True)
class Thresholds:
    """The field's own bar for float32 images; the goals of the gates are far tighter."""

    correlation: float = 0.9999
    sum_ratio: tuple[float, float] = (0.999, 1.001)
    mean_distance_px: float = 1.0


@dataclass(frozen=True)
class Check:
    """One metric against its threshold."""

    name: str
    measured: float | None
    comparison: str  # ">=", "<=", "range"
    threshold: float | tuple[float, float]
    ok: bool
    reason: str | None = None


def judge(found: Comparison, bar: Thresholds = Thresholds()) -> list[Check]:
    """The checks of nb-compare; it passes when all are ok. A NaN or None is never ok."""
    low, high = bar.sum_ratio
    distance = found.peaks.get("mean_distance_px")
    rows: list[tuple[str, float | None, str, float | tuple[float, float], Callable[[float], bool]]] = [
        ("correlation", found.correlation, ">=", bar.correlation, lambda v: v >= bar.correlation),
        ("sum_ratio", found.sum_ratio, "range", bar.sum_ratio, lambda v: low <= v <= high),
        ("mean_distance_px", distance, "<=", bar.mean_distance_px, lambda v: v <= bar.mean_distance_px),
        ("nonfinite_a", float(found.nonfinite_a), "<=", 0.0, lambda v: v <= 0),
        ("nonfinite_b", float(found.nonfinite_b), "<=", 0.0, lambda v: v <= 0),
    ]
    return [
        Check(name, value, how, limit, value is not None and test(value), found.reasons.get(name))
        for name, value, how, limit, test in rows
    ]

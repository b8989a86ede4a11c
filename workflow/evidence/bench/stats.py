"""Medians, spread and fits of repeated timings."""

import math
from collections.abc import Sequence

import numpy as np

from evidence.records import Record


def summary(values: Sequence[float]) -> Record:
    """Median, quartiles, their distance (IQR), extremes and count; all None without a value."""
    if not values:
        return {**dict.fromkeys(("median", "q1", "q3", "iqr", "least", "most")), "count": 0}
    q1, median, q3 = (float(x) for x in np.quantile(np.asarray(values, dtype=np.float64), (0.25, 0.5, 0.75)))
    return {
        "median": median,
        "q1": q1,
        "q3": q3,
        "iqr": q3 - q1,
        "least": float(min(values)),
        "most": float(max(values)),
        "count": len(values),
    }


def ratio(slow: Sequence[float], fast: Sequence[float]) -> Record:
    """Ratio of the medians, quartiles of the ratios round by round; None unless all times are positive."""
    if not slow or not fast or min(*slow, *fast) <= 0:
        return {"ratio": None, "q1": None, "q3": None}
    each = summary([a / b for a, b in zip(slow, fast, strict=False)])
    return {"ratio": float(np.median(slow) / np.median(fast)), "q1": each["q1"], "q3": each["q3"]}


def power(work: Sequence[float], seconds: Sequence[float]) -> Record:
    """Fit seconds = factor * work^exponent (least squares of the logarithms); decades that work spans.

    None for exponent and factor unless there are two different amounts of work and all times are positive.
    """
    good = len(work) == len(seconds) and len(set(work)) > 1 and all(x > 0 for x in (*work, *seconds))
    if not good:
        return {"exponent": None, "factor": None, "decades": None}
    exponent, offset = np.polyfit(np.log(np.asarray(work)), np.log(np.asarray(seconds)), 1)
    return {
        "exponent": float(exponent),
        "factor": float(math.exp(offset)),
        "decades": math.log10(max(work) / min(work)),
    }

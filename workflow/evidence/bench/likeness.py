"""Speed counts only where the image is the same: C's float image against the one in the worker."""

from pathlib import Path
from typing import Any

import numpy as np


def likeness(c_image: Path, py_image: Path) -> dict[str, Any]:
    """Share of pixels whose float32 are identical, and the largest relative difference."""
    py = np.load(py_image)
    c = np.fromfile(c_image, dtype="<f4")
    if c.size != py.size:
        return {"identical_share": None, "max_rel_diff": None, "reason": "the images differ in size"}
    c, py = c.astype(np.float64), py.ravel().astype(np.float64)
    if not (np.isfinite(c).all() and np.isfinite(py).all()):
        return {"identical_share": None, "max_rel_diff": None, "reason": "an image holds no finite number"}
    gap = np.abs(py - c)
    scale = np.maximum(np.abs(c), np.finfo(np.float32).tiny)
    return {
        "identical_share": float(np.mean(c == py)),
        "max_rel_diff": float((gap / scale).max()),
        "reason": None,
    }

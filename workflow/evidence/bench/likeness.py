"""Speed counts only where the image is the same: C's float image against the one in the worker."""

from pathlib import Path

import numpy as np

from evidence.images.metrics import agreement


def likeness(c_image: Path, py_image: Path) -> dict[str, float | str | None]:
    """Share of pixels whose float32 are identical, and the largest relative difference."""
    py = np.load(py_image)
    c = np.fromfile(c_image, dtype="<f4")
    if c.size != py.size:
        return {"identical_share": None, "max_rel_diff": None, "reason": "the images differ in size"}
    c = c.reshape(py.shape)
    if not (np.isfinite(c).all() and np.isfinite(py).all()):
        return {"identical_share": None, "max_rel_diff": None, "reason": "an image holds no finite number"}
    share, relative = agreement(c, py)
    return {"identical_share": share, "max_rel_diff": relative, "reason": None}

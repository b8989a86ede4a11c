"""Read a detector image from any of the files the engines and their users have.

Images are 2-D arrays, slow axis first, in photons per pixel (float files) or counts (SMV).
Raw files are little-endian float32 without a header, so their shape must be told.
"""

import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.errors import InputError

Image = NDArray[Any]  # 2-D, slow x fast, any real dtype
SMV_START = re.compile(rb"\{\s*HEADER_BYTES=")


def read_image(path: Path, shape: tuple[int, int] | None = None) -> Image:
    """The image in `path`: .npy, .npz (its only array), SMV, else raw float32 of `shape` (slow, fast)."""
    try:
        with path.open("rb") as handle:
            start = handle.read(64)
    except OSError as problem:
        raise InputError(path, "a readable file", repr(problem.strerror)) from None
    if start.startswith(b"\x93NUMPY"):
        image = _load_numpy(path)
    elif start.startswith(b"PK\x03\x04"):
        image = _only_array(path)
    elif SMV_START.match(start):
        image = _read_smv(path)
    else:
        return _read_raw(path, shape)
    if image.ndim != 2 or image.size == 0:
        raise InputError(path, "a 2-D image", f"an array of shape {image.shape}")
    if image.dtype.kind not in "fiub":
        raise InputError(path, "real numbers", f"dtype {image.dtype}")
    if shape is not None and image.shape != shape:
        raise InputError(path, f"an image of {shape[0]} x {shape[1]}", f"{image.shape[0]} x {image.shape[1]}")
    return image


def smv_shape(path: Path) -> tuple[int, int]:
    """(slow, fast) from an SMV header alone: right even where nanoBragg's text overruns its 512 bytes."""
    try:
        with path.open("rb") as handle:
            header = handle.read(1024)
    except OSError as problem:
        raise InputError(path, "a readable file", repr(problem.strerror)) from None
    sizes = [re.search(rb"\bSIZE%d=\s*(\d+)\s*;" % axis, header) for axis in (1, 2)]
    if not SMV_START.match(header) or sizes[0] is None or sizes[1] is None:
        raise InputError(path, "an SMV header with SIZE1 and SIZE2", repr(header[:16]))
    return int(sizes[1][1]), int(sizes[0][1])


def resample(image: Image, shape: tuple[int, int]) -> NDArray[np.float64]:
    """`image` on a grid of `shape` over the same area, photons kept: each pixel is shared out by overlap."""
    rows = _overlap(image.shape[0], shape[0])
    columns = _overlap(image.shape[1], shape[1])
    spread: NDArray[np.float64] = rows @ (columns @ np.asarray(image, np.float64).T).T
    return spread


def _overlap(old: int, new: int) -> Any:
    """Sparse new x old matrix: the share of old cell j that lies in new cell i. Columns sum to 1."""
    from scipy.sparse import csr_array  # noqa: PLC0415 (only --resample needs it)

    edges = np.unique(np.concatenate([np.arange(old + 1) / old, np.arange(new + 1) / new]))
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-12])]  # i/old and j/new equal but for rounding
    edges[-1] = 1.0
    middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    i, j = np.floor(middle * new).astype(int), np.floor(middle * old).astype(int)
    return csr_array((width * old, (i, j)), shape=(new, old))


def _load_numpy(path: Path) -> Image:
    try:
        with path.open("rb") as handle:
            return np.asarray(np.load(handle, allow_pickle=False))
    except (ValueError, EOFError, OSError) as problem:
        raise InputError(path, "a whole .npy file", f"{_first_line(problem)!r}") from None


def _only_array(path: Path) -> Image:
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
            if len(archive.files) != 1:
                raise InputError(path, "one array in the .npz file", f"{len(archive.files)}")
            return np.asarray(archive[archive.files[0]])
    except InputError:
        raise
    except (ValueError, EOFError, OSError, KeyError, zipfile.BadZipFile) as problem:
        raise InputError(path, "a whole .npz file", f"{_first_line(problem)!r}") from None


def _read_smv(path: Path) -> Image:
    import fabio  # noqa: PLC0415 (slow to import; most comparisons are of raw files)
    from fabio.dtrekimage import DtrekImage  # noqa: PLC0415

    # A shortened file makes fabio pad with zeros and only log it: that would compare as a dim image.
    slow, fast = smv_shape(path)
    try:
        image = np.asarray(DtrekImage().read(str(path)).data)
    except (OSError, ValueError, KeyError, AssertionError, fabio.fabioutils.NotGoodReader) as problem:
        raise InputError(path, "an SMV image", f"{_first_line(problem)!r}") from None
    if image.shape != (slow, fast) or path.stat().st_size < image.nbytes:
        raise InputError(path, f"{slow} x {fast} SMV pixels", f"{path.stat().st_size} bytes")
    return image


def _read_raw(path: Path, shape: tuple[int, int] | None) -> Image:
    if shape is None:
        raise InputError(path, "a shape (--shape SLOW FAST) for a file without a header", "none")
    size = path.stat().st_size
    if min(shape) < 1 or size != 4 * shape[0] * shape[1]:
        text = f"{4 * shape[0] * shape[1]} bytes for {shape[0]} x {shape[1]} float32 pixels"
        raise InputError(path, text, size)
    return np.fromfile(path, dtype="<f4").reshape(shape)


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:120]

"""Of frames that are nearly equal, keep one whole and the others by what they differ in, bit for bit.

frame.npz holds the float32 words of an image XOR those of the reference, plane by plane of their bytes: equal
pixels take no room. frame.json names the reference and has the hashes of the files that stood there.
"""

import io
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence.errors import InputError
from evidence.images.imagefile import Image, read_image, smv_shape
from evidence.images.roi_image import FLOAT_IMAGE, INTEGER_IMAGE
from evidence.store import atomic
from evidence.store.hashes import file_hash

WORDS, RECORD = "frame.npz", "frame.json"


def pack(folder: Path, reference: Path) -> str:
    """Replace the images in `folder` by their difference from those in `reference`; returns what was done.

    Both are folders beside each other. Whatever cannot be read back to the same bytes stays as it is.
    """
    whole, integer = folder / FLOAT_IMAGE, folder / INTEGER_IMAGE
    if not whole.is_file() or not integer.is_file():
        return f"{folder.name}: no whole frame"
    try:
        shape = smv_shape(integer)
        image, first = (read_image(path, shape) for path in (whole, reference / FLOAT_IMAGE))
    except InputError as problem:
        return f"{folder.name}: the frame stays as it is: {problem}"
    planes = (_words(image) ^ _words(first)).view(np.uint8).reshape(-1, 4).T
    array = io.BytesIO()
    np.savez_compressed(array, planes=np.ascontiguousarray(planes))
    record = {
        "kind": "packed_frame",
        "schema": 1,
        "shape": list(shape),
        "reference": f"../{reference.name}/{FLOAT_IMAGE}",
        "sha256": {path.name: file_hash(path) for path in (whole, integer)},
    }
    atomic.write_bytes(folder / WORDS, array.getvalue())
    atomic.write_json(folder / RECORD, record)
    if frame(folder).tobytes() != image.astype("<f4", copy=False).tobytes():
        raise InputError(folder / WORDS, "the image bit for bit", "another")
    for path in (whole, integer):
        path.unlink()
    return f"{folder.name}: {array.tell()} bytes instead of {image.nbytes}"


def packed(folder: Path) -> bool:
    """Whether the frame in `folder` is kept by its difference alone."""
    return (folder / RECORD).is_file() and not (folder / FLOAT_IMAGE).is_file()


def frame(folder: Path) -> Image:
    """The whole frame; InputError if a part of it is missing or damaged."""
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        shape = (int(record["shape"][0]), int(record["shape"][1]))
        reference = folder / str(record["reference"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InputError(path, "shape and reference of a frame", f"'{problem}'") from None
    planes, first = read_image(folder / WORDS), read_image(reference, shape)
    words = np.ascontiguousarray(planes.T.astype(np.uint8)).view("<u4").ravel()
    if words.size != first.size:
        raise InputError(folder / WORDS, f"{first.size} pixels", str(words.size))
    return (words ^ _words(first)).view("<f4").reshape(shape)


def _words(image: Image) -> NDArray[np.uint32]:
    return np.ascontiguousarray(image, "<f4").view("<u4").ravel()

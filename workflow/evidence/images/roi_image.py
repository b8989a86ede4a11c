"""Of a frame of which only a region was rendered, keep the region: the rest is zero, and that is checked.

region.npy holds the pixels (slow, fast, photons); region.json where they lie, and the hashes of the whole
files, so that a repeated run can be held against them.
By hand: `python -m evidence.region --schema 2 x0 x1 y0 y1`.
"""

import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evidence.cases.roi import Roi
from evidence.errors import InputError
from evidence.images.imagefile import Image, read_image, smv_shape
from evidence.store import atomic
from evidence.store.hashes import file_hash

SCHEMA = 2
PIXELS, RECORD = "region.npy", "region.json"
FLOAT_IMAGE, INTEGER_IMAGE = "floatimage.bin", "intimage.img"


def keep(
    folder: Path, roi: Roi, write: Callable[[Path, bytes], object] = atomic.write_bytes, schema: int = SCHEMA
) -> str:
    """Replace the frame in `folder` by its region; returns what was done, or why the frame stays.

    Schema 1 says no kind: bundles of before are repeated with it, and their bytes come out the same.
    """
    whole, integer = folder / FLOAT_IMAGE, folder / INTEGER_IMAGE
    try:
        frame = read_image(whole, smv_shape(integer))
    except InputError as problem:
        return f"the frame stays as it is: {problem}"
    roi = Roi(*roi)
    rest = frame.copy()
    rest[roi.cut] = 0
    if not roi.fits(frame.shape) or rest.any():  # NaN counts as something
        return "the frame stays as it is: there is something outside the region"
    record = {
        **({"kind": "roi_image"} if schema > 1 else {}),
        "schema": schema,
        "shape": list(frame.shape),
        "roi": list(roi),
        "outside": "every pixel is 0",
        "sha256": {path.name: file_hash(path) for path in (whole, integer)},
    }
    array = io.BytesIO()
    np.save(array, np.ascontiguousarray(frame[roi.cut]))
    write(folder / PIXELS, array.getvalue())
    write(folder / RECORD, atomic.encode_json(folder / RECORD, record))
    for path in (whole, integer):
        path.unlink()
    return f"region kept: {roi.shape[1]} x {roi.shape[0]} of {frame.shape[1]} x {frame.shape[0]} pixels"


def clear(folder: Path) -> None:
    """Remove what an earlier run left."""
    for name in (PIXELS, RECORD):
        (folder / name).unlink(missing_ok=True)


def frame(folder: Path) -> Image | None:
    """The whole frame that a region stands for, None if there is no region in `folder`."""
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        slow, fast = record["shape"]
        roi = Roi(*record["roi"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InputError(path, "shape and roi of a region", f"'{problem}'") from None
    pixels = read_image(folder / PIXELS, roi.shape)
    whole = np.zeros((slow, fast), pixels.dtype)
    whole[roi.cut] = pixels
    return whole


def main(argv: Sequence[str]) -> int:
    """In the folder of a run, in a copy of a bundle; status 2 if the arguments are no region."""
    schema = SCHEMA if list(argv[:2]) == ["--schema", str(SCHEMA)] else 1
    argv = argv[2:] if schema > 1 else argv
    if len(argv) != 4 or not all(word.isdigit() for word in argv):
        print(f"error: command line: expected x0 x1 y0 y1, got '{' '.join(argv)}'", file=sys.stderr)
        return 2
    print(keep(Path(), Roi(*map(int, argv)), Path.write_bytes, schema))
    return 0

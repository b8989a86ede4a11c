"""What one engine made of one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence.engines.arguments import last_values
from evidence.errors import InputError
from evidence.images.imagefile import read_image, smv_shape

Picture = NDArray[np.float32]
PICTURED = ("image", "agreement")  # of what a case expects: those with an image to compare
FEWEST = {True: 2, False: 1}  # engines that a case must run in, with an image to compare and without
SHAPED = "quirks that shaped this image: "


def is_compared(expect: str, verdicts: Sequence[str]) -> bool:
    """Whether enough engines ran for the case to prove anything."""
    return sum(verdict != "absent" for verdict in verdicts) >= FEWEST[expect in PICTURED]


@dataclass(frozen=True)
class Outcome:
    """`status`: ok, refused (exit status 2, one line), failed, blocked, absent."""

    status: str
    reason: str = ""
    exit_code: int | None = None
    said: str = ""  # standard output, then standard error
    picture: Picture | None = None
    written: tuple[str, ...] = ()
    wall_s: float = 0.0
    peak_rss_bytes: int = 0

    @property
    def quirks(self) -> list[str] | None:
        """Quirks that shaped the image; None from an engine that does not say."""
        for line in self.said.splitlines():
            if line.startswith(SHAPED):
                names = line.removeprefix(SHAPED)
                return [] if names == "none" else names.split(", ")
        return None


def read_picture(folder: Path, arguments: list[str]) -> Picture | str:
    """The float image in the shape that the integer image's header names, or why there is none."""
    floats = folder / (last_values(arguments, "-floatfile") or ("floatimage.bin",))[0]
    header = folder / (last_values(arguments, "-intfile") or ("intimage.img",))[0]
    try:
        return read_image(floats, smv_shape(header)).astype("<f4")
    except InputError as problem:
        return str(problem).replace(f"{folder}/", "")


def finished(
    folder: Path, arguments: list[str], before: set[str], code: int, said: str, wall_s: float, peak: int,
    expect: str,
) -> Outcome:  # fmt: skip
    """The outcome of a run that came to an end by itself."""
    written = tuple(sorted({path.name for path in folder.iterdir()} - before))
    last = (said.strip().splitlines() or [""])[-1][:300]
    picture: Picture | None = None
    status, reason = "ok", ""
    if code == 2:
        status, reason = "refused", last
    elif code != 0:
        status, reason = "failed", f"exit status {code}: {last}"
    elif expect in PICTURED:
        found = read_picture(folder, arguments)
        if isinstance(found, str):
            status, reason = "failed", found
        else:
            picture = found
    return Outcome(status, reason, code, said, picture, written, wall_s, peak)

"""Where nanoBragg departs from its own intent, as a page: what, on which command line, and how much.

    python -m simulator.deviations FOLDER

writes DEVIATIONS.md and the files that its command lines name into the folder. The sizes are computed.
"""

import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from simulator.compiled.simulation import simulate
from simulator.files.disk import write_bytes
from simulator.formats.experiment_file import parse
from simulator.rendering.quirks import NAMES

PAGE = "DEVIATIONS.md"
BASE = "-cell 80 70 60 90 95 90 -default_F 100 -N 5 -distance 60 -detpixels 24 -pixel 0.5 -misset 4 5 6"
BOX = range(-5, 6)  # indices of the reflections
FILES = {
    "box.hkl": "".join(f"{h} {k} {m} {90 + 9 * h - 5 * k * m}\n" for h, k, m in product(BOX, BOX, BOX)),
    "beam.txt": "# X Y Z (m) weight wavelength (m)\n-10 0 0 3 1e-10\n-10 0.05 0 1 1.02e-10\n",
}


@dataclass(frozen=True)
class Deviation:
    """A quirk, what it does, and what to add to `BASE` to see it."""

    quirk: str
    effect: str
    arguments: str


@dataclass(frozen=True)
class Size:
    """How much the switch changes an image: share of its pixels, the largest change, sums on over off."""

    changed: float
    largest: float  # of the brightest pixel of the two
    sums: float


DEVIATIONS = (
    Deviation(
        "phi-carryover",
        "where phi is exactly 0 the crystal keeps the orientation of the evaluation before",
        "-osc 0.9 -phisteps 3",
    ),
    Deviation(
        "running-sum",
        "factors recomputed for every subpixel multiply the whole sum so far, not the new term",
        "-oversample 2 -oversample_omega",
    ),
    Deviation(
        "last-layer",
        "every layer of the sensor counts with the last one's capture fraction",
        "-detector_abs 300 -detector_thick 450 -thicksteps 3",
    ),
    Deviation(
        "interp-latch",
        "the first evaluation outside the box of reflections ends interpolation for the rest of the image",
        "-hkl box.hkl -interpolate",
    ),
    Deviation("flat-weights", "weights of sources are read and ignored", "-sourcefile beam.txt"),
    Deviation(
        "pix0-derived",
        "a corner of the first pixel given is ignored: beam centre and distance place the detector",
        "-pix0_vector_mm 61 6 -6",
    ),
    Deviation(
        "water-twice",
        "the background of water is scaled by fluence twice, and averaged like a reflection",
        "-water 20 -fluence 1e22",
    ),
    Deviation(
        "misset-90rad", "random missets are not uniform: 90 degrees are taken as radians", "-misset random"
    ),
    Deviation(
        "raw-axis",
        "the 2theta axis turns the detector at the length given, which distorts it",
        "-twotheta 9 -twotheta_axis 0 -2 0.5",
    ),
    Deviation(
        "blank-sensor",
        "a sensor that absorbs nothing, or has no thickness, counts nothing: the image is black",
        "-detector_abs inf -detector_thick 300",
    ),
    Deviation(
        "cstar-z",
        "a triclinic cell is not the one asked for: one component of c* is wrong",
        "-cell 70 80 90 75 85 95",
    ),
    Deviation(
        "early-interpolate",
        "whether to interpolate is settled before sizes are turned into cells",
        "-hkl box.hkl -N 1 -xtalsize 0.00003 -pixel 0.1",
    ),
    Deviation(
        "unlit-polar",
        "beyond the resolution limit the background is multiplied by a polarization factor of 0",
        "-water 30 -dmin 8 -fluence 1e24",
    ),
    Deviation(
        "nopolar-undone",
        "-oversample_polar computes what -nopolar had switched off",
        "-nopolar -oversample_polar",
    ),
)
# What both engines do otherwise than nanoBragg in either mode.
OURS = (
    "Flags are whole words. nanoBragg looks for pieces of words: its `-misset_seed` is a `-misset` too.",
    "Seeds of 0 or less are refused: nanoBragg's generator then depends on what was drawn before.",
    "`-osc 0` with `-phistep` is refused: nanoBragg makes no phi step and writes an image of NaN.",
    "Noise follows the same statistics, but other random numbers.",
)


def measure(deviation: Deviation, folder: Path) -> Size:
    """Render with the quirk on and off, all others as nanoBragg has them; the folder holds `FILES`."""
    experiment = parse(f"{BASE} {deviation.arguments}".split(), folder)
    on, off = (simulate(experiment, quirks=f"{sign}{deviation.quirk}").numpy() for sign in "+-")
    brightest = max(float(np.abs(on).max()), float(np.abs(off).max()))
    return Size(
        float((on != off).mean()),
        float(np.abs(on - off).max()) / brightest,
        float(on.sum()) / float(off.sum()),
    )


def write_files(folder: Path) -> None:
    """The files that the command lines name."""
    for name, text in FILES.items():
        write_bytes(folder / name, text.encode())


def page() -> str:
    """The page, in Markdown. Raises KeyError for a quirk without a row."""
    rows = {deviation.quirk: deviation for deviation in DEVIATIONS}
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name))
        lines = [_row(rows[quirk], measure(rows[quirk], Path(name))) for quirk in NAMES]
    return "\n".join([HEAD, *lines, "", FOOT, "", *(f"- {text}" for text in OURS), ""])


def _row(deviation: Deviation, size: Size) -> str:
    shown = f"{size.changed:.0%} | {size.largest:.3g} | {size.sums:.4g}"
    return f"| `{deviation.quirk}` | {deviation.effect} | `{deviation.arguments}` | {shown} |"


HEAD = f"""# Where nanoBragg departs from its intent

Written by `python -m simulator.deviations FOLDER`, which also writes the files named here. Both engines do
all of this with `--mode c-parity`, none of it with `--mode spec`; `--quirks -NAME` takes one away. To see a
row, run

    nanobragg-torch {BASE} ARGUMENTS

with and without `--quirks -NAME`. Sizes: share of the pixels that change, largest change as a share of the
brightest pixel, and the sum of the image with the quirk over that without.

| quirk | effect | arguments | pixels | largest | sums |
|---|---|---|---|---|---|"""
FOOT = """## What both engines do otherwise than nanoBragg, in either mode"""


def main() -> int:
    """Write the page and its files into the folder named."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("error: command line: expected a folder to write to", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    write_files(folder)
    write_bytes(folder / PAGE, page().encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())

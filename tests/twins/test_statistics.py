"""What both engines say of an odd image: one pixel, NaN, nothing positive, given photons."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.both import Done, run_both
from tests.twins.conftest import Pair

SMALL = "-cell 70 80 90 -default_F 1 -N 5 -detpixels 4 -pixel 1 -oversample 1 -nonoise -nopgm"
NUMBER = r"= ?(\S+)"
ODD = {
    "one pixel": "-roi 3 3 3 3",
    "two pixels": "-roi 2 3 3 3",
    "not a number": "-lambda 1e-300",
    "nothing positive": "-twotheta 180",
}


def told(done: Done) -> list[str]:
    """max_I, mean, rms, rmsd."""
    names = ("max_I ", "mean", "rms", "rmsd")
    found = [re.search(rf"\b{name} ?{NUMBER}", done.out) for name in names]
    return [each[1].rstrip(";").replace("-nan", "nan") for each in found if each]


@pytest.mark.parametrize("flags", ODD.values(), ids=ODD)
def test_statistics_are_the_same(flags: str, pair: Pair) -> None:
    both = pair(f"{SMALL} {flags}")
    assert told(both.py) == told(both.c)
    assert len(told(both.c)) == 4
    assert both.py.file("intimage.img") == both.c.file("intimage.img")


def test_one_pixel_counts_as_two(pair: Pair) -> None:
    """n is at least 2: the root mean square of one pixel is the pixel."""
    largest, mean, rms, rmsd = told(pair(f"{SMALL} -roi 3 3 3 3").c)
    assert largest == mean == rms
    assert rmsd == "0"


def test_only_the_region_of_given_photons_counts(engine: Path, tmp_path: Path) -> None:
    """max_I and the scale of the integer image are the region's, not the file's."""
    photons = {"p.bin": np.arange(16, dtype="<f4").tobytes()}
    words = f"{SMALL} --photons p.bin -roi 0 1 0 1".split()
    both = run_both(engine, words, tmp_path / "run", files=photons)
    assert told(both.py)[0] == told(both.c)[0] == "5"
    assert "scaled by 11000" in both.py.out
    assert "intfile_scale = 11000" in both.c.out
    assert both.py.file("intimage.img") == both.c.file("intimage.img")

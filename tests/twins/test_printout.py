"""-printout and -printout_pixel. Oracles: the C engine, byte for byte; nanoBragg's own block."""

import re

import pytest

from tests.helpers.engine import read_cases
from tests.helpers.places import GOLDEN
from tests.twins.conftest import Pair

BLOCK = re.compile(r"^ *\d+ +\d+ : stol = .*\n(?:.*\n){13}", re.MULTILINE)
SMALL = "-cell 50 60 70 90 90 90 -N 3 -detpixels 9 -pixel 0.8"
SEEN = 9 * 9
CASES = {
    f"{SMALL} -default_F 10 -printout_pixel 3 7": 1,
    f"{SMALL} -default_F 10 -printout -printout_pixel 3 7 -oversample 2 -osc 1 -phisteps 3 -mosaic 1": SEEN
    + 1,
    f"{SMALL} -hkl half.hkl -interpolate -default_F 9 -printout -oversample 1 -xds": SEEN,
    f"{SMALL} -hkl half.hkl -default_F 9 -round_xtal -dmin 9 -printout --mode spec -phi -1 -osc 2": SEEN,
    f"{SMALL} -default_F 9 -gauss_xtal -detector_thick 300 -thicksteps 3 -roi 2 4 1 3 -printout": 9,
    "-cell 50 60 70 -default_F 9 -N 2 -mask mask.img -roi 22 30 16 19 -printout -curved_det": 4,  # of 36
    f"{SMALL} -default_F 9 -misset 90 0 90 -sourcefile sources3.txt -printout -oversample 2": SEEN,
}


@pytest.mark.parametrize("arguments", CASES)
def test_both_engines_print_the_same(arguments: str, pair: Pair) -> None:
    """Byte for byte, and as many pixels as were asked for."""
    both = pair(f"{arguments} -nonoise -nopgm")
    assert (both.c.status, both.py.status, both.c.err, both.py.err) == (0, 0, "", "")
    blocks = BLOCK.findall(both.c.out)
    assert len(blocks) == CASES[arguments]
    assert BLOCK.findall(both.py.out) == blocks


def test_trace_only_prints_and_renders_nothing(pair: Pair) -> None:
    """A printout needs no image."""
    both = pair(f"{SMALL} -default_F 10 -printout_pixel 3 7 --trace-only")
    assert both.c.out == both.py.out
    assert both.py.file("floatimage.bin") is None


def test_nanobraggs_block(pair: Pair) -> None:
    """Pixel 52 40 of the stock binary's run, letter for letter."""
    stock = BLOCK.findall((GOLDEN / "stock_stdout.txt").read_text())
    case = read_cases()["triclinic_misset"]["args"]
    both = pair(f"{case} -oversample 1 -printout_pixel 52 40 -nonoise -nopgm")
    assert len(stock) == 1
    assert BLOCK.findall(both.py.out) == stock

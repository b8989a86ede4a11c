"""Any bytes in any input file: taken alike, or refused in the same printable line. Never a traceback."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.helpers.bad_input import GOOD, smv
from tests.helpers.both import run_both
from tests.twins.conftest import Pair

PLAIN = "-cell 50 60 70 90 90 90 -default_F 10 -N 3 -oversample 1 --trace-only"
KEYS = b"PIXEL_SIZE=0.1;\nDISTANCE=100;\nWAVELENGTH=1;\nBEAM_CENTER_X=0.4;\nOSC_RANGE=1;\nBYTE_ORDER=x;\n"
# arguments that read the file `f`, and a good one
KINDS = {
    "matrix": (
        "-default_F 10 -N 3 -detpixels 4 -oversample 1 --trace-only -mat f",
        b".01 0 0\n0 .02 0\n0 0 .03\n",
    ),
    "reflections": (
        f"{PLAIN} -detpixels 4 -hkl f",
        b"0 0 0 5\n# no\n1 -2 3 4.5e1\n\n 0 1 0 1\r\n-1 -1 -1 .5\n",
    ),
    "sources": (f"{PLAIN} -detpixels 4 -sourcefile f", b"-10 0 0 1 1e-10\n# no\n-10 .1\n\n-9 0 .1 2\n"),
    "table": (f"{PLAIN} -detpixels 4 -stol f", b"0 10\n.1 9 extra # no\n\n"),
    "image": (f"{PLAIN} -img f", smv(KEYS)),
    "mask": (f"{PLAIN} -mask f", smv(KEYS)),
    "cache": (f"{PLAIN} -detpixels 4 -dump f", b"-1 0 0 1 0 0\n\f" + bytes(8 * 3 * 3 * 2)),
}
WORDS = (
    b"0 -0 +1 -1 1.5 1. .5 . 1e0 1e 1e999 1e-999 -1e308 9999999999 2147483648 1000001 nan inf 0x10 1_0 "
    b"{ } ; = # \x00 \xff \xc2\x85 \x0b \x0c \r \x1c \n \n\n \t -- +-1 1-2 \xe2\x88\x921"
).split(b" ")
WORDS += [b" ", b"", b"7" * 64, b"0" * 70 + b"1", b"x" * 50]


@st.composite
def spoiled(draw: st.DrawFn, good: bytes) -> bytes:
    """A good file with a few pieces replaced by nasty words, perhaps cut short; now and then mere bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=80))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(good)))
        good = good[:start] + draw(st.sampled_from(WORDS)) + good[start + draw(st.integers(0, 4)) :]
    return good[: draw(st.integers(0, len(good)))] if draw(st.booleans()) else good


@pytest.mark.parametrize("kind", KINDS)
def test_any_file(kind: str, engine: Path) -> None:
    """Both engines take the good file; of a spoiled one they say the same."""
    arguments, good = KINDS[kind]
    statuses = []

    @seed(20261121)
    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(content=spoiled(good))
    def check(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            both = run_both(engine, arguments.split(), Path(folder), files={"f": content})
            assert (both.c.status, both.c.err) == (both.py.status, both.py.err)
            assert both.py.status in (0, 2)
            assert all(line.isprintable() for line in both.py.err.splitlines())
            assert both.py.status == 0 or both.py.err.startswith("error: ")
            statuses.append(both.py.status)

    with tempfile.TemporaryDirectory() as folder:
        both = run_both(engine, arguments.split(), Path(folder), files={"f": good})
        assert (both.c.status, both.c.err, both.py.status, both.py.err) == (0, "", 0, "")
    check()
    assert set(statuses) == {0, 2}  # some are refused, some still taken


@pytest.mark.parametrize("flag", ["-mat", "-hkl", "-sourcefile", "-img", "-mask", "-dump", "-stol"])
def test_unreadable_file(flag: str, pair: Pair, engine: Path, tmp_path: Path) -> None:
    """Without permission to read: one line. Root may read everything, so for root a name too long to open."""
    if os.geteuid() == 0:
        name, reason = "n" * 300, "File name too long"
        both = pair(f"{GOOD} {flag} {name}")
    else:
        name, reason = "locked", "Permission denied"
        both = run_both(engine, [*GOOD.split(), flag, name], tmp_path, files={name: b"1 2 3"}, mode=0)
    for done in (both.c, both.py):
        message = f"error: {flag} {name}: expected a readable file, got '{reason}'\n"
        assert (done.status, done.out, done.err) == (2, "", message)

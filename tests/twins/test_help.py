"""-help of both engines: the same rows, then those of the PyTorch engine alone."""

import pytest

from simulator.commandline.flags import FLAGS, TORCH_FLAGS
from tests.twins.conftest import Pair


@pytest.mark.parametrize("flag", ["-help", "--help", "-h"])
def test_help(flag: str, pair: Pair) -> None:
    """Byte for byte below the title."""
    both = pair(f"-N 2 {flag}")
    assert (both.c.status, both.py.status, both.c.err, both.py.err) == (0, 0, "", "")
    c, py = (done.out.split("\n\n", 1)[1].splitlines() for done in (both.c, both.py))
    assert len(c) == len(FLAGS)
    assert py[: len(c)] == c
    assert [line.split()[0] for line in py[len(c) :]] == [row.names[0] for row in TORCH_FLAGS]

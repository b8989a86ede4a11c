"""How many cells a search begins with, and how it goes on."""

import itertools

import pytest

from simulator.refinement.stages import cells_of_stages


@pytest.mark.parametrize("finest", [12.0, 36.0, 100.0])
def test_cells_grow_step_by_step(finest: float) -> None:
    """From spots as broad as twice the expected shift, by 1.8 times at most, up to the crystal itself."""
    cells = cells_of_stages(0.1, finest)
    assert cells[0] == pytest.approx(5.0)
    assert all(1.0 < b / a <= 1.8 + 1e-9 for a, b in itertools.pairwise([*cells, finest]))
    assert cells_of_stages(0.1, finest, eager=2.0)[0] == pytest.approx(2.5)


def test_a_start_that_overlaps_needs_no_stages() -> None:
    assert cells_of_stages(0.01, 10.0) == []
    assert cells_of_stages(0.0, 10.0) == []

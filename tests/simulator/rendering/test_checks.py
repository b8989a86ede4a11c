"""An experiment that there cannot be is one line that names its field, and never an image."""

import time
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import jacrev, vmap

from simulator import Crystal, Detector, Experiment, Reflections, Sampling, simulate
from simulator.errors import InputError
from simulator.rendering.checks import check

F64 = torch.float64
SIXTEEN = "0 <= xmin <= xmax <= 15 and 0 <= ymin <= ymax <= 15"
GOOD = Experiment(
    crystal=Crystal(cell=(70.0, 80.0, 90.0, 90.0, 90.0, 120.0), default_F=10.0, n_cells=(5, 5, 5)),
    detector=Detector(shape=(16, 16), pixel_size=1e-3),
    sampling=Sampling(oversample=1),
)
BAD = (
    ("crystal.shape", "sphere", "square or round or gauss or tophat, got 'sphere'"),
    ("crystal.shape", "Round", "square or round or gauss or tophat, got 'Round'"),
    ("detector.convention", "foo", "mosflm or denzo or adxv or xds or dials or custom, got 'foo'"),
    ("detector.pivot", "foo", "beam or sample, got 'foo'"),
    ("sampling.roi", (-1, 3, 0, 15), f"{SIXTEEN}, got -1 3 0 15"),
    ("sampling.roi", [(0, 3, 0, 15), (0, 16, 0, 15)], f"{SIXTEEN}, got 0 16 0 15"),
    ("sampling.mask", torch.ones(16, 8), "16 x 16 pixels, as the detector's, got 16 x 8"),
    ("sampling.oversample", -1, "an integer >= 1, got -1"),
    ("detector.layers", 0, "an integer >= 1, got 0"),
    ("goniometer.phisteps", 0, "an integer >= 1, got 0"),
    ("crystal.misset_seed", 0, "an integer >= 1, got 0"),
    ("crystal.mosaic_seed", -5, "an integer >= 1, got -5"),
    ("crystal.mosaic_domains", 1.5, "an integer >= 1, got 1.5"),
    ("crystal.n_cells", (0, 5, 5), "three numbers > 0, got 0 5 5"),
    ("crystal.cell", (70, 80, 90, 120, 120, 120), "a cell of non-zero volume, got 70 80 90 120 120 120"),
    ("crystal.cell", (-7, 80, 90, 90, 90, 90), "a cell of non-zero volume, got -7 80 90 90 90 90"),
    ("crystal.cell", (70, 80, 90), "a cell of non-zero volume, got 70 80 90"),
    ("crystal.a_star", torch.ones(3, 3), "three vectors that span a cell, got 1 1 1 1 1 1 1 1 1"),
    ("crystal.misset", (1.0, 2.0), "three numbers, got 1 2"),
    ("crystal.misset", torch.ones(4), "three numbers, got 1 1 1 1"),
    ("crystal.reflections", Reflections(torch.ones(3, 3), (0, 0, 0)), "data (nh, nk, nl) and the three"),
    ("detector.distance", -0.1, "a number > 0, got -0.1"),
    ("detector.fast", (0, 0, 0), "a vector of non-zero length, got 0 0 0"),
    ("detector.size", (0.1, -1.0), "two sides > 0 or None, got"),
    ("beam.wavelength", 0, "a number > 0, got 0"),
    ("beam.wavelength", torch.tensor(float("nan"), requires_grad=True), "a number > 0, got nan"),
    ("beam.wavelength", None, "a number > 0, got 'None'"),
    ("beam.sources", torch.zeros(0, 5), "rows x, y, z, weight, wavelength > 0, got torch.float32 (0, 5)"),
    ("beam.hdiv", (0.0, 0.0, 0), "range, step or None, and an integer >= 1, got 0 0 0"),
)


def put(name: str, value: object) -> Experiment:
    """The good experiment with another value of a field."""
    part, field = name.split(".")
    changed: Any = {part: replace(getattr(GOOD, part), **{field: value})}
    return replace(GOOD, **changed)


@pytest.mark.parametrize(("name", "value", "said"), BAD, ids=[f"{i}-{row[0]}" for i, row in enumerate(BAD)])
def test_what_cannot_be(name: str, value: object, said: str) -> None:
    with pytest.raises(InputError) as caught:
        simulate(put(name, value))
    assert str(caught.value).startswith(f"{name}: expected {said}")


@pytest.mark.parametrize(
    ("name", "value"),
    [("beam.water_size", -1e-6), ("crystal.mosaic_spread", -1e-6), ("crystal.n_cells", (0.999, 1.0, 1.0))],
)
def test_a_difference_may_step_beyond(name: str, value: object) -> None:
    """Derivatives at 0, or of a crystal of one cell, are compared with steps to both sides."""
    check(put(name, value))


def test_a_mask_of_a_turned_detector() -> None:
    """As many pixels, but others."""
    turned = put("detector.shape", (8, 16))
    with pytest.raises(InputError, match=r"sampling.mask: expected 8 x 16 pixels.*got 16 x 8"):
        simulate(replace(turned, sampling=Sampling(mask=torch.ones(16, 8))))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"dtype": torch.int32}, "dtype: expected torch.float64 or torch.float32, got 'torch.int32'"),
        ({"compile": "foo"}, "compile: expected auto or on or off, got 'foo'"),
        ({"device": "foo"}, "device: expected a device that torch has here, got 'foo'"),
        ({"device": "meta"}, "device: expected a device that torch has here, got 'meta'"),
    ],
)
def test_how_it_cannot_be_simulated(how: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        simulate(GOOD, **how)
    assert str(caught.value) == said


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # of torch itself
def test_under_transforms() -> None:
    """Numbers that are mapped over are judged one by one; a cell of them is taken as it is."""

    def passed(x: Tensor) -> Tensor:
        cell = (x, x, x, *(torch.full_like(x, 90.0),) * 3)
        check(put("crystal.cell", cell))
        check(put("beam.wavelength", x))
        return x * x

    lengths = torch.tensor([50.0, 60.0], dtype=F64)
    assert torch.equal(vmap(passed)(lengths), lengths * lengths)
    assert torch.equal(vmap(jacrev(passed))(lengths), 2 * lengths)
    with pytest.raises(InputError, match=r"^crystal\.cell: "):
        vmap(passed)(torch.tensor([50.0, -60.0], dtype=F64))


def test_it_costs_next_to_nothing() -> None:
    """A small frame takes some milliseconds."""
    best = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        check(GOOD)
        best = min(best, time.perf_counter() - began)
    assert best < 1e-3

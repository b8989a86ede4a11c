"""Ranges whose steps follow from them, and what is told where there is no derivative."""

import warnings
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import hessian, jacfwd

from evidence.gradients.small_experiments import changed, plain, rich
from simulator import Experiment, simulate

F64 = torch.float64


def slope(make: Any, start: float) -> Tensor:
    """Derivative of the image by a number."""
    x = torch.tensor(start, dtype=F64)
    found: Tensor = torch.autograd.functional.jacobian(lambda t: simulate(make(t)), x)  # type: ignore[no-untyped-call]
    return found


def turning(osc: Tensor, step: Any) -> Experiment:
    return changed(rich("square"), goniometer={"osc": osc, "phistep": step})


def absorbing(thickness: Tensor, layer: Any) -> Experiment:
    return changed(rich("square"), detector={"thickness": thickness, "layer_thickness": layer})


def spread(name: str, count: int) -> Any:
    def make(size: Tensor, step: Any) -> Experiment:
        return changed(rich("square"), beam={name: (size, step, count)})

    return make


@pytest.mark.filterwarnings("ignore:.* has no gradient of its own")  # of the range beside its step
@pytest.mark.parametrize(
    ("make", "start", "parts"),
    [
        (turning, 1.0, 2),
        (absorbing, 4e-4, 2),
        (spread("hdiv", 3), 3e-3, 2),
        (spread("vdiv", 2), 2e-3, 1),
        (spread("dispersion", 2), 1e-3, 1),
    ],
)
def test_a_range_alone_moves_its_steps(make: Any, start: float, parts: int) -> None:
    """As the command line has it: the image and its derivative are those of both made of one number."""
    alone, both = slope(lambda t: make(t, None), start), slope(lambda t: make(t, t / parts), start)
    assert float(both.abs().max()) > 0
    assert torch.equal(alone, both)
    step = 1e-4 * start
    with torch.no_grad():
        up, down = (simulate(make(torch.tensor(start + s, dtype=F64), None)) for s in (step, -step))
    assert torch.allclose(alone, (up - down) / (2 * step), rtol=1e-6, atol=1e-7 * float(alone.abs().max()))


@pytest.mark.parametrize(
    ("part", "name", "start", "words"),
    [
        ("goniometer", "osc", 1.0, "phistep is given"),
        ("detector", "thickness", 4e-4, "layer_thickness is given"),
        ("beam", "hdiv", 3e-3, "its step is given and stays"),
    ],
)
def test_beside_a_step_it_is_told_once(part: str, name: str, start: float, words: str) -> None:
    """One warning that says why, also in spec."""
    given = {"osc": {"phistep": 0.5}, "thickness": {"layer_thickness": 2e-4}, "hdiv": {}}[name]
    size = torch.tensor(start, dtype=F64, requires_grad=True)
    value: Any = (size, 1e-3, 3) if name == "hdiv" else size
    experiment = changed(rich("square"), **{part: {name: value, **given}})
    for mode in ("c-parity", "spec"):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            simulate(experiment, mode=mode)
        (warning,) = told
        assert str(warning.message).startswith(f"{part}.{name} has no gradient of its own: {words}")


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # of torch itself
def test_forward_mode_twice_is_refused() -> None:
    """It would be 0; forward over reverse gives the second derivative."""

    def brightness(x: Tensor) -> Tensor:
        base = plain("square")
        return simulate(replace(base, detector=replace(base.detector, distance=x))).sum()

    x = torch.tensor(0.05, dtype=F64)
    with pytest.raises(NotImplementedError, match=r"expected reverse mode inside, as torch.func.hessian"):
        jacfwd(jacfwd(brightness))(x)
    step = 1e-6
    slopes = [float(slope_of(brightness, float(x) + s)) for s in (step, -step)]
    assert float(hessian(brightness)(x)) == pytest.approx((slopes[0] - slopes[1]) / (2 * step), rel=1e-4)


def slope_of(function: Any, at: float) -> Tensor:
    """Derivative of a number by a number."""
    x = torch.tensor(at, dtype=F64, requires_grad=True)
    return torch.autograd.grad(function(x), x)[0]

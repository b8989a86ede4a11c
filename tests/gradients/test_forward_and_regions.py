"""Forward mode, batches and sub-regions of an image."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.func import jacfwd, jacrev, jvp, vmap

from simulator import simulate, simulate_many
from simulator.errors import InputError
from tests.gradients.test_whole_images import placed

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # of torch itself
F64 = torch.float64
START = torch.tensor([31.0, 3.0, -5.0, 50.0], dtype=F64)


@pytest.mark.parametrize("shape", ["square", "round", "gauss"])
def test_forward_mode(shape: str) -> None:
    """jvp, jacfwd and duals give what reverse mode gives."""

    def image(x: Tensor) -> Tensor:
        return simulate(placed(x, shape))

    wanted: Tensor = torch.autograd.functional.jacobian(image, START)  # type: ignore[no-untyped-call]
    assert float(wanted.abs().max()) > 0
    close = {"rtol": 1e-9, "atol": 1e-9 * float(wanted.abs().max())}
    direction = torch.ones_like(START)
    assert torch.allclose(jvp(image, (START,), (direction,))[1], wanted.sum(-1), **close)
    assert torch.allclose(jacfwd(image)(START), wanted, **close)
    assert torch.allclose(jacrev(image)(START), wanted, **close)
    with forward_ad.dual_level():
        dual = image(forward_ad.make_dual(START, direction))  # type: ignore[no-untyped-call]
        tangent = forward_ad.unpack_dual(dual).tangent  # type: ignore[no-untyped-call]
    assert torch.allclose(tangent, wanted.sum(-1), **close)


def test_batches() -> None:
    """vmap over cell, orientation and distance, and a list of experiments, are images one by one."""
    many = torch.stack([START, START + 0.01, START - 0.3])

    def image(x: Tensor) -> Tensor:
        return simulate(placed(x, "square"))

    one_by_one = torch.stack([image(x) for x in many])
    assert torch.allclose(vmap(image)(many), one_by_one, rtol=1e-12)
    assert torch.equal(simulate_many([placed(x, "square") for x in many]), one_by_one)
    assert torch.allclose(vmap(jacrev(image))(many)[1], jacrev(image)(many[1]), rtol=1e-9)
    wide = placed(START, "square")
    wide = replace(wide, detector=replace(wide.detector, shape=(4, 3)))
    with pytest.raises(ValueError, match="one shape"):
        simulate_many([wide, placed(START, "square")])


def test_regions() -> None:
    """Several boxes and any list of pixels have the values, and gradients, that the whole image has there."""
    x = START.clone().requires_grad_()
    experiment = placed(x, "square")
    whole = simulate(experiment)
    boxes = [(0, 1, 0, 0), (1, 2, 0, 1), (0, 0, 2, 2)]
    image = simulate(replace(experiment, sampling=replace(experiment.sampling, roi=boxes)))
    inside = torch.tensor([[1, 1, 1], [0, 1, 1], [1, 0, 0]], dtype=F64)
    assert torch.equal(image, whole * inside)
    pixels = torch.tensor([[2, 1], [0, 0], [1, 2], [0, 0]])
    values = simulate(experiment, pixels=pixels)
    assert torch.equal(values, whole[pixels[:, 0], pixels[:, 1]])
    one, other = (
        torch.autograd.grad(v.sum(), x, retain_graph=True)[0]
        for v in (values, whole[pixels[:, 0], pixels[:, 1]])
    )
    assert torch.allclose(one, other, rtol=1e-12)


def test_pixels_within_regions() -> None:
    """A pixel outside the boxes, or that the mask hides, is 0; one outside the image is refused."""
    experiment = placed(START, "square")
    whole = simulate(experiment)
    mask = torch.ones(experiment.detector.shape, dtype=torch.int32)
    mask[1, 2] = 0
    part = replace(experiment, sampling=replace(experiment.sampling, roi=[(0, 2, 0, 1)], mask=mask))
    pixels = torch.tensor([[0, 1], [1, 2], [2, 0]])
    assert torch.equal(simulate(part, pixels=pixels), whole[[0, 1, 2], [1, 2, 0]] * torch.tensor([1.0, 0, 0]))
    assert simulate(part, pixels=pixels[:0]).shape == (0,)
    assert torch.equal(simulate(part, pixels=pixels[1:]), torch.zeros(2, dtype=F64))
    for slow, fast in ((3, 0), (0, 3), (-1, 0)):
        with pytest.raises(ValueError, match=r"pixels: expected slow and fast below 3 and 3, got \["):
            simulate(experiment, pixels=torch.tensor([[0, 0], [slow, fast]]))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32])
def test_pixels_of_small_integers(dtype: torch.dtype) -> None:
    """Raster indices, and the sides of the image, are more than these types hold."""
    wide = placed(START, "square")
    wide = replace(wide, detector=replace(wide.detector, shape=(400, 400)))
    pixels = torch.tensor([[100, 15], [2, 1], [127, 127]])
    assert torch.equal(simulate(wide, pixels=pixels.to(dtype)), simulate(wide, pixels=pixels))


@pytest.mark.parametrize(
    "pixels",
    [
        torch.tensor([[1.5, 2.0]]),
        torch.tensor([[float("nan"), 0.0]]),
        torch.tensor([[True, False]]),
        torch.tensor([1, 2]),
        torch.tensor([[1, 2, 0]]),
    ],
)
def test_pixels_are_pairs_of_integers(pixels: Tensor) -> None:
    """Neither halves nor NaN are a pixel, nor are three numbers."""
    with pytest.raises(InputError, match=r"^pixels: expected integers \(n, 2\), got torch"):
        simulate(placed(START, "square"), pixels=pixels)


def test_the_cost_of_pixels_is_theirs_and_not_the_images() -> None:
    """An image of a hundred gigabytes, of which five pixels are asked for, with their gradient."""
    x = START.clone().requires_grad_()
    wide = placed(x, "square")
    wide = replace(wide, detector=replace(wide.detector, shape=(120_000, 120_000)))
    values = simulate(wide, pixels=torch.tensor([[119_999, 7], [0, 0], [1, 2], [60_000, 2], [1, 1]]))
    assert torch.autograd.grad(values.sum(), x)[0].isfinite().all()
    assert values.shape == (5,)

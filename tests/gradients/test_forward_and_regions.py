"""Forward mode, batches and sub-regions of an image."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.func import jacfwd, jacrev, jvp, vmap

from simulator import simulate, simulate_many
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

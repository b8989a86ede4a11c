"""Three-vectors. Oracle: the C library's correctly rounded root."""

import math

import torch

from simulator.physics.vectors import root, unit


def test_root_is_correctly_rounded() -> None:
    """To the last bit over the whole range; torch.sqrt alone is not."""
    generator = torch.Generator().manual_seed(7)
    spread = (torch.rand(100_000, generator=generator, dtype=torch.float64) - 0.5) * 1200.0
    for numbers in (torch.exp(spread), torch.rand(100_000, generator=generator, dtype=torch.float64)):
        exact = torch.tensor([math.sqrt(number) for number in numbers.tolist()], dtype=torch.float64)
        assert torch.equal(root(numbers), exact)
    edges = [0.0, 1.0, math.inf, 1e308, 2e-308]
    assert root(torch.tensor(edges, dtype=torch.float64)).tolist() == [math.sqrt(edge) for edge in edges]
    assert torch.isnan(root(torch.tensor([-1.0, math.nan], dtype=torch.float64))).all()


def test_root_has_torchs_slopes() -> None:
    """First and second derivatives."""
    numbers = torch.tensor([0.3, 1.0005, 7.0, 1e6], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(root, (numbers,))
    assert torch.autograd.gradgradcheck(root, (numbers,))


def test_unit_divides_by_the_length() -> None:
    """A vector whose length torch.sqrt gets wrong by one ulp."""
    length = math.sqrt(1.0 * 1.0 + 0.01 * 0.01 + 0.02 * 0.02)
    assert unit(torch.tensor([1.0, 0.01, 0.02], dtype=torch.float64)).tolist() == [
        1.0 / length,
        0.01 / length,
        0.02 / length,
    ]

"""Slopes of the factors at and around every point where their formulas lose digits, against 50 digits."""

import math

import mpmath
import pytest
import torch
from torch import Tensor
from torch.func import hessian, jacfwd, jacrev, vmap

from simulator.physics.derivatives import SMOOTH, flat_ray_slopes, intensity_slopes, light_slopes
from simulator.physics.detector import Frame
from simulator.physics.lattice import lattice_axis, lattice_reduced, lattice_round, sinc3, sincg
from simulator.physics.polarization import polarization_factor, polarization_form
from simulator.physics.ray import Panel, Place, trace_ray
from simulator.physics.rng import Ran1, mosaic_rotation
from simulator.physics.scattering import Shape, scatter_at
from simulator.physics.structure import make_table
from simulator.physics.vectors import unit

F64 = torch.float64
NEAR = (0.0, 1e-12, 1e-9, 1e-7, 1e-5, 1e-3, 0.1, 0.3, 0.499)
CELLS = (1, 2, 3, 8, 36, 1000)


def number(value: float) -> Tensor:
    """A scalar that asks for its gradient."""
    return torch.tensor(value, dtype=F64, requires_grad=True)


def exact_slope(n: int, dh: float, order: int = 1) -> float:
    """Derivative of sin(pi n h)/sin(pi h) at h in 60 digits."""
    with mpmath.workdps(60):
        at = mpmath.mpf(dh) + (mpmath.mpf(10) ** -25 if dh == 0 else 0)
        return float(
            mpmath.diff(lambda h: mpmath.sin(n * mpmath.pi * h) / mpmath.sin(mpmath.pi * h), at, order)
        )


@pytest.mark.parametrize("cancels", [True, False])
@pytest.mark.parametrize("n", CELLS)
def test_slope_of_an_axis(n: int, cancels: bool) -> None:
    """First and second derivative by h, near 0 and near other whole indices, one cell included."""
    for whole in (0, 1, 20):
        for dh in (*NEAR, *(-x for x in NEAR)):
            h = number(whole + dh)
            exact = float(h.detach()) - whole
            (slope,) = torch.autograd.grad(lattice_axis(h, number(n), cancels), h, create_graph=True)
            (bend,) = torch.autograd.grad(slope, h)
            sign = -1.0 if whole * (n - 1) % 2 else 1.0
            wanted = 0.0 if n == 1 else sign * exact_slope(n, exact)
            assert float(slope.detach()) == pytest.approx(wanted, rel=1e-9, abs=1e-9 * n), (whole, dh)
            wanted = 0.0 if n == 1 else sign * exact_slope(n, exact, 2)
            assert float(bend) == pytest.approx(wanted, rel=1e-7, abs=1e-8 * n**2), (whole, dh)


@pytest.mark.parametrize("n", CELLS)
def test_slope_by_cells(n: int) -> None:
    """Of F_latt^2 by N: the change that one more cell makes, as a smooth function of N at h - h0."""
    for whole, dh in ((0, 0.01 / n), (7, 0.2 / n), (-13, 0.45 / n), (20, 0.0)):
        cells = number(n)
        value = lattice_axis(torch.tensor(whole + dh, dtype=F64), cells, False)
        (slope,) = torch.autograd.grad(value * value, cells)
        with mpmath.workdps(40):
            at = mpmath.mpf(dh) + mpmath.mpf(10) ** -18
            wanted = mpmath.diff(
                lambda m, x=at: (mpmath.sin(mpmath.pi * m * x) / mpmath.sin(mpmath.pi * x)) ** 2, n
            )
        assert float(slope) == pytest.approx(float(wanted), rel=1e-6, abs=1e-9)


def test_values_are_those_without_gradient() -> None:
    """The value is C's to the last bit whether or not its slope is asked for."""
    h = torch.linspace(-20.7, 20.9, 501, dtype=F64)
    n = torch.tensor(36.0, dtype=F64)
    with torch.inference_mode():
        plain = lattice_axis(h, n, True), sincg(h, n), sinc3(h)
    asked = h.clone().requires_grad_()
    for value, same in zip((lattice_axis(asked, n, True), sincg(asked, n), sinc3(asked)), plain, strict=True):
        assert torch.equal(value.detach(), same)


def test_spec_values_lose_no_digits() -> None:
    """Near whole indices and at the beam centre; C's formulas do."""
    n = torch.tensor(36.0, dtype=F64)
    for dh in (1e-12, 1e-9, 1e-6):
        h = torch.tensor(20 + dh, dtype=F64)
        exact = 36 - float(h - 20) ** 2 * math.pi**2 * 36 * (36**2 - 1) / 6
        assert float(lattice_axis(h, n, False)) == pytest.approx(exact, rel=1e-13)  # 20 x 35 turns: even
        x = torch.tensor(dh, dtype=F64)
        assert float(sinc3(x, False)) == pytest.approx(1.0, abs=1e-12)
    assert float(sinc3(torch.tensor(1e-9, dtype=F64))) == 0.0  # as C has it


@pytest.mark.parametrize("x", [0.0, 1e-9, 1e-7, 1e-4, 0.01, 0.49, 0.51, 1.9, 2.1, 4.4934, 30.0])
def test_slope_of_a_sphere(x: float) -> None:
    """sinc3 and its first two derivatives."""
    at = number(x)
    (slope,) = torch.autograd.grad(sinc3(at), at, create_graph=True)
    (bend,) = torch.autograd.grad(slope, at)
    with mpmath.workdps(60):
        point = mpmath.mpf(x) + (mpmath.mpf(10) ** -12 if x == 0 else 0)
        wanted = [
            float(mpmath.diff(lambda t: 3 * (mpmath.sin(t) / t - mpmath.cos(t)) / t**2, point, order))
            for order in (1, 2)
        ]
    assert float(slope.detach()) == pytest.approx(wanted[0], rel=1e-10, abs=1e-12)
    assert float(bend) == pytest.approx(wanted[1], rel=1e-9, abs=1e-11)


def test_a_round_crystal_at_its_lattice_point() -> None:
    """dh = 0: no slope, no NaN, also a second time."""
    dh = torch.zeros(3, dtype=F64, requires_grad=True)
    value = lattice_round(dh.unbind(), torch.tensor([3.0, 4.0, 5.0], dtype=F64), torch.tensor(0.9, dtype=F64))
    (slope,) = torch.autograd.grad(value, dh, create_graph=True)
    assert torch.equal(slope, torch.zeros(3, dtype=F64))
    (bend,) = torch.autograd.grad(slope.sum(), dh)
    assert bool((bend < 0).all())


@pytest.mark.parametrize("shift", [0.0, 1e-12, 1e-8, 1e-4, 0.3])
def test_polarization_at_the_beam(shift: float) -> None:
    """At and around 2theta = 0 the slopes are those of a polynomial in the directions."""
    incident, normal = torch.tensor([1.0, 0.0, 0.0], dtype=F64), torch.tensor([0.0, 0.1, 1.0], dtype=F64)
    angles = torch.tensor([shift, shift / 3], dtype=F64, requires_grad=True)
    kahn = torch.tensor(0.8, dtype=F64, requires_grad=True)

    def along(x: Tensor) -> Tensor:
        return unit(torch.stack((torch.ones_like(x[0]), x[0], x[1])))

    def factor(x: Tensor, k: Tensor) -> Tensor:
        return polarization_factor(k, incident, along(x), unit(normal))

    slopes = torch.autograd.grad(factor(angles, kahn), (angles, kahn), create_graph=True)
    form = polarization_form(kahn.detach(), incident, unit(normal))
    wanted = torch.autograd.grad(0.5 * (1 + along(angles) @ form @ along(angles)), angles)[0]
    assert torch.allclose(slopes[0], wanted, rtol=1e-9, atol=1e-12)
    assert bool(torch.isfinite(torch.autograd.grad(slopes[0].sum(), angles)[0]).all())


def test_mosaic_slope_is_not_rounded() -> None:
    """The angle of a domain is rounded to single precision, its slope is not."""
    spread = number(0.01)
    turn = mosaic_rotation(Ran1(3), spread)
    found = torch.autograd.grad(turn[0, 1], spread)[0]
    step = 1e-3
    with torch.no_grad():
        up, down = (mosaic_rotation(Ran1(3), torch.tensor(0.01 + s, dtype=F64))[0, 1] for s in (step, -step))
    assert float(found) == pytest.approx(float((up - down) / (2 * step)), rel=1e-4)
    with torch.no_grad():
        assert torch.equal(turn.detach(), mosaic_rotation(Ran1(3), spread.detach()))


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # of torch itself
def test_transforms_of_an_axis() -> None:
    """Forward mode, vmap and a Hessian of the factor agree with reverse mode."""
    h, n = torch.linspace(-1.3, 1.4, 7, dtype=F64), torch.tensor(5.0, dtype=F64)

    def factor(x: Tensor, cells: Tensor) -> Tensor:
        return lattice_axis(x, cells, True)

    for argument in (0, 1):
        assert torch.allclose(jacfwd(factor, argument)(h, n), jacrev(factor, argument)(h, n))
    assert torch.allclose(vmap(factor, (0, None))(h, n), factor(h, n))
    assert torch.allclose(hessian(factor)(h[1], n), jacrev(jacrev(factor))(h[1], n))


@pytest.mark.parametrize("dtype", [F64, torch.float32])
@pytest.mark.parametrize("name", SMOOTH)
def test_closed_slopes_of_an_intensity(name: str, dtype: torch.dtype) -> None:
    """What derivative kernels are compiled from, against automatic differentiation."""
    generator = torch.Generator().manual_seed(0)
    h = [(torch.rand(200, dtype=F64, generator=generator) * 8 - 4).requires_grad_() for _ in range(3)]
    default = torch.tensor(1.0, dtype=F64)
    table = make_table(torch.rand(12, 12, 12, dtype=F64, generator=generator), (-5, -5, -5), default)
    n, fudge = torch.tensor([3.0, 4.0, 5.0], dtype=F64, requires_grad=True), number(0.9)
    star = torch.eye(3, dtype=F64) * 0.03 + 0.001
    weight = torch.rand(200, dtype=F64, generator=generator)
    value = scatter_at((h[0], h[1], h[2]), Shape(name, n, fudge, star, False), table, default, False, dtype)
    wanted = torch.autograd.grad((value.intensity * weight).sum(), [*h, n, fudge], allow_unused=True)
    plain = Shape(name, n.detach(), fudge.detach(), star, False)
    at = h[0].detach(), h[1].detach(), h[2].detach()
    by_hkl, by_cells, by_fudge, _ = intensity_slopes(at, plain, table, default, weight, dtype)
    close = 1e-12 if dtype == F64 else 2e-6
    for one, other in zip((*by_hkl, torch.stack([x.sum() for x in by_cells])), wanted, strict=False):
        assert other is not None
        assert float((one - other).abs().max()) <= close * float(other.abs().max())
    if wanted[4] is not None:
        assert float(by_fudge.sum()) == pytest.approx(float(wanted[4]), rel=10 * close)


def panel(values: list[Tensor], point_pixel: bool) -> Panel:
    """A flat panel from its pixel size, layer thickness and frame."""
    return Panel(Frame(*values[2:]), values[0], values[1], None, False, point_pixel)


@pytest.mark.parametrize("point_pixel", [False, True])
def test_closed_slopes_of_a_ray(point_pixel: bool) -> None:
    """Pixel size, layer thickness and frame, against automatic differentiation."""
    generator = torch.Generator().manual_seed(2)
    sizes = [(), (), (3,), (3,), (3,), (3,), (3,), (), (), (), (), (), ()]
    values = [(torch.rand(s, dtype=F64, generator=generator) + 0.2).requires_grad_() for s in sizes]
    one = torch.ones((), dtype=F64)
    place = Place(torch.arange(50), 7 * one, 2 * one, 1 * one, 2 * one, 3 * one)
    ray = trace_ray(panel(values, point_pixel), place)
    by_d, by_omega = (
        torch.rand(3, 50, dtype=F64, generator=generator),
        torch.rand(50, dtype=F64, generator=generator),
    )
    total = (ray.diffracted.T * by_d).sum() + (ray.omega * by_omega).sum()
    wanted = torch.autograd.grad(total, values, allow_unused=True)
    still = [value.detach() for value in values]
    pixel, thickness, frame = flat_ray_slopes(panel(still, point_pixel), place, by_d, by_omega)
    for found, other in zip((pixel, thickness, *frame), wanted, strict=True):
        assert torch.allclose(
            found, torch.zeros_like(found) if other is None else other, rtol=1e-10, atol=1e-12
        )


def test_closed_slopes_of_light() -> None:
    """Direction, incident beam and wavelength, against automatic differentiation."""
    generator = torch.Generator().manual_seed(3)
    d = unit(torch.rand(40, 3, dtype=F64, generator=generator)).T.contiguous().requires_grad_()
    incident, wavelength = torch.tensor([0.6, 0.8, 0.0], dtype=F64, requires_grad=True), number(1.3)
    form = torch.rand(3, 3, dtype=F64, generator=generator)
    form = (form + form.T).requires_grad_()
    q = (d - incident[:, None]) / wavelength
    polar = 0.5 * (1 + (d * (form @ d)).sum(0))
    by_q, by_polar = (
        torch.rand(3, 40, dtype=F64, generator=generator),
        torch.rand(40, dtype=F64, generator=generator),
    )
    total = (q * by_q).sum() + (polar * by_polar).sum()
    inputs = d, incident, wavelength, form
    wanted = torch.autograd.grad(total, inputs)
    found = light_slopes(*(x.detach() for x in inputs), by_q, by_polar)
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, rtol=1e-10, atol=1e-12)


def test_reduced_axes_in_single_precision() -> None:
    """float32 has the slopes of float64, to its precision, also next to a lattice point."""
    n = torch.tensor([36.0, 2.0, 1.0], dtype=torch.float32)
    for dh in NEAR:
        at = torch.tensor(dh, dtype=torch.float32, requires_grad=True)
        (a, _, _), _ = lattice_reduced((at, at, at), n)
        (slope,) = torch.autograd.grad(a, at)
        wanted = exact_slope(36, float(at.detach()))
        assert float(slope) == pytest.approx(wanted, rel=1e-4, abs=1e-2)

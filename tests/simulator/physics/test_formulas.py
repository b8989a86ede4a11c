"""Physics kernels against independent statements: mpmath, geometry, printed figures."""

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.physics.cell import direct_cell, reciprocal_from_cell
from simulator.physics.lattice import lattice_round, sinc3, sincg
from simulator.physics.polarization import polarization_factor
from simulator.physics.rng import Ran1, axis_matrix, mosaic_rotation
from simulator.physics.rotations import carryover_index, random_misset
from simulator.physics.steps import mosaic_steps, phi_steps, range_steps, thick_steps
from simulator.physics.structure import block_inside, lookup, make_table, tricubic
from simulator.physics.vectors import cross, dot, norm, rotate_axis, rotate_xyz, unit

F64 = torch.float64
finite = st.floats(-40, 40, allow_nan=False)


def tensor(*values: float) -> torch.Tensor:
    """Numbers in float64."""
    return torch.tensor(values, dtype=F64)


@settings(max_examples=200, deadline=None)
@given(finite, st.integers(1, 60))
def test_sincg_against_mpmath(h: float, n: int) -> None:
    """Grating function in 40 digits at the very same x; near whole h both sines lose the same digits."""
    x = math.pi * h
    with mpmath.workdps(40):
        sine = mpmath.sin(mpmath.mpf(x))
        exact = float(mpmath.sin(mpmath.mpf(x * n)) / sine) if sine else float(n)
    assert float(sincg(tensor(x), tensor(n))[0]) == pytest.approx(exact, rel=1e-13, abs=1e-13)


def test_sincg_and_sinc3_at_zero() -> None:
    """The limits, and a slope of zero there."""
    x = tensor(0.0).requires_grad_()
    assert float(sincg(x, tensor(47.0)).detach()) == 47.0
    assert float(sinc3(x).detach()) == 1.0
    (slope,) = torch.autograd.grad((sincg(x, tensor(47.0)) + sinc3(x)).sum(), x)
    assert float(slope) == 0.0


def test_sincg_wrong_sign_is_seen() -> None:
    """The comparison above can fail: sin(n x)/sin(-x) is far off."""
    x = tensor(0.3)
    assert float(torch.sin(5 * x) / torch.sin(-x)) != pytest.approx(float(sincg(x, tensor(5.0))), rel=1e-3)


def test_sinc3_against_mpmath() -> None:
    """Solid sphere in 40 digits; the subtraction loses digits as x goes to 0."""
    for x in (0.01, 0.5, 3.0, 4.4934, 20.0):
        with mpmath.workdps(40):
            exact = float(3 * (mpmath.sin(x) / x - mpmath.cos(x)) / mpmath.mpf(x) ** 2)
        assert float(sinc3(tensor(x))) == pytest.approx(exact, rel=1e-9, abs=1e-13)


def test_round_crystal_is_round() -> None:
    """Equal distances in cells times N give equal factors, whatever the axis."""
    n = torch.tensor([5.0, 10.0, 20.0], dtype=F64)
    shifts = torch.diag(0.8 / n)
    factors = lattice_round(shifts.unbind(-1), n, tensor(1.0))
    assert float(factors.max() - factors.min()) == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(*[st.floats(20, 200)] * 3, st.floats(60, 120))
def test_monoclinic_round_trip(a: float, b: float, c: float, be: float) -> None:
    """Lengths and angles of the direct vectors are those given; a.a* = 1, a.b* = 0; V = a.(b x c)."""
    cell = torch.cat((tensor(a, b, c), torch.deg2rad(tensor(90.0, be, 90.0))))
    direct, star, v_star = direct_cell(reciprocal_from_cell(cell, cstar_z=True), cell)
    np.testing.assert_allclose(norm(direct), [a, b, c], rtol=1e-12)
    cosines = [
        dot(direct[i], direct[j]) / norm(direct[i]) / norm(direct[j]) for i, j in ((1, 2), (0, 2), (0, 1))
    ]
    np.testing.assert_allclose(np.degrees(np.arccos(cosines)), [90.0, be, 90.0], rtol=1e-9)
    np.testing.assert_allclose(direct @ star.T, np.eye(3), atol=1e-12)
    assert float(dot(direct[0], cross(direct[1], direct[2]))) == pytest.approx(float(1 / v_star), rel=1e-9)


def test_triclinic_cell_is_nanobraggs() -> None:
    """What nanoBragg prints for 70 80 90 75 85 95: stock_stdout.txt, its angles off by 0.04 degrees."""
    cell = torch.cat((tensor(70.0, 80.0, 90.0), torch.deg2rad(tensor(75.0, 85.0, 95.0))))
    direct, _, v_star = direct_cell(reciprocal_from_cell(cell, cstar_z=True), cell)
    cosines = [
        dot(direct[i], direct[j]) / norm(direct[i]) / norm(direct[j]) for i, j in ((1, 2), (0, 2), (0, 1))
    ]
    np.testing.assert_allclose(np.degrees(np.arccos(cosines)), [75.0391, 85.0136, 95.0081], rtol=1e-6)
    assert float(1 / v_star) == pytest.approx(481811, abs=0.5)


def test_rotations_are_right_handed() -> None:
    """x turns to y about z, y to z about x, z to x about y; x before y before z."""
    quarter = torch.tensor(math.pi / 2, dtype=F64)
    x, y, z = torch.eye(3, dtype=F64)
    np.testing.assert_allclose(rotate_axis(x, z, quarter), y, atol=1e-15)
    np.testing.assert_allclose(rotate_axis(y, x, quarter), z, atol=1e-15)
    np.testing.assert_allclose(rotate_axis(z, y, quarter), x, atol=1e-15)
    np.testing.assert_allclose(rotate_xyz(y, torch.stack([quarter, quarter, 0 * quarter])), x, atol=1e-15)


def test_axis_matrix_agrees_with_rodrigues() -> None:
    """Two ways to the same rotation."""
    axis, angle = unit(tensor(1.0, -2.0, 0.5)), torch.tensor(0.7, dtype=F64)
    v = tensor(0.3, 0.1, -2.0)
    np.testing.assert_allclose(axis_matrix(axis, angle) @ v, rotate_axis(v, axis, angle), rtol=1e-14)


def test_ran1_is_the_minimal_standard() -> None:
    """Park and Miller's own check: from seed 1 the 10000th state is 1043618065."""
    generator = Ran1(1)
    generator.state = 1
    for _ in range(10000):
        generator._next()
    assert generator.state == 1043618065


def test_deviates_are_uniform() -> None:
    """Kolmogorov-Smirnov over 5000 deviates; 1.95/sqrt(n) is the 0.1 % point."""
    generator = Ran1(4242)
    drawn = np.sort([float(generator.draw()) for _ in range(5000)])
    distance = np.abs(drawn - np.arange(1, 5001) / 5000).max()
    assert distance < 1.95 / math.sqrt(5000)


def test_mosaic_rotation_angle_is_bounded() -> None:
    """No domain turns further than the spread."""
    generator = Ran1(7)
    spread = torch.tensor(0.02, dtype=F64)
    for _ in range(200):
        turn = mosaic_rotation(generator, spread)
        angle = math.acos(min((float(torch.trace(turn)) - 1) / 2, 1.0))
        assert angle <= 0.02 * (1 + 1e-6)


def test_spec_misset_is_uniform_over_rotations() -> None:
    """KS over 2000 seeds: the angle of a uniform rotation has density (1 - cos t)/pi; the quirk's has not."""
    like = torch.tensor(0.0, dtype=F64)

    def distance(quirk: bool) -> float:
        angles = []
        for seed in range(1, 2001):
            turn = rotate_xyz(torch.eye(3, dtype=F64), random_misset(seed, quirk, like))
            angles.append(math.acos(max(-1.0, min(1.0, (float(torch.trace(turn)) - 1) / 2))))
        t = np.sort(angles)
        return float(np.abs((t - np.sin(t)) / math.pi - np.arange(1, 2001) / 2000).max())

    assert distance(quirk=False) < 1.95 / math.sqrt(2000)
    assert distance(quirk=True) > 1.95 / math.sqrt(2000)


def test_polarization_limits() -> None:
    """Forward: 1. Unpolarized: (1 + cos^2 2theta)/2. Fully polarized, along the field: cos^2; across: 1."""
    incident, normal = tensor(0.0, 0.0, 1.0), tensor(1.0, 0.0, 0.0)
    angle = 0.6
    c, s = math.cos(angle), math.sin(angle)
    along, across = tensor(s, 0.0, c), tensor(0.0, s, c)

    def factor(kahn: float, d: torch.Tensor) -> float:
        return float(polarization_factor(torch.tensor(kahn, dtype=F64), incident, d, normal))

    assert factor(0.9, incident) == pytest.approx(1.0)
    assert factor(0.0, along) == pytest.approx((1 + c * c) / 2)
    assert {round(factor(1.0, d), 9) for d in (along, across)} == {round(c * c, 9), 1.0}


def test_carryover_index() -> None:
    """A step at exactly 0 keeps the step before; step 0 the last one; all zero: unrotated."""
    assert carryover_index([0.0, 1.0, 2.0]) == [2, 1, 2]
    assert carryover_index([-1.0, 0.0, 1.0]) == [0, 0, 2]
    assert carryover_index([0.0, 0.0]) == [None, None]
    assert carryover_index([0.0, 1.0, 0.0]) == [1, 1, 1]
    assert carryover_index([1.0, 2.0]) == [0, 1]


@pytest.mark.parametrize(
    ("given_", "result"),
    [
        ((None, None, None), (0.0, 0.0, 1)),
        ((-1.0, None, None), (0.0, 0.0, 1)),
        ((None, 0.5, None), (0.5, 0.5, 2)),
        ((1.5, None, None), (1.5, 0.75, 2)),
        ((1.5, 0.4, None), (1.5, 0.4, 4)),
        ((None, None, 4), (1.0, 0.25, 4)),
        ((None, 0.5, 7), (0.5, 0.5, 2)),
        ((2.0, None, 8), (2.0, 0.25, 8)),
        ((2.0, 0.1, 8), (2.0, 0.1, 8)),
        ((None, None, 0), (1.0, 1.0, 1)),
        ((2.0, None, 0), (2.0, 2.0, 1)),
        ((2.0, 0.0, 3), (2.0, 0.0, 3)),
        ((2.0, 0.0, None), (2.0, 1.0, 2)),
        ((None, 0.0, 3), (1.0, 1 / 3, 3)),
        ((-1.0, -0.5, -3), (0.0, 0.0, 1)),
    ],
)
def test_phi_steps(given_: tuple, result: tuple) -> None:
    """The table of README "Steps", row by row."""
    assert phi_steps(*given_) == result


@pytest.mark.parametrize(
    ("given_", "result"),
    [
        ((None, None, None), (0.0, 0.0, 1)),
        ((None, 0.1, None), (0.1, 0.1, 2)),
        ((0.1, None, None), (0.1, 0.1, 2)),
        ((0.3, 0.1, None), (0.3, 0.1, 3)),
        ((None, None, 4), (1.0, 0.25, 4)),
        ((0.3, None, 4), (0.3, 0.3 / 3, 4)),
        ((0.3, None, 1), (0.3, 0.3, 2)),
        ((0.0, None, 5), (0.0, 0.0, 1)),
        ((-1.0, None, 4), (1.0, 0.25, 4)),
        ((0.3, 0.0, 0), (0.3, 0.3, 2)),
        ((0.3, -0.1, -2), (0.3, 0.3, 2)),
        ((-0.3, 0.1, 0), (0.1, 0.1, 2)),
    ],
)
def test_range_steps(given_: tuple, result: tuple) -> None:
    """Divergence and dispersion share these rules."""
    assert range_steps(*given_) == pytest.approx(result)


def test_thick_and_mosaic_steps() -> None:
    """Layers and domains."""
    assert thick_steps(0.0, 5) == (0.0, 1)
    assert thick_steps(4.0, None) == (2.0, 2)
    assert thick_steps(4.0, 1) == (4.0, 2)
    assert thick_steps(4.0, 5) == (1.0, 5)
    assert thick_steps(4.0, 0) == thick_steps(4.0, -1) == (2.0, 2)
    assert mosaic_steps(0.5, 0) == mosaic_steps(0.5, -1) == 10
    assert [
        mosaic_steps(*given_) for given_ in ((None, None), (0.5, None), (None, 7), (0.0, 7), (0.5, 7))
    ] == [
        1,
        10,
        1,
        1,
        7,
    ]


def test_tricubic_is_exact_for_cubics() -> None:
    """Four points per axis reproduce any polynomial of degree 3, and nothing else would."""
    h, k, l = torch.meshgrid(*[torch.arange(-4.0, 5.0, dtype=F64)] * 3, indexing="ij")  # noqa: E741

    def cubic(h: torch.Tensor, k: torch.Tensor, l: torch.Tensor) -> torch.Tensor:  # noqa: E741
        return 2 + h - k * l + h**3 * k - 0.5 * l**3 * h**2 + k**3

    table = make_table(cubic(h, k, l), (-4, -4, -4), tensor(0.0)[0])
    points = torch.rand(50, 3, dtype=F64) * 3 - 1.5
    assert bool(block_inside(table, points.unbind(-1)).all())
    np.testing.assert_allclose(
        tricubic(table, points.unbind(-1)), cubic(*points.unbind(-1)), rtol=1e-12, atol=1e-12
    )


def test_lookup_outside_the_box() -> None:
    """Default outside on every side, data inside."""
    table = make_table(torch.arange(8, dtype=F64).reshape(2, 2, 2) + 1, (3, -1, 0), tensor(0.5)[0])
    assert float(lookup(table, tensor(4.0, 0.0, 1.0).unbind())) == 8.0
    for index in ((2.0, 0.0, 0.0), (5.0, 0.0, 0.0), (4.0, -9.0, 0.0), (4.0, 0.0, 1e6)):
        assert float(lookup(table, tensor(*index).unbind())) == 0.5

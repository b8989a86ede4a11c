"""Gradients through the whole simulator, checked against finite differences by torch."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.autograd.gradcheck import GradcheckError

from simulator import Beam, Crystal, Detector, Experiment, Goniometer, Reflections, Sampling, simulate

F64 = torch.float64


def number(value: Any) -> torch.Tensor:
    """A tensor that asks for its gradient."""
    return torch.tensor(value, dtype=F64, requires_grad=True)


def small(**parts: dict[str, Any]) -> Experiment:
    """A 4x4 image with two phi steps and two domains near a few spots; parts replace fields."""
    crystal = Crystal(
        cell=(31.0, 29.0, 34.0, 82.0, 95.0, 101.0),
        n_cells=(3, 4, 2),
        default_F=50.0,
        mosaic_spread=0.4,
        mosaic_domains=2,
    )
    detector = Detector(shape=(4, 4), pixel_size=2e-3, distance=0.05)
    experiment = Experiment(
        Beam(wavelength=1.1, kahn=0.7),
        crystal,
        detector,
        Goniometer(phi=3.0, phistep=0.5, phisteps=2),
        Sampling(oversample=1),
    )
    changes = {name: replace(getattr(experiment, name), **fields) for name, fields in parts.items()}
    return replace(experiment, **changes)


FIELDS = [
    ("beam", "wavelength", 1.1),
    ("beam", "fluence", 1e29),
    ("beam", "kahn", 0.7),
    ("beam", "direction", [1.0, 0.02, -0.01]),
    ("crystal", "cell", [31.0, 29.0, 34.0, 82.0, 95.0, 101.0]),
    ("crystal", "misset", [3.0, -5.0, 8.0]),
    ("crystal", "a_star", [[0.033, 0.002, 0.001], [-0.001, 0.035, 0.002], [0.001, 0.0, 0.03]]),
    ("crystal", "default_F", 50.0),
    ("detector", "distance", 0.05),
    ("detector", "pixel_size", 2e-3),
    ("detector", "rotation", [1.0, 2.0, -1.0]),
    ("detector", "twotheta", 4.0),
    ("detector", "Xbeam", 4e-3),
    ("detector", "Ybeam", 4.2e-3),
    ("goniometer", "phi", 3.0),
    ("goniometer", "phistep", 0.5),
    ("goniometer", "spindle", [0.1, 0.2, 1.0]),
]


def check(part: str, field: str, value: Any, **others: dict[str, Any]) -> None:
    """Gradcheck of the image with respect to one field, at its own scale."""
    start = number(value)
    scale = 1e29 if field == "fluence" else 1.0

    def image(x: torch.Tensor) -> torch.Tensor:
        extra = {name: dict(fields) for name, fields in others.items()}
        extra[part] = {**extra.get(part, {}), field: x * scale}
        if field == "a_star":
            extra["crystal"]["cell"] = None
        return simulate(small(**extra))

    begin = (start / scale).detach().requires_grad_()
    assert float(image(begin).detach().max()) > 1e-6
    assert torch.autograd.gradcheck(image, (begin,), eps=1e-7, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("part", "field", "value"), FIELDS, ids=[f"{p}.{f}" for p, f, _ in FIELDS])
def test_gradient(part: str, field: str, value: Any) -> None:
    """Every continuous field of a square crystal."""
    check(part, field, value)


@pytest.mark.parametrize("shape", ["round", "gauss"])
@pytest.mark.parametrize("field", ["cell", "fudge"])
def test_gradient_of_shapes(shape: str, field: str) -> None:
    """The smooth shapes as well."""
    value = 0.9 if field == "fudge" else [31.0, 29.0, 34.0, 82.0, 95.0, 101.0]
    check("crystal", field, value, crystal={"shape": shape, "n_cells": (2, 2, 2)})


def test_gradient_of_structure_factors() -> None:
    """Each reflection's F, looked up and interpolated."""
    lowest, sizes = (-6, -6, -6), (13, 13, 13)
    data = torch.rand(sizes, dtype=F64, generator=torch.Generator().manual_seed(1)) * 40
    chosen = torch.tensor([[6, 6, 7], [6, 7, 6], [7, 6, 6]])
    for interpolate in (False, True):

        def image(values: torch.Tensor, interpolate: bool = interpolate) -> torch.Tensor:
            table = data.index_put(tuple(chosen.T), values)
            fields = {"reflections": Reflections(table, lowest), "interpolate": interpolate}
            return simulate(small(crystal=fields))

        assert torch.autograd.gradcheck(image, (number([10.0, 20.0, 30.0]),), eps=1e-6, atol=1e-6)


def test_gradient_of_sensor_and_divergence() -> None:
    """Thickness, absorption, divergence and dispersion."""
    sensor = {"thickness": 4e-4, "layers": 3, "attenuation": 3000.0}
    check("detector", "layer_thickness", 2e-4 * 1.0, detector=sensor)

    def image(size: torch.Tensor) -> torch.Tensor:
        return simulate(small(beam={"hdiv": (size, size / 2, 3), "dispersion": (size, size, 2)}))

    assert torch.autograd.gradcheck(image, (number(3e-3),), eps=1e-7, atol=1e-5, rtol=1e-4)


def test_a_wrong_gradient_is_seen() -> None:
    """Gradcheck fails when one term is detached."""
    value = number(1.1)

    def image(x: torch.Tensor) -> torch.Tensor:
        return simulate(small(beam={"wavelength": x.detach() + 0 * x}))

    with pytest.raises(GradcheckError):
        torch.autograd.gradcheck(image, (value,), eps=1e-7, atol=1e-5)


def test_no_gradient_nothing_recorded() -> None:
    """Without tensors that ask for gradients the image carries none."""
    assert not simulate(small()).requires_grad
    assert simulate(small(beam={"wavelength": number(1.1)})).requires_grad


def test_refinement_finds_the_cell() -> None:
    """A few steps of gradient descent recover a misset of 0.02 degrees: the gradient is of use."""
    target = simulate(small(crystal={"misset": (0.02, 0.0, 0.0)}))
    angle = number(0.0)
    optimizer = torch.optim.Adam([angle], lr=4e-3)
    for _ in range(40):
        optimizer.zero_grad()
        image = simulate(small(crystal={"misset": (angle, 0.0, 0.0)}))
        ((image - target) / target.max()).square().sum().backward()
        optimizer.step()
    assert float(angle.detach()) == pytest.approx(0.02, abs=2e-3)

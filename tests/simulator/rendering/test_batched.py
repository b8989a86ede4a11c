"""Kernels for devices with memory of their own: the same pixels, few steps, nothing read back in between."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from simulator.rendering.image import render_image
from simulator.rendering.kernels import EAGER, HELD, Batched, find_kernels
from simulator.rendering.scene import Scene
from tests.helpers.golden import scene_of

CASE = (
    "-mat A.mat -hkl wilson_p1.hkl -Na 12 -Nb 9 -Nc 8 -lambda 0.9768 -distance 150 -detpixels 64 -pixel 0.6 "
    "-oversample 2 -phi 0 -osc 1 -phisteps 2 -mosaic 0.5 -mosaic_dom 5 -polar 0.9 -nointerpolate"
)
WAITS = (
    "_local_scalar_dense",
    "nonzero",
    "lift_fresh",
    "lift_fresh_copy",
)  # the host waits, or sends numbers


class Calls(TorchDispatchMode):
    """Counts every operation by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.made: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.made[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))


def calls(scene: Scene, kernels: Batched) -> Counter[str]:
    with torch.no_grad(), Calls() as counted:
        render_image(scene, torch.float64, None, kernels)
    return counted.made


def holding(evaluations: int) -> Batched:
    """Kernels with memory for so many at once."""
    return Batched(2 * HELD * evaluations)


@pytest.mark.parametrize("more", ["", "-interpolate", "-dmin 3 -detector_thick 100 -thicksteps 2"])
@pytest.mark.parametrize("evaluations", [1000, 10_000, 1 << 20])
def test_same_pixels(tmp_path: Path, evaluations: int, more: str) -> None:
    scene = scene_of(
        CASE.replace("-nointerpolate", "-interpolate" if more == "-interpolate" else more), tmp_path
    )
    with torch.no_grad():
        wanted = render_image(scene, torch.float64, None, EAGER)
        found = render_image(scene, torch.float64, None, holding(evaluations))
    assert float(wanted.max()) > 0
    torch.testing.assert_close(found, wanted, rtol=1e-13, atol=0)


def test_more_memory_means_fewer_steps_and_none_waits(tmp_path: Path) -> None:
    """The number of waits does not depend on how often the loop runs."""
    scene = scene_of(CASE, tmp_path)
    large, small = calls(scene, holding(1 << 20)), calls(scene, holding(1 << 10))
    assert sum(small.values()) > 5 * sum(large.values())
    assert {name: small[name] for name in WAITS} == {name: large[name] for name in WAITS}


def test_the_count_sees_a_wait(tmp_path: Path) -> None:
    """A kernel that reads a number back in the loop is found out."""

    class Waiting(Batched):
        def orientations(self, pixels: int) -> int:
            torch.ones(()).item()
            return super().orientations(pixels)

    scene = scene_of(CASE, tmp_path)
    several, one = (calls(scene, Waiting(2 * HELD * n))["item"] for n in (1 << 10, 1 << 20))
    assert several > one


def test_the_device_is_asked_for_its_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.accelerator, "get_memory_info", lambda device: (24 << 30, 32 << 30))
    found = find_kernels(torch.device("cuda", 0))
    assert found.own_threads
    assert found.block == (12 << 30) // HELD
    assert found.orientations(1 << 20) == found.block >> 20
    assert find_kernels(torch.device("cpu")) is EAGER

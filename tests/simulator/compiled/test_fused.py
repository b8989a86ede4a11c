"""Compiled kernels: the pixels of the eager ones, from disk the second time, eager where they cannot help."""

from pathlib import Path

import pytest
import torch

from simulator.compiled.choice import choose, default_folder
from simulator.compiled.fused import Fused
from simulator.compiled.library import can_build
from simulator.rendering.image import render_image
from simulator.rendering.kernels import EAGER
from tests.helpers.golden import scene_of

MANY = (
    "-mat A.mat -hkl wilson_p1.hkl -Na 12 -Nb 9 -Nc 8 -lambda 0.9768 -distance 150 -detpixels 80 -pixel 0.5 "
    "-nointerpolate -oversample 2 -phi 0 -osc 1 -phisteps 4 -mosaic 0.5 -mosaic_dom 3 -polar 0.9"
)
said: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    assert can_build(), "no C++ compiler: install g++ or clang++, compiled kernels cannot be tested without"


def test_same_pixels(tmp_path: Path) -> None:
    """Every float32 pixel but a handful, whatever the number of pixels and orientations; then from disk."""
    scene = scene_of(MANY, tmp_path)
    with torch.inference_mode():
        kernels, _ = choose(scene, torch.float64, "on", 0, default_folder(), said.append)
        assert isinstance(kernels, Fused)
        for blocks in (1 << 17, 4099):
            kernels.block = blocks
            eager, fused = (render_image(scene, torch.float64, None, k) for k in (EAGER, kernels))
            share = float((eager.float() == fused.float()).double().mean())
            assert share >= 0.999
            assert float((eager - fused).abs().max() / eager.max()) < 1e-11
        again, reason = choose(scene, torch.float64, "auto", 0, default_folder(), said.append)
    assert isinstance(again, Fused)
    assert "from disk" in reason


def test_auto_does_not_compile_for_little(tmp_path: Path) -> None:
    """Nothing on disk and little to do: eager, and it says why. Much to do would compile."""
    scene = scene_of(MANY, tmp_path)
    kernels, reason = choose(scene, torch.float64, "auto", 1e6, tmp_path / "empty", said.append)
    assert kernels is EAGER
    assert "--compile on" in reason


def test_off_is_off(tmp_path: Path) -> None:
    """Asked for eager, it stays eager."""
    assert choose(scene_of(MANY, tmp_path), torch.float64, "off", 1e12, tmp_path, said.append)[0] is EAGER


def test_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a C++ compiler the engine still runs, and says so."""
    monkeypatch.setattr("simulator.compiled.library.shutil.which", lambda _name: None)
    kernels, reason = choose(
        scene_of(MANY, tmp_path), torch.float64, "on", 0, tmp_path / "empty", said.append
    )
    assert kernels is EAGER
    assert reason == "no C++ compiler here"


def test_huge_crystals_stay_eager(tmp_path: Path) -> None:
    """Beyond the range of the compiled sine."""
    scene = scene_of(MANY.replace("-Na 12", "-Na 90000000"), tmp_path)
    kernels, reason = choose(scene, torch.float64, "on", 0, tmp_path, said.append)
    assert kernels is EAGER
    assert "too large" in reason

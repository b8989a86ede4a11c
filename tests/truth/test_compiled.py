"""Compiled kernels give the pixels of the eager ones, which are nanoBragg's. Oracle: random.npz."""

from pathlib import Path

import numpy as np
import pytest
import torch

from simulator.compiled import choice, fused
from simulator.compiled.choice import choose, default_folder
from simulator.compiled.fused import Fused
from simulator.compiled.inputs import programs
from simulator.compiled.library import can_build
from simulator.rendering.image import render_image
from simulator.rendering.scene import Scene
from tests.helpers.golden import scene_of
from tests.truth.conftest import RANDOM, Pixels

# What the scenes of the sample are made of: few programs, each of which takes 5 to 30 s to compile once.
FEW_PROGRAMS = {
    *("ray", "light", "light-polarized", "photons-n1nn11"),
    *("sweep-square-nearest-float64", "sweep-square-tricubic-float64"),
}
SAMPLE = 40
# The compiled sine is not libm's: a float64 may differ in its last bits, rarely a float32.
SAME_SHARE = 0.9999


def few_programs(scene: Scene) -> bool:
    """Whether a scene's programs are among those of the sample, and used."""
    names = {program.name for program in programs(scene, torch.float64).values()}
    return names <= FEW_PROGRAMS and choice._cannot(scene, "on") is None


def render(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, Pixels]:
    """Whether kernels were compiled, and the image; they are called for any number of pixels."""
    with torch.inference_mode():
        kernels, _ = choose(scene, torch.float64, "on", 0, default_folder(), print)
        with monkeypatch.context() as patch:
            patch.setattr(fused, "FEW", 1)
            return isinstance(kernels, Fused), render_image(
                scene, torch.float64, None, kernels
            ).numpy().ravel()


def compare(image: Pixels, reference: Pixels) -> tuple[int, float]:
    """Pixels that differ as float32, and the largest difference as a share of the brightest pixel."""
    with np.errstate(over="ignore"):
        single = image.astype(np.float32)
    other = ~((single == reference) | (np.isnan(single) & np.isnan(reference)))
    if not other.any():
        return 0, 0.0
    brightest = np.abs(reference.astype(np.float64)).max()
    return int(other.sum()), float(np.abs(single.astype(np.float64) - reference).max() / brightest)


def check(scenes: dict[str, Scene], truth: dict[str, Pixels], monkeypatch: pytest.MonkeyPatch) -> int:
    """All these images; returns how many were compiled."""
    found, other, total, compiled = {}, 0, 0, 0
    for name, scene in scenes.items():
        used, image = render(scene, monkeypatch)
        number, worst = compare(image, truth[name])
        other, total, compiled = other + number, total + image.size, compiled + used
        if not worst <= 2.0**-23:  # one step of a float32
            found[name] = f"{number} pixels, worst {worst:.1e} of the brightest"
    print(f"{compiled} of {len(scenes)} images compiled; {other} of {total} float32 pixels differ")
    listed = "\n".join(f"{name}: {text}" for name, text in found.items())
    assert not found, f"{len(found)} of {len(scenes)} images\n{listed}"
    assert other <= (1 - SAME_SHARE) * total
    return compiled


def test_sample(truth: dict[str, Pixels], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """40 random command lines."""
    assert can_build(), "no C++ compiler: install g++ or clang++, compiled kernels cannot be tested without"
    scenes = {name: scene_of(arguments, tmp_path) for name, arguments in RANDOM.items()}
    few = dict(item for item in scenes.items() if few_programs(item[1]))
    assert len(few) == SAMPLE
    assert check(few, truth, monkeypatch) == SAMPLE


@pytest.mark.slow
def test_all(truth: dict[str, Pixels], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All 600; those of structure factors too large to compile for (90) stay eager."""
    scenes = {name: scene_of(arguments, tmp_path) for name, arguments in RANDOM.items()}
    assert check(scenes, truth, monkeypatch) >= 500

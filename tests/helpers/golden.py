"""Golden data of nanoBragg, for the PyTorch engine."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from simulator import Experiment
from simulator.formats.experiment_file import parse
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import Scene, build_scene
from tests.helpers.places import GOLDEN

CASES: dict[str, Any] = json.loads((GOLDEN / "images.json").read_text())
TRACES: list[dict[str, Any]] = json.loads((GOLDEN / "traces.json").read_text())
CPU = torch.device("cpu")
DEVICES = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def experiment(arguments: str, folder: Path) -> Experiment:
    """The experiment of a golden case; a reflection cache goes to the folder."""
    dump = ["-dump", str(folder / "cache")] if "-hkl" in arguments else []
    return parse([*arguments.split(), "-nonoise", "-nopgm", *dump], GOLDEN)


def scene_of(arguments: str, folder: Path, mode: str = "c-parity") -> Scene:
    """The scene of a command line."""
    return build_scene(experiment(arguments, folder), Quirks.of(mode), CPU)


def window(image: torch.Tensor, case: dict[str, Any]) -> npt.NDArray[np.float32]:
    """The part of an image that was kept."""
    kept = case.get("stored_window", {"slow": [0, None], "fast": [0, None]})
    values = image.to("cpu", torch.float32).numpy()
    return values[slice(*kept["slow"]), slice(*kept["fast"])]

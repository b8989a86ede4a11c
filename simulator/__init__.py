"""The PyTorch engine: nanoBragg's physics as pure functions on tensors.

The names below load with torch on first use, so that a mistake on the command line is told at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.commandline.command import parse
    from simulator.experiment import Beam, Crystal, Detector, Experiment, Goniometer, Reflections, Sampling
    from simulator.rendering.image import simulate, simulate_many

_HOME = {
    **dict.fromkeys(
        ("Beam", "Crystal", "Detector", "Experiment", "Goniometer", "Reflections", "Sampling"),
        "simulator.experiment",
    ),
    "parse": "simulator.commandline.command",
    **dict.fromkeys(("simulate", "simulate_many"), "simulator.rendering.image"),
}
__all__ = [
    "Beam",
    "Crystal",
    "Detector",
    "Experiment",
    "Goniometer",
    "Reflections",
    "Sampling",
    "parse",
    "simulate",
    "simulate_many",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'simulator' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)

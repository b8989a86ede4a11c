"""The PyTorch engine: nanoBragg's physics as pure functions on tensors.

The names below load with torch on first use, so that a mistake on the command line is told at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.compiled.simulation import simulate, simulate_many
    from simulator.experiment import Beam, Crystal, Detector, Experiment, Goniometer, Reflections, Sampling
    from simulator.formats.experiment_file import parse
    from simulator.formats.nxmx import write_nxmx
    from simulator.refinement.parameters import Parameter
    from simulator.refinement.refine import refine

_HOME = {
    **dict.fromkeys(
        ("Beam", "Crystal", "Detector", "Experiment", "Goniometer", "Reflections", "Sampling"),
        "simulator.experiment",
    ),
    "Parameter": "simulator.refinement.parameters",
    "parse": "simulator.formats.experiment_file",
    **dict.fromkeys(("simulate", "simulate_many"), "simulator.compiled.simulation"),
    "refine": "simulator.refinement.refine",
    "write_nxmx": "simulator.formats.nxmx",
}
__all__ = [
    "Beam",
    "Crystal",
    "Detector",
    "Experiment",
    "Goniometer",
    "Parameter",
    "Reflections",
    "Sampling",
    "parse",
    "refine",
    "simulate",
    "simulate_many",
    "write_nxmx",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'simulator' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)

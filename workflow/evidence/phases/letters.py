"""The module behind each letter, loaded when it is asked for: what draws takes longer to load than to run."""

from importlib import import_module
from types import ModuleType

NAMES = {"k": "k_lattice", "l": "l_rotation", "m": "m_factors", "n": "n_region", "o": "o_frame"}


def module_of(letter: str) -> ModuleType:
    """The phase's CHECKS, runs and measure."""
    return import_module(f"evidence.phases.{NAMES[letter]}")

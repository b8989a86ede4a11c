"""The module behind each letter."""

from types import ModuleType

from evidence.phases import k_lattice, l_rotation, m_factors, n_region, o_frame

MODULES: dict[str, ModuleType] = {
    "k": k_lattice,
    "l": l_rotation,
    "m": m_factors,
    "n": n_region,
    "o": o_frame,
}

"""The places where nanoBragg departs from its own intent. Twin: reference/rendering/quirks.c."""

import math
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import torch

from simulator.errors import InputError, quoted
from simulator.experiment import Crystal, Triple
from simulator.physics.cell import reciprocal_from_cell
from simulator.physics.rotations import carries_over, carryover_index

if TYPE_CHECKING:
    from simulator.rendering.scene import Scene

SKEWED = 1e-9  # relative error of c* from which on a cell counts as falsified
DEFAULT_MODE = "c-parity"
MODES = {"c-parity": True, "spec": False}


@dataclass(frozen=True)
class Quirks:
    """One switch a quirk, all on in c-parity, all off in spec: README "Quirks"."""

    phi_carryover: bool = True
    running_sum: bool = True
    last_layer: bool = True
    interp_latch: bool = True
    flat_weights: bool = True
    pix0_derived: bool = True
    water_twice: bool = True
    misset_90rad: bool = True
    raw_axis: bool = True
    blank_sensor: bool = True
    cstar_z: bool = True
    early_interpolate: bool = True
    unlit_polar: bool = True
    nopolar_undone: bool = True
    # no switch of its own: values near lattice points lose digits as nanoBragg's do
    cancels: bool = field(default=True, metadata={"unnamed": True})

    def on(self, name: str) -> bool:
        """Whether the quirk of this name is on."""
        return bool(getattr(self, name.replace("-", "_")))

    @classmethod
    def of(cls, mode: str, adjustments: str | None = None) -> "Quirks":
        """The switches of a mode, adjusted by a list such as `+phi-carryover,-running-sum`.

        Raises InputError (a ValueError) naming the mode or the adjustment that is unknown.
        """
        if mode not in MODES:
            raise InputError("mode", "c-parity or spec", quoted(mode))
        quirks = cls(**{each.name: MODES[mode] for each in fields(cls)})
        for item in (adjustments or "").split(",") if adjustments else []:
            if item[:1] not in ("+", "-") or item[1:] not in NAMES:
                names = " ".join(NAMES)
                raise InputError("--quirks", f"+name or -name with a name of {names}", quoted(item))
            quirks = replace(quirks, **{item[1:].replace("-", "_"): item[0] == "+"})
        return quirks


def active_quirks(scene: "Scene", latched: bool, unlit: bool) -> set[str]:
    """Quirks that make a difference to this image: where on, they shaped it; where off, they would have.

    latched: whether interpolation left the box of reflections somewhere; unlit: whether water lies behind a
    pixel that no source lights.
    """
    experiment = scene.experiment
    sampling, detector, beam = experiment.sampling, experiment.detector, experiment.beam
    crystal = experiment.crystal
    recomputed = sampling.oversample_thick or sampling.oversample_polar or sampling.oversample_omega
    many = scene.steps * scene.layers > 1 or float(scene.background) > 0
    sensor = detector.thickness > 0 and detector.attenuation is not None
    uneven = beam.sources is not None and bool((beam.sources[:, 3] != beam.sources[0, 3]).any())
    active = {
        "phi-carryover": carries_over(carryover_index([float(angle) for angle in scene.phi])),
        "running-sum": recomputed and many,
        "last-layer": scene.layers > 1 and sensor and not sampling.oversample_thick,
        "interp-latch": latched,
        "flat-weights": uneven,
        "pix0-derived": detector.pix0 is not None,
        "water-twice": float(scene.background) > 0,
        "misset-90rad": crystal.misset_seed is not None,
        "raw-axis": float(detector.twotheta) != 0 and _length(detector.twotheta_axis) != 1,
        "blank-sensor": not sensor and (detector.thickness > 0 or sampling.oversample_thick),
        "cstar-z": _skewed(crystal),
        "early-interpolate": scene.table is not None and scene.interpolate != scene.interpolate_otherwise,
        "unlit-polar": unlit and not beam.nopolar and not sampling.oversample_polar,
        "nopolar-undone": beam.nopolar and sampling.oversample_polar,
    }
    return {name for name, matters in active.items() if matters}


def _length(vector: Triple) -> float:
    x, y, z = (float(component) for component in vector)
    return math.sqrt(x * x + y * y + z * z)


def _skewed(crystal: Crystal) -> bool:
    """Whether the cell has a default orientation, and one that the quirk cstar-z falsifies."""
    if crystal.cell is None or crystal.a_star is not None:
        return False
    cell = torch.tensor([float(x) for x in crystal.cell], dtype=torch.float64)
    cell = torch.cat((cell[:3], cell[3:] * (math.pi / 180.0)))
    false, true = (float(reciprocal_from_cell(cell, quirk)[2, 2]) for quirk in (True, False))
    return abs(false - true) > SKEWED * abs(true)


NAMES = tuple(each.name.replace("_", "-") for each in fields(Quirks) if "unnamed" not in each.metadata)

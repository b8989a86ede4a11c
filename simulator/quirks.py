"""The eight places where nanoBragg departs from its own intent. Twin: reference/quirks.c."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from simulator.grammar import CommandError, quoted
from simulator.rotations import carries_over, carryover_index

if TYPE_CHECKING:
    from simulator.scene import Scene

MODES = {"c-parity": True, "spec": False}


@dataclass(frozen=True)
class Quirks:
    """One switch a quirk, all on in c-parity, all off in spec: section 8 of the behaviour page."""

    phi_carryover: bool = True
    running_sum: bool = True
    last_layer: bool = True
    interp_latch: bool = True
    flat_weights: bool = True
    pix0_derived: bool = True
    water_twice: bool = True
    misset_90rad: bool = True

    def on(self, name: str) -> bool:
        """Whether the quirk of this name is on."""
        return bool(getattr(self, name.replace("-", "_")))

    @classmethod
    def of(cls, mode: str, adjustments: str | None = None) -> "Quirks":
        """The switches of a mode, adjusted by a list such as `+phi-carryover,-running-sum`.

        Raises CommandError (a ValueError) naming the mode or the adjustment that is unknown.
        """
        if mode not in MODES:
            raise CommandError(f"--mode: expected c-parity or spec, got {quoted(mode)}")
        quirks = cls(**{name.replace("-", "_"): MODES[mode] for name in NAMES})
        for item in (adjustments or "").split(",") if adjustments else []:
            if item[:1] not in ("+", "-") or item[1:] not in NAMES:
                names = " ".join(NAMES)
                raise CommandError(
                    f"--quirks: expected +name or -name with a name of {names}, got {quoted(item)}"
                )
            quirks = replace(quirks, **{item[1:].replace("-", "_"): item[0] == "+"})
        return quirks


def active_quirks(scene: "Scene", latched: bool) -> set[str]:
    """Quirks that make a difference to this image: where on, they shaped it; where off, they would have.

    latched: whether interpolation left the box of reflections somewhere.
    """
    experiment = scene.experiment
    sampling, detector, beam = experiment.sampling, experiment.detector, experiment.beam
    recomputed = sampling.oversample_thick or sampling.oversample_polar or sampling.oversample_omega
    many = scene.steps * detector.layers > 1 or float(scene.background) > 0
    uneven = beam.sources is not None and bool((beam.sources[:, 3] != beam.sources[0, 3]).any())
    active = {
        "phi-carryover": carries_over(carryover_index([float(angle) for angle in scene.phi])),
        "running-sum": recomputed and many,
        "last-layer": detector.layers > 1
        and scene.panel.attenuation is not None
        and not sampling.oversample_thick,
        "interp-latch": latched,
        "flat-weights": uneven,
        "pix0-derived": detector.pix0 is not None,
        "water-twice": float(scene.background) > 0,
        "misset-90rad": experiment.crystal.misset_seed is not None,
    }
    return {name for name, matters in active.items() if matters}


NAMES = tuple(field.name.replace("_", "-") for field in fields(Quirks))

"""Which fields of an experiment have derivatives, and why some have none: derived from experiment.py.

What a derivative means where the image has a corner:

- a structure factor that is looked up: that of the reflection nearest to h, k, l, which stays the same;
- a structure factor that is interpolated: another cubic begins where h, k or l is whole, its slope is that of
  the side which the engine takes;
- a top hat: its edge is a jump, of which no derivative tells;
- `n_cells`: whole turns of h count in the sign alone, so this is how the spot changes from one whole number
  of cells to the next;
- phi = 0 with the quirk phi-carryover: the step goes on with the orientation that it took over, so its own
  angle has no derivative, and that of the step before counts twice;
- the latch of interpolation (quirk interp-latch) and what is trimmed from a divergence stay where they are;
- `mosaic_spread`: rounded to single precision in its value, not in its slope.
"""

import typing
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, NamedTuple

from torch import Tensor

from simulator.experiment import Beam, Detector, Experiment, Reflections
from simulator.rendering.quirks import Quirks

NEVER = {
    "crystal.counts": "it decides on interpolation only",
    "sampling.mask": "it selects pixels",
}
ALONE = "its step is given and stays; as None it is the range over the steps less one"


class Rule(NamedTuple):
    """Fields of one part without derivative, why, and in which experiments."""

    part: str
    fields: str
    reason: str
    holds: Callable[[Experiment, Quirks], bool]


def _turned_sources(beam: Beam) -> bool:
    """Whether sources are turned away from the beam about the polarization normal."""
    sizes = (beam.hdiv[0], beam.vdiv[0])
    return beam.sources is None and any(_is_tensor(size) or float(size) != 0 for size in sizes)


def _unpolarized(experiment: Experiment, quirks: Quirks) -> bool:
    undone = quirks.nopolar_undone and experiment.sampling.oversample_polar
    return experiment.beam.nopolar and not undone


def _no_sensor(experiment: Experiment, quirks: Quirks) -> bool:
    detector = experiment.detector
    thick = bool(detector.thickness > 0)
    blank = quirks.blank_sensor and (thick or experiment.sampling.oversample_thick)
    return not (blank or (thick and detector.attenuation is not None))


def _placed(experiment: Experiment, quirks: Quirks) -> bool:
    return experiment.detector.pix0 is not None and not quirks.pix0_derived


def _centre(axis: str) -> Iterator[Rule]:
    """What of the beam centre a convention does not look at: README "Conventions"."""
    beam, close, org = f"{axis}beam", f"{axis}close", f"ORG{axis}"

    def given(detector: Detector, *names: str) -> bool:
        return any(getattr(detector, name) is not None for name in names)

    def custom(detector: Detector) -> bool:
        return detector.convention == "custom"

    yield Rule(
        "detector", beam, f"with pivot sample, {org} places the detector",
        lambda e, _: e.detector.pivot == "sample" and not custom(e.detector),
    )  # fmt: skip
    yield Rule(
        "detector", close, "the convention goes by Xbeam, Ybeam or ORGX, ORGY",
        lambda e, _: not custom(e.detector) or given(e.detector, beam),
    )  # fmt: skip
    yield Rule(
        "detector", org, f"{beam} or {close} replaces it",
        lambda e, _: custom(e.detector) and given(e.detector, beam, close),
    )  # fmt: skip
    yield Rule(
        "detector", org, f"the convention goes by {beam}",
        lambda e, _: e.detector.convention in ("mosflm", "denzo", "adxv") and e.detector.pivot == "beam",
    )  # fmt: skip


# The first that holds for a field tells the reason
RULES: tuple[Rule, ...] = (
    Rule("crystal", "counts", NEVER["crystal.counts"], lambda *_: True),
    Rule("sampling", "mask", NEVER["sampling.mask"], lambda *_: True),
    Rule("beam", "wavelength hdiv vdiv dispersion", "the table of sources replaces it",
         lambda e, _: e.beam.sources is not None),
    Rule("beam", "kahn", "there is no polarization", _unpolarized),
    Rule("beam", "polarization_normal", "there is no polarization",
         lambda e, q: _unpolarized(e, q) and not _turned_sources(e.beam)),
    Rule("crystal", "fudge", "a square crystal has no fudge factor",
         lambda e, _: e.crystal.shape == "square"),
    Rule("crystal", "fudge", "it moves the edge of a jump", lambda e, _: e.crystal.shape == "tophat"),
    Rule("crystal", "mosaic_spread", "the only domain is not turned",
         lambda e, _: e.crystal.mosaic_domains == 1),
    Rule("crystal", "misset", "a random misset replaces it", lambda e, _: e.crystal.misset_seed is not None),
    Rule("detector", "attenuation layer_thickness thickness", "there is no sensor", _no_sensor),
    Rule("detector", "thickness", "layer_thickness is given; as None it is thickness/(layers - 1)",
         lambda e, _: e.detector.layer_thickness is not None),
    Rule("detector", "pix0", "it only selects the custom convention (quirk pix0-derived)",
         lambda e, q: q.pix0_derived),
    Rule("detector", "distance close_distance Xbeam Ybeam Xclose Yclose ORGX ORGY size pivot",
         "pix0 places the detector", _placed),
    Rule("detector", "distance", "close_distance replaces it",
         lambda e, _: e.detector.close_distance is not None),
    *_centre("X"),
    *_centre("Y"),
    Rule("goniometer", "phistep osc", "there is one step", lambda e, _: e.goniometer.phisteps == 1),
    Rule("goniometer", "osc", "phistep is given and turns the crystal; as None it is osc/phisteps",
         lambda e, _: e.goniometer.phistep is not None),
)  # fmt: skip


def without_derivative(experiment: Experiment, quirks: Quirks) -> dict[str, str]:
    """Fields of this experiment that the image does not depend on smoothly, each with the reason."""
    found: dict[str, str] = {}
    for rule in RULES:
        if rule.holds(experiment, quirks):
            for field in rule.fields.split():
                found.setdefault(f"{rule.part}.{field}", rule.reason)
    return found


def differentiable_fields() -> tuple[str, ...]:
    """Names `part.field` of all fields that may be tensors, in the order of experiment.py."""
    names = []
    parts = typing.get_type_hints(Experiment)
    for part in fields(Experiment):
        hints = typing.get_type_hints(parts[part.name])
        for field in fields(parts[part.name]):
            if _holds(hints[field.name], Tensor):
                names.append(f"{part.name}.{field.name}")
            elif _holds(hints[field.name], Reflections):
                names.append(f"{part.name}.{field.name}.data")
    return tuple(names)


def _holds(hint: Any, wanted: type) -> bool:
    """Whether an annotation mentions a type."""
    return hint is wanted or any(_holds(part, wanted) for part in typing.get_args(hint))


def tensors(experiment: Experiment) -> Iterator[tuple[str, Any]]:
    """Names and values of all differentiable fields that are given."""
    for name in differentiable_fields():
        value: Any = experiment
        for step in name.split("."):
            value = None if value is None else getattr(value, step)
        if value is not None:
            yield name, value


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad


def _asks(value: Any) -> bool:
    """Whether a field asks for its gradient."""
    return any(map(_asks, value)) if isinstance(value, tuple) else _is_tensor(value)


def warn_without_derivative(experiment: Experiment, quirks: Quirks) -> None:
    """Warn of every field that asks for a gradient that it does not have."""
    reasons = without_derivative(experiment, quirks)
    for name, value in tensors(experiment):
        reason = reasons.get(name)
        if reason is None and name in ("beam.hdiv", "beam.vdiv", "beam.dispersion"):
            _, step, count = value
            reason = ALONE if count > 1 and step is not None and not _is_tensor(step) else None
        if reason is not None and _asks(value):
            warnings.warn(f"{name} has no gradient of its own: {reason}", stacklevel=3)

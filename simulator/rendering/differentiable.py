"""Which fields of an experiment have derivatives, and why some have none: derived from experiment.py.

What a derivative means where the image has a corner:

- a structure factor that is looked up: that of the reflection nearest to h, k, l, which stays the same;
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
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from torch import Tensor

from simulator.experiment import Crystal, Detector, Experiment, Reflections
from simulator.rendering.quirks import Quirks

NEVER = {
    "crystal.counts": "it decides on interpolation only",
    "goniometer.osc": "it is for the image header; phistep turns the crystal",
    "detector.thickness": "it says whether there is a sensor; layer_thickness makes its capture",
    "sampling.mask": "it selects pixels",
}
ALONE = "its step is given apart, as the command line never has it: make both from one tensor"


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


def without_derivative(experiment: Experiment, quirks: Quirks) -> dict[str, str]:
    """Fields of this experiment that the image does not depend on smoothly, each with the reason."""
    found = dict(NEVER) | _beam(experiment, quirks) | _crystal(experiment.crystal)
    found |= _detector(experiment, quirks)
    if experiment.goniometer.phisteps == 1:
        found["goniometer.phistep"] = "there is one step"
    return found


def _beam(experiment: Experiment, quirks: Quirks) -> dict[str, str]:
    beam = experiment.beam
    found: dict[str, str] = {}
    if beam.sources is not None:
        names = ("wavelength", "hdiv", "vdiv", "dispersion")
        found |= {f"beam.{name}": "the table of sources replaces it" for name in names}
    if beam.nopolar and not (quirks.nopolar_undone and experiment.sampling.oversample_polar):
        found["beam.kahn"] = "there is no polarization"
        if beam.sources is not None or not _spreads(experiment):
            found["beam.polarization_normal"] = "there is no polarization"
    return found


def _spreads(experiment: Experiment) -> bool:
    """Whether sources are turned away from the beam."""
    return any(
        _is_tensor(size) or float(size) != 0 for size, _, _ in (experiment.beam.hdiv, experiment.beam.vdiv)
    )


def _crystal(crystal: Crystal) -> dict[str, str]:
    found = {}
    if crystal.shape == "square":
        found["crystal.fudge"] = "a square crystal has no fudge factor"
    if crystal.shape == "tophat":
        found["crystal.fudge"] = "it moves the edge of a jump"
    if crystal.mosaic_domains == 1:
        found["crystal.mosaic_spread"] = "the only domain is not turned"
    if crystal.misset_seed is not None:
        found["crystal.misset"] = "a random misset replaces it"
    return found


def _detector(experiment: Experiment, quirks: Quirks) -> dict[str, str]:
    detector = experiment.detector
    found: dict[str, str] = {}
    blank = quirks.blank_sensor and (detector.thickness > 0 or experiment.sampling.oversample_thick)
    if not ((detector.attenuation is not None and detector.thickness > 0) or blank):
        found |= {f"detector.{name}": "there is no sensor" for name in ("attenuation", "layer_thickness")}
    placed = detector.pix0 is not None and not quirks.pix0_derived
    if detector.pix0 is not None and quirks.pix0_derived:
        found["detector.pix0"] = "it only selects the custom convention (quirk pix0-derived)"
    if placed:
        names = "distance close_distance Xbeam Ybeam Xclose Yclose ORGX ORGY size pivot"
        return found | {f"detector.{name}": "pix0 places the detector" for name in names.split()}
    if detector.close_distance is not None:
        found["detector.distance"] = "close_distance replaces it"
    return found | _centre(detector)


def _centre(detector: Detector) -> dict[str, str]:
    """Of the beam centre, what the convention does not look at: the table of section 3."""
    found = {}
    custom = detector.convention == "custom"
    named = detector.convention in ("mosflm", "denzo", "adxv")
    for beam, close, org in (("Xbeam", "Xclose", "ORGX"), ("Ybeam", "Yclose", "ORGY")):
        has = {name: getattr(detector, name) is not None for name in (beam, close, org)}
        if detector.pivot == "sample" and not custom:
            found[f"detector.{beam}"] = f"with pivot sample, {org} places the detector"
        if not custom or has[beam]:
            found[f"detector.{close}"] = "the convention goes by Xbeam, Ybeam or ORGX, ORGY"
        if custom and (has[beam] or has[close]):
            found[f"detector.{org}"] = f"{beam} or {close} replaces it"
        elif named and detector.pivot == "beam":
            found[f"detector.{org}"] = f"the convention goes by {beam}"
    return found


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
            size, step, count = value
            reason = ALONE if count > 1 and _is_tensor(size) != _is_tensor(step) else None
        if reason is not None and _asks(value):
            warnings.warn(f"{name} has no gradient of its own: {reason}", stacklevel=3)

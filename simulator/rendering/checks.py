"""Which experiments there can be: the rule of every field, and of fields together."""

import operator
from dataclasses import fields
from typing import Any

import torch

from simulator.errors import InputError, quoted
from simulator.experiment import Box, Experiment, Reflections
from simulator.physics.conventions import CONVENTIONS
from simulator.rendering.known import known
from simulator.rendering.quirks import Quirks
from simulator.rendering.rules import (
    CELL,
    CELLS,
    COUNT,
    DIRECTION,
    MATRIX,
    NUMBER,
    POSITIVE,
    SIGNED,
    TRIPLE,
    Rule,
    is_count,
    one_of,
    require,
    shape_of,
    shown,
)


def _is_spread(value: Any) -> bool:
    size, step, count = value
    return NUMBER.holds(size) and (step is None or NUMBER.holds(step)) and is_count(count)


def _are_sides(value: Any) -> bool:
    return len(value) == 2 and all(side is None or POSITIVE.holds(side) for side in value)


def _are_sources(value: Any) -> bool:
    if value.ndim != 2 or value.shape[1] != 5 or not len(value):
        return False
    rows = known(torch.as_tensor(value))
    if rows.shape != value.shape:  # mapped over
        return True
    lengths = rows[:, :3].square().sum(1)
    return bool(rows.isfinite().all() & ((lengths > 0) & lengths.isfinite() & (rows[:, 4] > 0)).all())


def _are_reflections(value: Reflections) -> bool:
    indices = [operator.index(index) for index in value.lowest]
    return len(indices) == len(shape_of(value.data)) == 3 and 0 not in shape_of(value.data)


SPREAD = Rule("range, step or None, and an integer >= 1", _is_spread)
SIZES = Rule("two sides > 0 or None", _are_sides)
SHAPE = Rule("two integers >= 1", lambda value: len(value) == 2 and all(map(is_count, value)))
SOURCES = Rule("rows x, y, z, weight, wavelength > 0", _are_sources)
BOX = Rule("data (nh, nk, nl) and the three lowest indices", _are_reflections)

# A field that is as the dataclass has it is good
RULES: dict[str, dict[str, Rule]] = {
    "beam": {
        **dict.fromkeys(("direction", "polarization_normal"), DIRECTION),
        **dict.fromkeys(("hdiv", "vdiv", "dispersion"), SPREAD),
        **dict.fromkeys(("fluence", "water_size"), SIGNED),
        "wavelength": POSITIVE,
        "kahn": NUMBER,
        "sources": SOURCES,
    },
    "crystal": {
        **dict.fromkeys(("misset_seed", "mosaic_seed", "mosaic_domains"), COUNT),
        **dict.fromkeys(("n_cells", "counts"), CELLS),
        "cell": CELL,
        "a_star": MATRIX,
        "misset": TRIPLE,
        "shape": one_of("square", "round", "gauss", "tophat"),
        "fudge": POSITIVE,
        "mosaic_spread": SIGNED,
        "reflections": BOX,
        "default_F": NUMBER,
    },
    "detector": {
        **dict.fromkeys(("fast", "slow", "normal", "twotheta_axis"), DIRECTION),
        **dict.fromkeys(("pixel_size", "distance", "close_distance"), POSITIVE),
        **dict.fromkeys(("Xbeam", "Ybeam", "Xclose", "Yclose", "ORGX", "ORGY", "twotheta"), NUMBER),
        **dict.fromkeys(("pix0", "rotation"), TRIPLE),
        **dict.fromkeys(("thickness", "attenuation", "layer_thickness"), SIGNED),
        "shape": SHAPE,
        "size": SIZES,
        "convention": one_of(*CONVENTIONS),
        "pivot": one_of("beam", "sample"),
        "layers": COUNT,
    },
    "goniometer": {
        **dict.fromkeys(("phi", "osc", "phistep"), NUMBER),
        "spindle": DIRECTION,
        "phisteps": COUNT,
    },
    "sampling": {"oversample": COUNT, "dmin": SIGNED},
}


def check(experiment: Experiment) -> None:
    """Raises InputError for an experiment that there cannot be, naming the field."""
    for part in fields(Experiment):
        value = getattr(experiment, part.name)
        for name, rule in RULES[part.name].items():
            given = getattr(value, name)
            if given is not getattr(type(value), name):
                require(f"{part.name}.{name}", given, rule)
    sampling, shape = experiment.sampling, experiment.detector.shape
    roi = sampling.roi or []
    for box in [roi] if isinstance(roi, tuple) else roi:
        check_box("sampling.roi", box, shape)
    if sampling.mask is not None:
        check_pixels("sampling.mask", tuple(sampling.mask.shape), shape)


def check_box(where: str, box: Box, shape: tuple[int, int]) -> None:
    """Raises InputError for a box that reaches beyond the detector, (slow, fast) pixels, or holds none."""
    slow, fast = shape
    try:
        x0, x1, y0, y1 = map(operator.index, box)
        good = 0 <= x0 <= x1 < fast and 0 <= y0 <= y1 < slow
    except (TypeError, ValueError):
        good = False
    if not good:
        asked = f"0 <= xmin <= xmax <= {fast - 1} and 0 <= ymin <= ymax <= {slow - 1}"
        raise InputError(where, asked, shown(box))


def check_pixels(where: str, found: tuple[int, ...], shape: tuple[int, int]) -> None:
    """Raises InputError for what has another shape than the detector."""
    if found != tuple(shape):
        asked = f"{shape[0]} x {shape[1]} pixels, as the detector's"
        raise InputError(where, asked, " x ".join(map(str, found)))


def check_weights(experiment: Experiment, quirks: Quirks) -> None:
    """Raises InputError for weights of sources that have no mean to be divided by."""
    sources = experiment.beam.sources
    if sources is None or quirks.flat_weights:
        return
    if bool((known(sources[:, 3]).cumsum(0)[-1] == 0).any()):  # in the order of the C engine
        raise InputError("sources", "weights whose sum is not 0", "0")


def find_device(where: str, name: torch.device | str) -> torch.device:
    """The torch device of this name. Raises InputError if it is not here."""
    try:
        device = torch.device(name)
        float(torch.zeros(1, device=device))  # "meta" makes tensors, but they hold nothing
    except (RuntimeError, AssertionError):
        raise InputError(where, "a device that torch has here", quoted(str(name))) from None
    return device

"""How many steps of what size, from what was given. Twin: reference/physics/steps.c.

None means "not given", and so do numbers that make no steps. README "Steps".
"""

import numpy as np

from simulator.errors import InputError
from simulator.experiment import Number

MANY = 10_000_000  # more steps than this is a slip of the keyboard


def ceil_steps(size: float, step: float) -> int:
    """Whole steps of this size in a range, at least one. Raises InputError for too many."""
    steps = float(np.ceil(size / step))
    if steps > MANY:
        raise InputError("steps", f"at most {MANY}", f"{steps:g}")
    return max(int(steps), 1)


def phi_steps(osc: float | None, step: float | None, count: int | None) -> tuple[float, float, int]:
    """Oscillation range, step and number of spindle steps, in degrees.

    A negative range or count and a step of 0 or less were not given, but a step of exactly 0 is kept beside a
    range and a count. Raises InputError for a range of 0 cut into steps: there would be none.
    """
    osc = None if osc is None or osc < 0 else osc
    count = None if count is None or count < 0 else max(count, 1)
    kept = step == 0 and osc is not None and count is not None
    step = None if step is None or not (step > 0 or kept) else step
    if count is None:
        if osc is None:
            return (0.0, 0.0, 1) if step is None else (step, step, 2)
        if step is None:
            return osc, osc / 2, 2
        if osc == 0:
            raise InputError("-osc", "a number > 0 beside -phistep", "0")
        return osc, step, ceil_steps(osc, step)
    if osc is None:
        return (1.0, 1.0 / count, count) if step is None else (step, step, 2)
    return osc, osc / count if step is None else step, count


def range_steps(size: float | None, step: float | None, count: int | None) -> tuple[float, float, int]:
    """Range, step and number of steps of a divergence (radians) or the dispersion (fraction).

    A negative range and a step or count of 0 or less were not given.
    """
    size = None if size is None or size < 0 else size
    step = None if step is None or step <= 0 else step
    count = None if count is None or count <= 0 else count
    if count is None:
        if size is None:
            size, count = step, 2
        elif step is None:
            step, count = size, 2
        else:
            count = ceil_steps(size, step)
    elif size is None:
        if step is None:
            size, step = 1.0, 1.0 / count
        else:
            size, count = step, 2
    elif step is None:
        count = max(count, 2)
        step = size / (count - 1)
    if size is None or step is None or not (size > 0 and step > 0):
        return 0.0, 0.0, 1
    return size, step, count


def thick_steps(thickness: float, count: int | None) -> tuple[float, int]:
    """Layer thickness and number of layers of a sensor, in its unit of length."""
    if thickness <= 0:
        return 0.0, 1
    if count is None or count <= 0:
        return thickness / 2, 2
    return thickness / (max(count, 2) - 1), max(count, 2)


def mosaic_steps(spread: float | None, count: int | None) -> int:
    """Number of mosaic domains."""
    if not spread:
        return 1
    return 10 if count is None or count <= 0 else count


def step_of(step: Number | None, size: Number, parts: int) -> Number:
    """The step as given, else an equal part of the range."""
    return size / max(parts, 1) if step is None else step

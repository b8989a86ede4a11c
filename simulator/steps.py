"""How many steps of what size, from what was given. Twin: reference/steps.c.

None means "not given". The rules are those of section 5 of the behaviour page.
"""

import numpy as np

from simulator.tokens import CommandError

MANY = 10_000_000  # more steps than this is a slip of the keyboard


def ceil_steps(size: float, step: float) -> int:
    """Whole steps of this size in a range, at least one. Raises CommandError for too many."""
    steps = float(np.ceil(size / step))
    if steps > MANY:
        raise CommandError(f"command line: expected at most {MANY} steps, got {steps:g}")
    return max(int(steps), 1)


def phi_steps(osc: float | None, step: float | None, count: int | None) -> tuple[float, float, int]:
    """Oscillation range, step and number of spindle steps, in degrees."""
    given = (osc is not None and osc >= 0, step is not None and step > 0, count is not None and count > 0)
    osc, step, count = osc or 0.0, step or 0.0, count or 0
    match given:
        case (False, False, False):
            return 0.0, 0.0, 1
        case (False, True, _):
            return step, step, 2
        case (True, False, False):
            return osc, osc / 2, 2
        case (True, True, False):
            return osc, step, ceil_steps(osc, step)
        case (False, False, True):
            return 1.0, 1.0 / count, count
        case (True, False, True):
            return osc, osc / count, count
    return osc, step, count


def range_steps(size: float | None, step: float | None, count: int | None) -> tuple[float, float, int]:
    """Range, step and number of steps of a divergence (radians) or the dispersion (fraction)."""
    if count is None:
        if size is None:
            size, count = step, 2
        elif step is None:
            step, count = size, 2
        else:
            count = ceil_steps(size, step) if step > 0 else 0
    elif size is None:
        if step is None:
            size, step = 1.0, 1.0 / count
        else:
            size, count = step, 2
    elif step is None:
        count = max(count, 2)
        step = size / (count - 1)
    if size is None or step is None or not (size > 0 and step > 0 and count > 0):
        return 0.0, 0.0, 1
    return size, step, count


def thick_steps(thickness: float, count: int | None) -> tuple[float, int]:
    """Layer thickness and number of layers of a sensor, in its unit of length."""
    if thickness <= 0:
        return 0.0, 1
    if count is None:
        return thickness / 2, 2
    return thickness / (max(count, 2) - 1), max(count, 2)


def mosaic_steps(spread: float | None, count: int | None) -> int:
    """Number of mosaic domains."""
    if not spread:
        return 1
    return 10 if count is None else count

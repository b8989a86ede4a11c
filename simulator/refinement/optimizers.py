"""Levenberg-Marquardt and L-BFGS of scipy on an objective, in units of the unknowns' expected errors."""

from collections.abc import Callable

import numpy as np
from scipy import optimize

from simulator.errors import InputError
from simulator.refinement.objective import Objective, Vector

Report = Callable[[Vector, float], None]  # values, loss
Method = Callable[[Objective, Vector, float, Report], Vector]
STEPS = 60
NEAR = {
    True: 1e-9,
    False: 1e-2,
}  # steps by likelihood or not, relative to the way from the start, at which a search is over
INSIDE = 1e-3  # expected errors from a bound at which a search may start


def least_squares(objective: Objective, start: Vector, tolerance: float, report: Report) -> Vector:
    """By Gauss-Newton steps within a trust region (Branch, Coleman and Li, 1999), inside the bounds.

    A step to an experiment that there cannot be is taken back, as any step that is too long.
    """
    origin, scale, lower, upper = _units(objective)
    room = np.minimum(INSIDE, (upper - lower) / 4)
    first = np.clip((start - origin) / scale, lower + room, upper - room)
    latest = dict[bytes, tuple[Vector, Vector]]()

    def compact(scaled: Vector) -> tuple[Vector, Vector]:
        key = scaled.tobytes()
        if key not in latest:
            latest.clear()
            try:
                latest[key] = objective.compact(origin + scaled * scale)
            except InputError:
                if np.array_equal(scaled, first):
                    raise
                return np.full(len(scaled) + 1, np.inf), np.zeros((len(scaled) + 1, len(scaled)))
        return latest[key]

    found = optimize.least_squares(
        lambda scaled: compact(scaled)[0],
        first,
        lambda scaled: compact(scaled)[1] * scale,
        bounds=(lower, upper),
        ftol=tolerance,
        xtol=NEAR[objective.likely],
        gtol=None,
        max_nfev=STEPS,
        callback=lambda intermediate_result: report(
            origin + intermediate_result.x * scale, 2.0 * intermediate_result.cost
        ),
    )
    values: Vector = origin + found.x * scale
    return values


def lbfgs(objective: Objective, start: Vector, tolerance: float, report: Report) -> Vector:
    """By gradients alone (Byrd, Lu, Nocedal and Zhu, 1995), inside the bounds: for many unknowns."""
    origin, scale, lower, upper = _units(objective)

    def value(scaled: Vector) -> tuple[float, Vector]:
        loss, slopes = objective.gradient(origin + scaled * scale)
        return loss, slopes * scale

    found = optimize.minimize(
        value,
        (start - origin) / scale,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lower, upper, strict=True)),
        callback=lambda intermediate_result: report(
            origin + intermediate_result.x * scale, intermediate_result.fun
        ),
        options={"maxiter": 20 * STEPS, "maxfun": 30 * STEPS, "ftol": tolerance * 1e-3, "gtol": 0.0},
    )
    values: Vector = origin + found.x * scale
    return values


def _units(objective: Objective) -> tuple[Vector, Vector, Vector, Vector]:
    """Where the moving unknowns are counted from, their expected errors, and bounds in units of these."""
    moving = [objective.unknowns[i] for i in objective.moving]
    rows = [(one.start, one.scale, one.lower, one.upper) for one in moving]
    origin, scale, lower, upper = np.array(rows).T
    return origin, scale, (lower - origin) / scale, (upper - origin) / scale


METHODS: dict[str, Method] = {"levenberg-marquardt": least_squares, "l-bfgs": lbfgs}

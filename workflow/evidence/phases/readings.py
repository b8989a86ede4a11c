"""The traces of a phase's runs, and plain questions to them."""

import math
from collections.abc import Iterable

from evidence.errors import InputError, MissingError
from evidence.phases.job import PhaseJob
from evidence.traces.pixel_trace import PixelTrace as Trace
from evidence.traces.taps import TAPS
from evidence.traces.tracing import read_any

__all__ = [
    "Trace",
    "largest_difference",
    "largest_relative",
    "phi_steps",
    "read",
    "slack",
    "unit",
    "values",
    "worst",
]


def read(job: PhaseJob, phase: str, label: str) -> list[Trace]:
    """Traces of the run `label`, one per pixel asked for, in that order; MissingError if one is not there."""
    records = job.runs(phase, label)
    wanted = [(slow, fast) for slow, fast in job.listed(phase, label).pixels]
    try:
        found = {trace.pixel: trace for each in records for trace in read_any(each.folder / each.log)}
    except InputError as problem:
        raise MissingError(f"run {label} of phase {phase.upper()}: {problem}") from None
    lost = [pixel for pixel in wanted if pixel not in found]
    if lost or not wanted:
        raise MissingError(f"run {label} of phase {phase.upper()} printed no trace of {lost or 'any pixel'}")
    return [found[pixel] for pixel in wanted]


def unit(tap: str) -> str:
    """Unit of a tap as the table of taps has it."""
    return TAPS[tap].unit


def values(trace: Trace, tap: str, phi_tic: int | None = None) -> tuple[float, ...]:
    """The numbers of one tap; MissingError if the trace lacks it."""
    entry = trace.places().get((phi_tic, tap))
    if entry is None:
        why = trace.absent.get(tap, "not in the trace")
        raise MissingError(f"{tap} of pixel {trace.pixel}: {why}")
    return entry.values


def phi_steps(trace: Trace) -> list[int]:
    """The phi steps that were traced, ascending."""
    return sorted({entry.phi_tic for entry in trace.entries if entry.phi_tic is not None})


def largest_difference(c: Trace, py: Trace, tap: str, phi_tic: int | None = None) -> float:
    """max |py - c| over the components; NaN if any is NaN."""
    return worst([abs(y - x) for x, y in _pairs(c, py, tap, phi_tic)])


def largest_relative(c: Trace, py: Trace, tap: str, limit: float = math.inf) -> float:
    """max |py - c| / |c| over the components: 0 where both are 0, infinite where only c is.

    MissingError where c was printed with too few digits to tell whether that is within `limit`.
    """
    pairs = _pairs(c, py, tap, None)
    found = worst([abs(y - x) / abs(x) if x != 0 else (0.0 if y == 0 else math.inf) for x, y in pairs])
    open_digits = max(d / abs(x) if x != 0 else 0.0 for d, (x, _) in zip(slack(c, tap), pairs, strict=True))
    if open_digits > limit and found - open_digits <= limit:
        raise MissingError(
            f"{tap} of pixel {c.pixel} is printed to {open_digits:.1g}, {limit:g} is asked for"
        )
    return found


def slack(trace: Trace, tap: str, phi_tic: int | None = None) -> tuple[float, ...]:
    """What the printed digits of each number of a tap leave open; 0 where all were printed."""
    entry = trace.places()[(phi_tic, tap)]
    return entry.slack or (0.0,) * len(entry.values)


def _pairs(c: Trace, py: Trace, tap: str, phi_tic: int | None) -> list[tuple[float, float]]:
    left, right = values(c, tap, phi_tic), values(py, tap, phi_tic)
    if c.pixel != py.pixel or len(left) != len(right):
        raise MissingError(f"{tap}: {len(left)} numbers of {c.pixel} against {len(right)} of {py.pixel}")
    return list(zip(left, right, strict=True))


def worst(differences: Iterable[float]) -> float:
    """The largest; NaN counts as the largest of all. Nothing to compare is an error, not zero."""
    found = list(differences)
    if not found:
        raise MissingError("nothing to compare")
    return math.nan if any(math.isnan(d) for d in found) else max(found)

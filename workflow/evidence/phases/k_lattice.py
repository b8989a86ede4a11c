"""Phase K: cell tensors and the whole scaling chain, C against PyTorch in float64 and float32."""

import math
from collections.abc import Sequence

from evidence.phases import readings
from evidence.phases.job import CheckSpec, Measurements, PhaseJob, PlannedRun
from evidence.records import Record
from evidence.traces.taps import TAPS

LABELS = ("py_float64", "py_float32")
TENSORS = (
    "cell_a_star_A_inv",
    "cell_b_star_A_inv",
    "cell_c_star_A_inv",
    "cell_a_angstroms",
    "cell_b_angstroms",
    "cell_c_angstroms",
    "V_cell_A3",
    "V_star_A3_inv",
)
# From the sum over the crystal to the pixel, in the order in which they enter.
FACTORS = (
    "I_before_scaling",
    "r_e_sqr",
    "fluence_photons_per_m2",
    "steps",
    "capture_fraction",
    "polar",
    "omega_pixel",
    "I_pixel_final",
)
CHECKS = (
    CheckSpec("VG-0", "hkl", "<=", "hkl"),
    CheckSpec("VG-0", "factor_ratio", "range", "factor_ratio"),
    CheckSpec("VG-0", "hkl_float32", "<=", "hkl", goal=False),
    CheckSpec("VG-0", "factor_ratio_float32", "range", "factor_ratio", goal=False),
)


def runs(job: PhaseJob) -> tuple[PlannedRun, ...]:
    """The traced pixels by the C engine and by PyTorch in both precisions."""
    pixels = job.case.trace_pixels
    return (
        PlannedRun("c", "c", (), pixels=pixels),
        *(PlannedRun(label, "py", (), dtype=label.removeprefix("py_"), pixels=pixels) for label in LABELS),
    )


def measure(job: PhaseJob) -> Measurements:
    """Largest |dh|, |dk|, |dl| and the factor ratio furthest from 1, over the traced pixels."""
    traces = {label: readings.read(job, "k", label) for label in ("c", *LABELS)}
    found = Measurements()
    found.tables["cell_tensors"] = _tensor_rows(traces)
    chain = [row for n in range(len(traces["c"])) for row in _factor_rows(traces, n)]
    found.tables["scaling_chain"] = chain
    silent = [tap for tap in FACTORS if tap in traces["c"][0].absent]
    for label, suffix in (("py_float64", ""), ("py_float32", "_float32")):
        found.measured[f"hkl{suffix}"] = readings.worst(
            readings.largest_difference(c, py, "hkl_frac")
            for c, py in zip(traces["c"], traces[label], strict=True)
        )
        if silent:
            found.reasons[f"factor_ratio{suffix}"] = f"{silent[0]}: {traces['c'][0].absent[silent[0]]}"
            continue
        ratios = [(row[f"ratio{suffix}"], row["factor"]) for row in chain]
        worst, name = max(ratios, key=lambda pair: _away_from_one(pair[0]))
        found.measured[f"factor_ratio{suffix}"] = math.nan if worst is None else worst
        found.reasons[f"factor_ratio{suffix}"] = f"{name} is furthest from 1"
    return found


def _away_from_one(ratio: float | None) -> float:
    return math.inf if ratio is None or not math.isfinite(ratio) else abs(ratio - 1.0)


def _tensor_rows(traces: dict[str, list[readings.Trace]]) -> list[Record]:
    """One row a component, from the header that is the same for every pixel."""
    c, double, single = (traces[label][0] for label in ("c", *LABELS))
    return [
        {
            "tensor": tap,
            "component": i,
            "unit": readings.unit(tap),
            "c": x,
            "py_float64": y,
            "py_float32": z,
            "ratio": _ratio(x, y),
            "digits": _digits(x, y),
        }
        for tap in TENSORS
        for i, (x, y, z) in enumerate(zip(*(_values(t, tap) for t in (c, double, single)), strict=True))
    ]


def _values(trace: readings.Trace, tap: str) -> Sequence[float | None]:
    """A tap that a foreign program does not print is None in the table, not an end of it."""
    if tap in trace.absent:
        return (None,) * TAPS[tap].count
    return readings.values(trace, tap)


def _factor_rows(traces: dict[str, list[readings.Trace]], n: int) -> list[Record]:
    """The chain of pixel number n. `ratio` is float64, `ratio_float32` float32, both over C."""
    c, double, single = (traces[label][n] for label in ("c", *LABELS))
    rows = []
    for tap in FACTORS:
        (x,), (y,), (z,) = (_values(trace, tap) for trace in (c, double, single))
        rows.append(
            {
                "factor": tap,
                "pixel": list(c.pixel or ()),
                "unit": readings.unit(tap),
                "c": x,
                "py_float64": y,
                "py_float32": z,
                "ratio": _ratio(x, y),
                "ratio_float32": _ratio(x, z),
                "digits": _digits(x, y),
                "digits_float32": _digits(x, z),
            }
        )
    return rows


def _ratio(c: float | None, py: float | None) -> float | None:
    """py/c; 1 where both are 0, None where only c is."""
    if c is None or py is None:
        return None
    if c == 0:
        return 1.0 if py == 0 else None
    return py / c


def _digits(c: float | None, py: float | None) -> float | None:
    """Decimal digits in which the two agree, at most the 15.95 of a double; None where unknown."""
    ratio = _ratio(c, py)
    if ratio is None or not math.isfinite(ratio):
        return None
    return min(-math.log10(max(abs(ratio - 1.0), 1e-300)), 53 * math.log10(2))

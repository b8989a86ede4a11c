"""Phase M: structure factor and normalization: every tap of the traced pixels and of the cross-pixel probe,
sincg in high precision, the reflections in the file, the gradient of a small region, also against C."""

import math
import traceback

from evidence.engines.arguments import last_values
from evidence.errors import MissingError
from evidence.phases import audit, c_differences, exercised, gradient, readings, telling
from evidence.phases.job import CheckSpec, Measurements, PhaseJob, PlannedRun
from evidence.records import Record
from evidence.store import atomic
from evidence.traces import divergence

CHECKS = (
    CheckSpec("VG-2", "F_cell", "<=", "factors"),
    CheckSpec("VG-2", "F_latt", "<=", "factors"),
    CheckSpec("VG-2", "I_before_scaling", "<=", "factors"),
    CheckSpec("VG-2", "first_divergence", "equals", None, "pixels"),
    CheckSpec("VG-2", "sincg", "<=", "sincg"),
    CheckSpec("VG-2", "hkl_lookup", "equals", None, "mismatches"),
    CheckSpec("VG-2", "gradcheck", "equals", None, "parameters"),
    *c_differences.CHECKS,
)
AXES = ("a", "b", "c")
FACTORS = ("F_cell", "F_latt", "I_before_scaling")


def pixels(job: PhaseJob) -> tuple[tuple[int, int], ...]:
    """The traced pixels, then those of the probe, each once."""
    return tuple(dict.fromkeys([*job.case.trace_pixels, *job.case.probe.pixels()]))


def runs(job: PhaseJob) -> tuple[PlannedRun, ...]:
    """All pixels in one run of each engine; the probe by C with numbers moved."""
    traced = pixels(job)
    c, py = PlannedRun("c", "c", (), pixels=traced), PlannedRun("py_float64", "py", (), pixels=traced)
    return c, py, *c_differences.runs(job)


def measure(job: PhaseJob) -> Measurements:
    """Traces first; each audit after that stands or is blocked on its own."""
    found = Measurements()
    try:
        c, py = (readings.read(job, "m", label) for label in ("c", "py_float64"))
    except MissingError as problem:
        found.reasons |= {check.name: str(problem) for check in CHECKS}
    else:
        _compare(job, c, py, found)
        for check, do in (("sincg", _audit_sincg), ("hkl_lookup", _audit_lookup)):
            try:
                do(job, c, py, found)
            except MissingError as problem:
                found.reasons[check] = str(problem)
    try:
        exercised.write(job.experiment, job.folder("m") / exercised.FILE)
        gradient.check(job, found)
    except MissingError as problem:
        found.reasons["gradcheck"] = str(problem)
    except Exception as problem:  # whatever a broken engine raises: the gate says so, the rest stands
        traceback.print_exc()
        found.reasons["gradcheck"] = f"{type(problem).__name__}: {problem}"
    c_differences.measure(job, found)
    return found


def _compare(job: PhaseJob, c: list[readings.Trace], py: list[readings.Trace], found: Measurements) -> None:
    """Tap by tap, each pixel into pixel_SLOW_FAST/trace_compare.json; a summary into the table."""
    rows: list[Record] = []
    parted: list[str] = []
    limit = float(job.thresholds["VG-2"]["factors"]["accept"])
    for left, right in zip(c, py, strict=True):
        slow, fast = left.pixel or (-1, -1)
        result = divergence.compare(left, right, rtol=job.settings.trace_rtol).to_dict()
        atomic.write_json(job.folder("m") / f"pixel_{slow}_{fast}" / "trace_compare.json", result)
        first = result["first_divergence"]
        if first is not None:
            parted.append(telling.parting(first, slow, fast))
        rows.append(
            {
                "pixel": [slow, fast],
                "probe": (slow, fast) in job.case.probe.pixels(),
                "compared": result["compared"],
                "first_divergence": "none" if first is None else str(first["tap"]),
                **{name: _relative(left, right, name, limit, found) for name in FACTORS},
            }
        )
    found.tables["pixels"] = rows
    for name in FACTORS:
        if name not in found.reasons:
            found.measured[name] = readings.worst(row[name] for row in rows)
    values = sum(int(row["compared"]) for row in rows)
    found.notes["first_divergence"] = f"{values} values of {len(rows)} pixels compared"
    found.measured["first_divergence"] = float(len(parted))
    if parted:
        found.reasons["first_divergence"] = parted[0]


def _relative(
    c: readings.Trace, py: readings.Trace, tap: str, limit: float, found: Measurements
) -> float | None:
    """The relative difference of one tap; without one, the check of that name is blocked."""
    try:
        return readings.largest_relative(c, py, tap, limit)
    except MissingError as problem:
        found.reasons.setdefault(tap, str(problem))
        return None


def _audit_sincg(
    job: PhaseJob, c: list[readings.Trace], py: list[readings.Trace], found: Measurements
) -> None:
    """Each axis of every evaluation traced, by each engine, from that engine's own h."""
    if job.experiment.crystal.shape != "square":  # no axis has a transform of its own
        found.not_applicable.add("sincg")
        return
    cells = _cells(job, c[0])
    rows: list[Record] = []
    for side, traced in (("c", c), ("py", py)):
        for trace in traced:
            for step in (None, *readings.phi_steps(trace)):
                prefix = "" if step is None else "phi_"
                hkl = readings.values(trace, f"{prefix}hkl_frac", step)
                for axis, h, n in zip(AXES, hkl, cells, strict=True):
                    (value,) = readings.values(trace, f"{prefix}F_latt_{axis}", step)
                    error = audit.sincg_error(h, n, value)
                    place = {"engine": side, "pixel": list(trace.pixel or ()), "phi_tic": step, "axis": axis}
                    exact = float(audit.sincg(h, n))
                    rows.append({**place, "h": h, "N": n, "value": value, "exact": exact, "rel": error})
    found.tables["sincg"] = _worst_of_each(rows)
    found.measured["sincg"] = readings.worst(row["rel"] for row in rows)


def _worst_of_each(rows: list[Record]) -> list[Record]:
    """The evaluation with the largest error of every engine, pixel and axis, and of how many it is that."""
    groups: dict[tuple[object, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault((row["engine"], *row["pixel"], row["axis"]), []).append(row)
    worst = [
        max(group, key=lambda row: math.inf if math.isnan(row["rel"]) else row["rel"])
        for group in groups.values()
    ]
    return [{**row, "evaluations": len(group)} for row, group in zip(worst, groups.values(), strict=True)]


def _cells(job: PhaseJob, trace: readings.Trace) -> tuple[int, int, int]:
    """Na, Nb, Nc as the engines read them from the command; MissingError where no transform is printed."""
    if "F_latt_a" in trace.absent:
        raise MissingError(f"F_latt_a of pixel {trace.pixel}: {trace.absent['F_latt_a']}")
    na, nb, nc = (int(count) for count in job.experiment.crystal.n_cells)
    return na, nb, nc


def _audit_lookup(
    job: PhaseJob, c: list[readings.Trace], py: list[readings.Trace], found: Measurements
) -> None:
    """Index, line of the file, its value, and what each engine used, for every evaluation traced."""
    crystal = job.experiment.crystal
    if crystal.interpolate:  # F_cell comes from the four nearest planes and is in no line of the file
        found.not_applicable.add("hkl_lookup")
        return
    name = last_values(job.case.arguments, "-hkl")
    listed = audit.read_reflections(job.bundle / "inputs" / name[0]) if name else {}
    default = float(crystal.default_F)
    rows = []
    for left, right in zip(c, py, strict=True):
        for step in (None, *readings.phi_steps(left)):
            prefix = "" if step is None else "phi_"
            used: Record = {}
            for side, trace in (("c", left), ("py", right)):
                used[f"{side}_index"] = _index(readings.values(trace, f"{prefix}hkl_rounded", step))
                (used[side],) = readings.values(trace, f"{prefix}F_cell", step)
            line, value = audit.expected_factor(listed, used["c_index"], default)
            (left_open,) = readings.slack(left, f"{prefix}F_cell", step)  # digits that C did not print
            ok = used["c_index"] == used["py_index"] and abs(used["c"] - value) <= left_open
            ok = ok and used["py"] == value
            place = {"index": list(used["c_index"]), "pixel": list(left.pixel or ()), "phi_tic": step}
            rows.append({**place, "line": line, "file": value, "c": used["c"], "py": used["py"], "ok": ok})
    found.tables["hkl_lookup"] = _each_once(rows)
    wrong = [row for row in rows if not row["ok"]]
    found.measured["hkl_lookup"] = float(len(wrong))
    if wrong:
        found.reasons["hkl_lookup"] = telling.lookup(wrong[0])


def _each_once(rows: list[Record]) -> list[Record]:
    """One row a reflection and outcome, of its first evaluation, with the number of evaluations."""
    groups: dict[tuple[object, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault((*row["index"], str(row["c"]), str(row["py"])), []).append(row)
    return [{**group[0], "evaluations": len(group)} for group in groups.values()]


def _index(values: tuple[float, ...]) -> tuple[int, int, int]:
    """h, k, l as whole numbers; MissingError if they are none."""
    if len(values) != len(AXES) or not all(value.is_integer() for value in values):
        raise MissingError(f"hkl_rounded {values} is no Miller index")
    return int(values[0]), int(values[1]), int(values[2])

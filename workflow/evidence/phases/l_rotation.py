"""Phase L: the rotated crystal and hkl at every phi step, in both modes, and what the modes differ by."""

from evidence.errors import MissingError
from evidence.phases import readings
from evidence.phases.job import CheckSpec, Measurements, PhaseJob, PlannedRun
from evidence.records import Record

MODES = ("c-parity", "spec")
CHECKS = (
    CheckSpec("VG-1", "spec_dk", "<=", "spec"),
    CheckSpec("VG-1", "spec_rot_b_y", "<=", "spec", "angstrom"),
    CheckSpec("VG-1", "c_parity_dk", "<=", "c_parity"),
    CheckSpec("VG-1", "c_parity_rot_b_y", "<=", "c_parity", "angstrom"),
    CheckSpec("VG-1", "spec_phi0_unrotated", "<=", "spec", "angstrom"),
)
VECTORS = ("phi_rot_a_angstroms", "phi_rot_b_angstroms", "phi_rot_c_angstroms")


def label(role: str, mode: str) -> str:
    """Folder of a run."""
    return f"{'c' if role == 'c' else 'py_float64'}{'_spec' if mode == 'spec' else ''}"


def runs(job: PhaseJob) -> tuple[PlannedRun, ...]:
    """The traced pixels, both engines, both modes."""
    pixels = job.case.trace_pixels
    return tuple(
        PlannedRun(label(role, mode), role, (), mode, pixels=pixels) for mode in MODES for role in ("c", "py")
    )


def measure(job: PhaseJob) -> Measurements:
    """The largest differences over all steps and pixels; a mode that cannot be run is blocked alone."""
    found = Measurements()
    rows: list[Record] = []
    traced: dict[str, list[readings.Trace]] = {}
    for mode in MODES:
        names = [check.name for check in CHECKS if check.name.startswith(mode.replace("-", "_"))]
        try:
            c, py = (readings.read(job, "l", label(role, mode)) for role in ("c", "py"))
            steps = _steps(job, c, py)
            own = [_step_row(mode, step, c, py) for step in steps]
        except MissingError as problem:
            found.reasons |= dict.fromkeys(names, str(problem))
            continue
        rows += own
        traced[mode] = py
        prefix = mode.replace("-", "_")
        found.measured[f"{prefix}_dk"] = readings.worst(row["dk"] for row in own)
        found.measured[f"{prefix}_rot_b_y"] = readings.worst(row["rot_b_y"] for row in own)
        if mode == "spec":
            _check_phi_zero(found, c + py)
    found.tables["phi_steps"] = rows
    if len(traced) == len(MODES):
        found.tables["mode_difference"] = _mode_rows(*(traced[mode] for mode in MODES))
    return found


def _steps(job: PhaseJob, c: list[readings.Trace], py: list[readings.Trace]) -> list[int]:
    """The steps 0, 1, ... that every trace must hold."""
    steps = readings.phi_steps(c[0])
    for trace in (c[0], py[0]):
        if "phi_hkl_frac" in trace.absent:
            raise MissingError(f"no phi steps of pixel {trace.pixel}: {trace.absent['phi_hkl_frac']}")
    if not steps or steps != list(range(len(steps))):
        raise MissingError(f"phi steps {steps or 'none'} of pixel {c[0].pixel} are no whole sweep")
    asked = job.experiment.goniometer.phisteps
    if asked != len(steps):
        raise MissingError(f"{len(steps)} phi steps were traced, the command asks for {asked}")
    for trace in c + py:
        if readings.phi_steps(trace) != steps:
            raise MissingError(f"pixel {trace.pixel} has other phi steps than pixel {c[0].pixel}")
    return steps


def _step_row(mode: str, step: int, c: list[readings.Trace], py: list[readings.Trace]) -> Record:
    """|dh|, |dk|, |dl| and the difference of each rotated vector's components, largest over the pixels."""
    row: Record = {
        "mode": mode,
        "phi_tic": step,
        "phi_deg": readings.values(c[0], "phi_deg", step)[0],
    }
    for name, tap, component in (
        ("dh", "phi_hkl_frac", 0),
        ("dk", "phi_hkl_frac", 1),
        ("dl", "phi_hkl_frac", 2),
        ("rot_b_y", "phi_rot_b_angstroms", 1),
    ):
        pairs = [
            (readings.values(a, tap, step), readings.values(b, tap, step)) for a, b in zip(c, py, strict=True)
        ]
        row[name] = readings.worst(abs(b[component] - a[component]) for a, b in pairs)
    row["rot_max"] = readings.worst(
        readings.largest_difference(a, b, tap, step) for a, b in zip(c, py, strict=True) for tap in VECTORS
    )
    return row


def _check_phi_zero(found: Measurements, traces: list[readings.Trace]) -> None:
    """In spec mode the step at phi 0 is the unrotated crystal, in both engines."""
    distances = []
    for trace in traces:
        for step in readings.phi_steps(trace):
            if readings.values(trace, "phi_deg", step)[0] == 0:
                for tap, cell in zip(VECTORS, ("a", "b", "c"), strict=True):
                    still = readings.values(trace, f"cell_{cell}_angstroms")
                    turned = readings.values(trace, tap, step)
                    distances += [abs(x - y) for x, y in zip(turned, still, strict=True)]
    if distances:
        found.measured["spec_phi0_unrotated"] = readings.worst(distances)
    else:
        found.not_applicable.add("spec_phi0_unrotated")


def _mode_rows(parity: list[readings.Trace], spec: list[readings.Trace]) -> list[Record]:
    """spec minus c-parity of the PyTorch engine at every step of the first traced pixel."""
    rows = []
    for step in readings.phi_steps(parity[0]):
        old, new = (readings.values(trace, "phi_hkl_frac", step) for trace in (parity[0], spec[0]))
        b_old, b_new = (readings.values(trace, "phi_rot_b_angstroms", step) for trace in (parity[0], spec[0]))
        rows.append(
            {
                "phi_tic": step,
                "phi_deg": readings.values(spec[0], "phi_deg", step)[0],
                "dh": new[0] - old[0],
                "dk": new[1] - old[1],
                "dl": new[2] - old[2],
                "rot_b_y": b_new[1] - b_old[1],
            }
        )
    return rows

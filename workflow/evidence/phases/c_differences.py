"""PyTorch's derivatives of the probe against differences of the C engine, and which fields have none.

A few numbers of the case's command line stand for all; `snakemake gradients_<case>` moves every one, in both
modes. Here both engines are in spec mode: in c-parity a pixel at a lattice point has few correct digits, by
rule, and differences of it fewer.
"""

import json
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.engines.arguments import last_values
from evidence.engines.found import find_c_engines
from evidence.errors import MissingError
from evidence.phases import readings
from evidence.phases.job import CheckSpec, Measurements, PhaseJob, PlannedRun
from evidence.records import Record

if TYPE_CHECKING:
    from evidence.derivatives.extrapolation import Pixels
    from evidence.derivatives.movable import Number

CHECKS = (
    CheckSpec("VG-6", "richardson", "<=", "richardson"),
    CheckSpec("VG-6", "step_correlation", ">=", "step_correlation"),
    CheckSpec("VG-6", "gradients_not_finite", "equals", None, "fields"),
    CheckSpec("VG-6", "gradients_unexplained", "equals", None, "fields"),
)
FLAGS = (
    "-lambda",
    "-distance",
    "-pixel",
    "-osc",
    "-cell",
    "-misset",
    "-detector_rotx",
)  # the first value of each that is there
LABEL, BASE = "moved_", "moved_none"
MODE = "spec"
TAP = "I_pixel_final"


def runs(job: PhaseJob) -> tuple[PlannedRun, ...]:
    """C runs with one number moved; none by a program that traces a pixel a run, or without a derivative."""
    if "many_pixels" not in find_c_engines(job.settings.c_engine, job.settings.timeout_s).own.can:
        return ()
    try:
        return planned(job)
    except Exception:  # whatever a broken engine raises: the gate is blocked, the other runs are made
        traceback.print_exc()
        return ()


def planned(job: PhaseJob) -> tuple[PlannedRun, ...]:
    """Five steps of each number, by a step that its derivative gives."""
    from evidence.derivatives import command_slopes, movable  # noqa: PLC0415 (torch takes seconds)
    from evidence.derivatives.extrapolation import STEPS  # noqa: PLC0415

    words, pixels = list(job.case.arguments), job.case.probe.pixels()
    made = [PlannedRun(BASE, "c", (), mode=MODE, pixels=tuple(pixels))]
    for slope in command_slopes.slopes(words, job.parse, pixels, MODE, _chosen(words))[1]:
        if slope.reason:
            print(f"{slope.number.name} is not moved: {slope.reason}", flush=True)
            continue
        for k in STEPS:
            command = tuple(movable.moved(words, slope.number, k * slope.step))
            label = f"{LABEL}{slope.number.flag.strip('-')}_{k}"
            made.append(PlannedRun(label, "c", (), mode=MODE, pixels=tuple(pixels), command=command))
    return tuple(made)


def _chosen(words: Sequence[str]) -> "list[Number]":
    from evidence.derivatives import movable  # noqa: PLC0415

    return [number for number in movable.numbers(words) if number.flag in FLAGS and not number.which]


def measure(job: PhaseJob, found: Measurements) -> None:
    """Tables `differences` and `gradients`, and the checks of VG-6, blocked together."""
    try:
        _differences(job, found)
        _every_field(job, found)
    except MissingError as problem:
        found.reasons |= {check.name: str(problem) for check in CHECKS if check.name not in found.measured}
    except Exception as problem:  # whatever a broken engine raises: the gate says so, the rest stands
        traceback.print_exc()
        reason = f"{type(problem).__name__}: {problem}"
        found.reasons |= {check.name: reason for check in CHECKS if check.name not in found.measured}


def _differences(job: PhaseJob, found: Measurements) -> None:
    readings.read(job, "m", "c")  # an engine that fails at this makes no other run, and says why here
    images = _moved_images(job)
    base = _photons(job, BASE)
    from evidence.derivatives import command_slopes, extrapolation  # noqa: PLC0415

    words, pixels = list(job.case.arguments), job.case.probe.pixels()
    chosen = [number for number in _chosen(words) if number.flag in images]
    _, slopes = command_slopes.slopes(words, job.parse, pixels, MODE, chosen)
    rows = [
        extrapolation.compare(slope.number.name, slope.pixels, base, images[slope.number.flag])
        for slope in slopes
    ]
    found.tables["differences"] = [row.to_dict() for row in rows]
    found.measured["richardson"] = readings.worst(row.richardson for row in rows)
    bent = [row.r for row in rows if row.r is not None]
    if bent:
        found.measured["step_correlation"] = float("nan") if np.isnan(bent).any() else min(bent)
    else:
        found.reasons["step_correlation"] = "no number bends the image"


def _moved_images(job: PhaseJob) -> "dict[str, dict[float, Pixels]]":
    """Photons of the probe by flag and by what its number was changed by, as the runs were really made."""
    found: dict[str, dict[float, Pixels]] = {}
    for entry in job.entries("m"):
        if not entry.label.startswith(LABEL) or entry.label == BASE:
            continue
        (run,) = job.runs("m", entry.label)
        argv = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["argv"]
        flag = "-" + entry.label.removeprefix(LABEL).rpartition("_")[0]
        try:
            words = (last_values(job.case.arguments, flag), last_values(argv, flag))
            before, after = (float(values[0]) for values in words if values)
        except ValueError:
            raise MissingError(f"run {entry.label} moves no {flag}") from None
        found.setdefault(flag, {})[after - before] = _photons(job, entry.label)
    if not found:
        raise MissingError(
            "the C engine rendered nothing with a number moved: it cannot, or no pixel changes"
        )
    return found


def _photons(job: PhaseJob, label: str) -> "Pixels":
    """I_pixel_final of the probe, in its order."""
    traces = {trace.pixel: trace for trace in readings.read(job, "m", label)}
    return np.array([readings.values(traces[pixel], TAP)[0] for pixel in job.case.probe.pixels()])


def _every_field(job: PhaseJob, found: Measurements) -> None:
    """The gradient of everything at once."""
    from evidence.derivatives.exactness import judge_fields  # noqa: PLC0415

    rows: list[Record] = judge_fields(job.experiment, "c-parity", job.case.probe.pixels())
    found.tables["gradients"] = rows
    for name, key in (("gradients_not_finite", "finite"), ("gradients_unexplained", "explained")):
        wrong = [row["field"] for row in rows if not row[key]]
        found.measured[name] = float(len(wrong))
        if wrong:
            found.reasons[name] = " ".join(wrong)

"""Run the engines of one phase and list what came of it: runs.json and commands.txt."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from evidence.cases.case import staged_files
from evidence.cases.roi import Roi
from evidence.engines import programs
from evidence.engines.programs import Engine, RunRecord
from evidence.images import roi_image
from evidence.phases.job import FLOAT_IMAGE, PhaseJob, PlannedRun, RunEntry
from evidence.phases.letters import MODULES
from evidence.store import atomic
from evidence.traces.tracing import trace_pixels

HEADER = """\
# Phase {letter} of {bundle}: the engine runs, to be done again by hand.
# In a copy of the bundle: bash phase_{lower}/commands.txt. Images and traces come out the same to the byte;
# a log in which an engine says how long it took does not. run.json and what is measured are not made here.
# NB_C and NB_PYTHON put other programs in place.
set -eu
cd "$(dirname "${{BASH_SOURCE[0]}}")"
NB_C=${{NB_C:-{c}}}
NB_PYTHON=${{NB_PYTHON:-{python}}}
"""


Outcome = tuple[RunEntry, dict[str, RunRecord]]  # row of runs.json, folder -> run.json


def run_phase(job: PhaseJob, phase: str) -> None:
    """Do the runs of the phase one after the other; a failing one is on record and stops nothing."""
    module = MODULES[phase]
    folder = job.folder(phase)
    c_engine = programs.find_c_engine(job.settings.c_engine)
    entries: list[RunEntry] = []
    records: dict[str, RunRecord] = {}
    for planned in module.runs(job):
        engine = engine_of(job, planned, c_engine)
        entry, made = run_one(job, planned, engine, folder)
        entries.append(entry)
        records |= made
        print(f"{planned.label}: {entry.status} {entry.reason or ''}", flush=True)
    regions = {planned.label: planned.region for planned in module.runs(job) if planned.region is not None}
    atomic.write_text(folder / "commands.txt", commands(job, phase, c_engine, records, regions))
    write_runs(folder, phase, c_engine, entries)


def engine_of(job: PhaseJob, planned: PlannedRun, c_engine: Engine) -> Engine:
    """The engine of a planned run."""
    if planned.role == "py":
        return programs.py_engine(planned.dtype, job.settings.device)
    return c_engine


def write_runs(folder: Path, phase: str, c_engine: Engine, entries: Sequence[RunEntry]) -> None:
    """runs.json of a phase."""
    described = {"kind": c_engine.kind, "can": sorted(c_engine.can), "cannot": dict(c_engine.reason)}
    atomic.write_json(
        folder / "runs.json",
        {
            "kind": "runs",
            "schema": 1,
            "phase": phase.upper(),
            "c_engine": described,
            "runs": [entry.to_dict() for entry in entries],
        },
    )


def run_one(job: PhaseJob, planned: PlannedRun, engine: Engine, folder: Path) -> Outcome:
    """One planned run; a program that traces one pixel a run gets a folder for each."""
    made: dict[str, RunRecord] = {}
    words = [*job.case.arguments, *planned.arguments, "--mode", planned.mode]
    inputs = staged_files(job.case, job.bundle / "inputs")
    limit = job.settings.timeout_s
    problem = None
    if planned.pixels:
        many = "many_pixels" in engine.can or len(planned.pixels) == 1
        for batch in [planned.pixels] if many else [(pixel,) for pixel in planned.pixels]:
            name = planned.label if many else "{}_{}_{}".format(planned.label, *batch[0])
            traced = trace_pixels(
                engine, words, batch, folder / name, inputs, threads=job.threads, timeout_s=limit
            )
            if traced.records:
                made[name] = traced.records[-1]
            problem = problem or traced.problem
    else:
        words += ["-floatfile", FLOAT_IMAGE, "-nopgm"]
        roi_image.clear(folder / planned.label)
        record = programs.run(engine, words, folder / planned.label, engine.role, inputs, job.threads, limit)
        made[planned.label], problem = record, record.reason
        if planned.region is not None and record.ok:
            print(roi_image.keep(folder / planned.label, planned.region), flush=True)
    bad = next((record for record in made.values() if not record.ok), None)
    entry = RunEntry(
        label=planned.label,
        role=planned.role,
        mode=planned.mode,
        dtype=planned.dtype,
        status=bad.status if bad else "blocked" if problem else "ok",
        reason=bad.reason if bad else problem,
        folders=list(made),
        pixels=[list(pixel) for pixel in planned.pixels],
    )
    return entry, made


def commands(
    job: PhaseJob, phase: str, c_engine: Engine, records: dict[str, RunRecord], regions: dict[str, Roi]
) -> str:
    """A shell script that repeats the runs, and keeps of a region's frame what was kept here."""
    lines = [
        HEADER.format(
            letter=phase.upper(),
            lower=phase,
            bundle=f"{job.bundle.parent.name}/{job.bundle.name}",
            c=shlex.quote(c_engine.command[0]),
            python=shlex.quote(sys.executable),
        )
    ]
    for name, record in records.items():
        program = '"$NB_C"' if record.engine == "c" else '"$NB_PYTHON"'
        words = " ".join([program, *map(shlex.quote, record.argv[1:])])
        env = " ".join(f"{name}={shlex.quote(value)}" for name, value in sorted(record.env.items()))
        steps = [f"cd {shlex.quote(name)}", f"{env} \\", f"{words} >{record.log} 2>&1"]
        if name in regions:
            roi = " ".join(map(str, regions[name]))
            path = shlex.quote(record.env["PYTHONPATH"])
            steps.append(
                f'PYTHONPATH={path} "$NB_PYTHON" -m evidence.region --schema {roi_image.SCHEMA} {roi}'
            )
        lines.append("\n".join(["(", *steps, ")", ""]))
    return "\n".join(lines)

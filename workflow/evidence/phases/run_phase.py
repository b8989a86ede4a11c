"""Run the engines of one phase and list what came of it: runs.json and commands.txt."""

import errno
import json
import os
import shlex
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evidence.cases.case import staged_files
from evidence.cases.roi import Roi
from evidence.engines import programs
from evidence.engines.found import CEngines, find_c_engines
from evidence.engines.programs import Engine, RunRecord
from evidence.images import roi_image
from evidence.phases import redo
from evidence.phases.job import FLOAT_IMAGE, PhaseJob, PlannedRun, RunEntry
from evidence.phases.letters import module_of
from evidence.records import Record
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


def run_phase(job: PhaseJob, phase: str, kept: Collection[str] = ()) -> None:
    """Do the runs of the phase one after the other; a failing one is on record and stops nothing.

    kept: roles whose runs of the case's own command stand from before, as they are listed.
    """
    module = module_of(phase)
    folder = job.folder(phase)
    engines = find_c_engines(job.settings.c_engine, job.settings.timeout_s)
    due = redo.number(folder)
    entries: list[RunEntry] = []
    records: dict[str, RunRecord] = {}
    everything = list(with_engines(job, module.runs(job), engines))
    for planned, engine in everything:
        again = planned.role not in kept or planned.command
        entry, made = run_one(job, planned, engine, folder) if again else _kept(job, phase, planned.label)
        entries.append(entry)
        records |= made
        full = next((name for name, record in made.items() if record.cause == "room"), None)
        if full:  # says nothing about the engines: the phase is not done
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / full))
        print(f"{planned.label}: {entry.status} {entry.reason or ''}", flush=True)
    regions = {planned.label: planned.region for planned, _ in everything if planned.region is not None}
    atomic.write_text(folder / "commands.txt", commands(job, phase, engines, records, regions))
    redo.note(folder, due, records.items())
    write_runs(folder, phase, engines, entries)


def write_runs(folder: Path, phase: str, engines: CEngines, entries: Sequence[RunEntry]) -> None:
    """runs.json of a phase."""
    atomic.write_json(
        folder / "runs.json",
        {
            "kind": "runs",
            "schema": 1,
            "phase": phase.upper(),
            "c_engine": _described(engines.own),
            "external": {label: _described(engine) for label, engine in engines.external.items()},
            "runs": [entry.to_dict() for entry in entries],
        },
    )


def _kept(job: PhaseJob, phase: str, label: str) -> Outcome:
    """A run as it was done before."""
    entry = job.listed(phase, label)
    read = {
        name: (job.folder(phase) / name / "run.json").read_text(encoding="utf-8") for name in entry.folders
    }
    return entry, {name: RunRecord.from_dict(json.loads(text)) for name, text in read.items()}


def with_engines(
    job: PhaseJob, planned: Iterable[PlannedRun], engines: CEngines
) -> Iterator[tuple[PlannedRun, Engine]]:
    """Each run with its engine; the case's own command in c-parity mode by the external engines too.

    A trace that a program cannot print is no run; what it is judged by is in phases/outsiders.py.
    """
    for run in planned:
        py = run.role == "py"
        yield run, programs.py_engine(run.dtype, job.settings.device) if py else engines.own
        if run.role == "c" and run.mode == "c-parity" and not run.command:
            for label, engine in engines.external.items():
                if not run.pixels or engine.can & {"trace", "printout"}:
                    yield replace(run, label=label, role="external"), engine


def _described(engine: Engine) -> Record:
    return {
        "kind": engine.kind,
        "binary": engine.command[0],
        "binary_sha256": programs.fingerprint(engine),
        "can": sorted(engine.can),
        "cannot": dict(engine.reason),
    }


def run_one(job: PhaseJob, planned: PlannedRun, engine: Engine, folder: Path) -> Outcome:
    """One planned run; a program that traces one pixel a run gets a folder for each."""
    made: dict[str, RunRecord] = {}
    words = [*(planned.command or job.case.arguments), *planned.arguments, "--mode", planned.mode]
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
    job: PhaseJob, phase: str, engines: CEngines, records: dict[str, RunRecord], regions: dict[str, Roi]
) -> str:
    """A shell script that repeats the runs, and keeps of a region's frame what was kept here."""
    lines = [
        HEADER.format(
            letter=phase.upper(),
            lower=phase,
            bundle=f"{job.bundle.parent.name}/{job.bundle.name}",
            c=shlex.quote(engines.own.command[0]),
            python=shlex.quote(sys.executable),
        )
    ]
    variables = {label: f"NB_{label.upper()}" for label in engines.external}
    for label, variable in variables.items():
        lines.append(f"{variable}=${{{variable}:-{shlex.quote(engines.external[label].command[0])}}}")
    for name, record in records.items():
        outside = next((variables[label] for label in variables if name.startswith(label)), "NB_C")
        program = f'"${outside}"' if record.engine == "c" else '"$NB_PYTHON"'
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

"""Every continuous number of a command line: PyTorch's derivative against differences of the C engine."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evidence.cases.case import staged_files
from evidence.derivatives import command_slopes, movable
from evidence.derivatives.command_slopes import Slope
from evidence.derivatives.extrapolation import STEPS, Pixels, compare
from evidence.engines.arguments import last_values
from evidence.engines.found import find_c_engines
from evidence.engines.programs import Engine
from evidence.errors import MissingError
from evidence.phases.c_differences import TAP
from evidence.phases.job import PhaseJob
from evidence.phases.readings import values
from evidence.records import Record
from evidence.traces.tracing import trace_pixels
from simulator.rendering.quirks import MODES

# Numbers that change nothing as they are, beside those of the case
NEUTRAL = ("-misset 0 0 0", "-polar 0", "-detector_rotx 0", "-detector_roty 0", "-detector_rotz 0")


def command(arguments: Sequence[str]) -> list[str]:
    """The case's command line with numbers that it leaves at their defaults."""
    added = [text.split() for text in NEUTRAL if last_values(arguments, text.split()[0]) is None]
    return [*arguments, *(word for words in added for word in words)]


def measure(job: PhaseJob) -> Record:
    """Rows of comparisons, and of the numbers that have no slope, each with the reason, in both modes."""
    compared: list[Record] = []
    left: list[Record] = []
    engine = find_c_engines(job.settings.c_engine, job.settings.timeout_s).own
    if "many_pixels" not in engine.can:
        raise MissingError(
            f"the C engine traces no pixels at once: {engine.reason.get('many_pixels', engine.kind)}"
        )
    for mode in MODES:
        _, slopes = command_slopes.slopes(
            command(job.case.arguments), job.parse, job.case.probe.pixels(), mode=mode
        )
        base = _photons(job, engine, [], mode)
        for slope in slopes:
            about = {"mode": mode, "parameter": slope.number.name}
            if slope.reason:
                left.append({**about, "reason": slope.reason})
                continue
            compared.append({"mode": mode, **_compared(job, engine, slope, base, mode)})
            print(compared[-1], flush=True)
    return {"differences": compared, "no_slope": left}


def _compared(job: PhaseJob, engine: Engine, slope: Slope, base: Pixels, mode: str) -> Record:
    words = command(job.case.arguments)
    images = {}
    for k in STEPS:
        argv = movable.moved(words, slope.number, k * slope.step)
        after = last_values(argv, slope.number.flag)
        assert after is not None
        change = float(after[slope.number.which]) - slope.number.value
        images[change] = _photons(job, engine, argv, mode)
    return compare(slope.number.name, slope.pixels, base, images).to_dict()


def _photons(job: PhaseJob, engine: Engine, argv: list[str], mode: str) -> Pixels:
    """The probe's pixels by the C engine; without `argv` those of the case itself."""
    words = [*(argv or command(job.case.arguments)), "--mode", mode]
    pixels = job.case.probe.pixels()
    inputs = staged_files(job.case, (job.bundle / "inputs").resolve())
    with tempfile.TemporaryDirectory(prefix="braggproof-gradients-") as scratch:
        folder = Path(scratch) / "run"
        traced = trace_pixels(engine, words, pixels, folder, inputs, timeout_s=job.settings.timeout_s)
    if traced.problem:
        raise MissingError(f"the C engine: {traced.problem}")
    found = {trace.pixel: trace for trace in traced.traces}
    return np.array([values(found[pixel], TAP)[0] for pixel in pixels])

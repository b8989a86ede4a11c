"""What each gate asks of an external nanoBragg.

Its images are compared with both of ours, its traces as far as it prints them. What it does not print, or
with too few digits, is judged by the trace of the C engine built here, and only if the images of the two are
the same on the traced pixels and in the region: by proxy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evidence.errors import MissingError
from evidence.images.float32_steps import steps_between
from evidence.phases import readings, rendered, resolution
from evidence.phases.job import CheckSpec, Measurements, PhaseJob
from evidence.records import Record
from evidence.store import atomic
from evidence.traces import divergence
from evidence.traces.blocks import aligned
from evidence.traces.pixel_trace import PixelTrace
from evidence.traces.taps import CELL, SUMS, split_block

# Gate of a phase of traces -> what of a trace belongs to it; None: everything.
TRACED: dict[str, tuple[str, frozenset[str] | None]] = {
    "k": ("VG-0", frozenset(tap.name for tap in CELL + SUMS) | {"hkl_frac"}),
    "l": ("VG-1", frozenset(["rot_a_angstroms", "rot_b_angstroms", "rot_c_angstroms", "hkl_frac"])),
    "m": ("VG-2", None),
}
# Gates of a phase of images -> the checks made of each pair.
PAIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "n": {"VG-3": ("correlation", "sum_ratio", *rendered.PIXELS), "VG-4": ("peak_distance_px",)},
    "o": {"VG-5": ("correlation", "sum_ratio", "peak_distance_px", *rendered.PIXELS)},
}


@dataclass(frozen=True)
class Outsider:
    """An external engine of this bundle."""

    label: str  # of its runs
    name: str  # `nanoBragg (stock)`
    traces: bool  # whether it prints anything of a pixel


def measure(job: PhaseJob, phase: str, found: Measurements) -> list[CheckSpec]:
    """Measure what the phase asks of every external engine; returns the checks that are made of it."""
    specs: list[CheckSpec] = []
    for outsider in present(job, phase):
        add = _measure_traces if phase in TRACED else _measure_images
        specs += add(job, phase, outsider, found)
    return specs


def present(job: PhaseJob, phase: str) -> Iterator[Outsider]:
    """The external engines that the phase was run with."""
    for label, about in job.external(phase).items():
        can = {"trace", "printout"} & set(about["can"])
        yield Outsider(label, f"nanoBragg ({about['kind']})", bool(can))


def _measure_images(
    job: PhaseJob, phase: str, outsider: Outsider, found: Measurements
) -> Iterator[CheckSpec]:
    """PyTorch (`_LABEL`) and the C engine built here (`_LABEL_c`), each against the external image."""
    for other, suffix in (("py_float64", f"_{outsider.label}"), ("c", f"_{outsider.label}_c")):
        specs = [
            spec
            for gate, names in PAIRED[phase].items()
            for spec in rendered.image_specs(gate, names, suffix, variant="external")
        ]
        yield from specs
        try:
            a, b = (rendered.read(job, phase, label) for label in (outsider.label, other))
            roi = job.case.roi if phase == "n" else None
            comparison = rendered.compare(a, b, roi, steps=rendered.steps_of(job, specs[0].gate))
        except MissingError as problem:
            found.reasons |= {spec.name: str(problem) for spec in specs}
        else:
            rendered.record(found, suffix[1:], comparison, suffix)
            if phase == "o":
                resolution.add(job, found, {suffix[1:]: (a, b)})


def _measure_traces(
    job: PhaseJob, phase: str, outsider: Outsider, found: Measurements
) -> Iterator[CheckSpec]:
    gate, taps = TRACED[phase]
    silent = f"{outsider.name} prints nothing of a pixel"
    if outsider.traces:
        printed = CheckSpec(gate, f"trace_{outsider.label}", "equals", None, "pixels")
        yield printed
        try:
            silent = _compare(job, phase, outsider, taps, found, printed.name)
        except MissingError as problem:
            found.reasons[printed.name] = str(problem)
    proxy = CheckSpec(gate, f"proxy_{outsider.label}", "<=", "off_share", variant="external", limit_of="VG-5")
    yield proxy
    try:
        found.measured[proxy.name], told = _proxy(job, outsider, _pixels(job, phase))
        found.notes[proxy.name] = (
            f"by proxy: {silent}; the trace of the C engine built here stands for it: {told}"
        )
    except MissingError as problem:
        found.reasons[proxy.name] = f"no proxy for what {outsider.name} does not print: {problem}"


def _pixels(job: PhaseJob, phase: str) -> list[tuple[int, int]]:
    return [(slow, fast) for slow, fast in job.listed(phase, "py_float64").pixels]


def _compare(
    job: PhaseJob,
    phase: str,
    outsider: Outsider,
    taps: frozenset[str] | None,
    found: Measurements,
    check: str,
) -> str:
    """Every value that is printed against PyTorch's; returns what is not printed, in words."""
    theirs, ours = (readings.read(job, phase, label) for label in (outsider.label, "py_float64"))
    dmin = "-dmin" in job.case.arguments
    rows: list[Record] = []
    absent: dict[str, str] = {}
    for left, right in zip(theirs, ours, strict=True):
        c, py = _part(aligned(left, right, dmin), taps), _part(right, taps)
        result = divergence.compare(c, py, rtol=job.settings.trace_rtol).to_dict()
        slow, fast = right.pixel or (-1, -1)
        place = job.folder(phase) / f"{outsider.label}_pixel_{slow}_{fast}" / "trace_compare.json"
        atomic.write_json(place, {**result, "pixel": [slow, fast], "engines": [outsider.label, "py_float64"]})
        first = result["first_divergence"]
        row = {"pixel": [slow, fast], "compared": result["compared"]}
        rows.append({**row, "first_divergence": "none" if first is None else str(first["tap"])})
        absent |= result["not_compared"]
    found.tables[f"trace_{outsider.label}"] = rows
    values = sum(row["compared"] for row in rows)
    if values == 0:
        found.not_applicable.add(check)
        return f"{outsider.name} prints nothing of it for a single evaluation"
    diverging = [row for row in rows if row["first_divergence"] != "none"]
    found.measured[check] = float(len(diverging))
    found.notes[check] = f"{values} values of {len(rows)} pixels compared with {outsider.name}"
    if diverging:
        found.reasons[check] = f"{diverging[0]['first_divergence']} of pixel {diverging[0]['pixel']}"
    if not absent:
        return f"{outsider.name} prints the first phi step alone, and has no spec mode"
    return f"{outsider.name} does not print {len(absent)} of the quantities"


def _part(trace: PixelTrace, taps: frozenset[str] | None) -> PixelTrace:
    """Of a trace, what belongs to the gate; None: all. A part names no pixel: it need not be complete."""
    if taps is None:
        return trace
    absent = {name: why for name, why in trace.absent.items() if split_block(name)[1] in taps}
    entries = [e for e in trace.entries if split_block(e.tap)[1] in taps and e.phi_tic is None]
    return PixelTrace(None, tuple(entries), absent)


def _proxy(job: PhaseJob, outsider: Outsider, pixels: list[tuple[int, int]]) -> tuple[float, str]:
    """Share of the region's pixels in which the two C images differ, and the evidence in words.

    MissingError where the images are not the same: then nothing stands for what was not printed.
    """
    theirs, own = (rendered.read(job, "o", label) for label in (outsider.label, "c"))
    steps = rendered.steps_of(job, "VG-5")
    region = rendered.compare(theirs, own, job.case.roi, steps=steps)
    most = job.thresholds["VG-5"]["off_share"].get("external", 0.0)
    lost = region.nonfinite_a + region.nonfinite_b
    if lost or region.off_share is None or not region.off_share <= most:
        raise MissingError(
            f"in the region {lost or region.off_pixels} pixels of its image are not those of the C engine"
        )
    slow, fast = np.array(pixels).T
    a, b = theirs[slow, fast], own[slow, fast]
    apart = np.where(np.isfinite(a) & np.isfinite(b), steps_between(a, b), steps + 1)
    for n in np.flatnonzero(apart > steps):
        raise MissingError(
            f"its pixel {list(pixels[n])} has {a[n]:.9g} photons, that of the C engine {b[n]:.9g}"
        )
    same = f"{region.identical_pixels:,} of {region.finite_pixels:,} pixels of the region"
    traced = f"{int(np.count_nonzero(apart == 0))} of {len(pixels)} traced pixels"
    worst = f"worst {region.max_ulp} float32 steps at slow, fast {region.max_ulp_pixel}"
    return region.off_share, f"both images are identical in {same} and {traced}, {worst}"

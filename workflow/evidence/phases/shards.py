"""The full frame in shards: bands of rows, or parts of each pixel's sum. A job each, then the frame gathered.

An engine renders a band with --band: rows as they are in the whole image, where the first pixel and the end
of interpolation have a say everywhere; the gathered frame has the bits of one run. With --part it adds up
some mosaic domains or sources, in float64; parts are added in their order, and agree with one run to 1e-12.
Integer and noise images are made of the gathered photons, by the engine itself: --photons.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence.cases.roi import Roi
from evidence.engines.found import CEngines, find_c_engines
from evidence.engines.programs import Engine, RunRecord
from evidence.errors import InputError, MissingError
from evidence.images import roi_image
from evidence.images.imagefile import Image
from evidence.phases import o_frame
from evidence.phases.job import FLOAT_IMAGE, PhaseJob, PlannedRun, RunEntry
from evidence.phases.run_phase import commands, run_one, with_engines, write_runs
from evidence.records import Record
from evidence.store import atomic
from evidence.store.sweep import sweep

PHASE = "o"
PHOTONS = "gathered.bin"
Share = tuple[int, int]  # number of a shard, and of how many


def label_of(label: str, share: Share) -> str:
    """The run of a shard."""
    return f"{label}_{share[0]:03d}-{share[1]:03d}"


def span(count: int, share: Share, what: str = "rows") -> tuple[int, int]:
    """First and last of a share; all together are everything, none is empty."""
    number, of = share
    if of > count:
        raise InputError("shards", f"at most the {count} {what} there are", of)
    return number * count // of, (number + 1) * count // of - 1


def shard_runs(job: PhaseJob, share: Share) -> Iterator[PlannedRun]:
    """The runs of phase O, each for this shard alone."""
    rows, columns = job.experiment.detector.shape
    if job.case.shards_of == "rows":
        first, last = span(rows, share)
        words, region = ["--band", str(first), str(last)], Roi(0, columns - 1, first, last)
    else:
        first, last = span(_terms(job), share, job.case.shards_of)
        words, region = ["--part", job.case.shards_of, str(first), str(last)], None
    for run in o_frame.runs(job):
        yield replace(
            run, label=label_of(run.label, share), arguments=(*run.arguments, *words), region=region
        )


def _terms(job: PhaseJob) -> int:
    """How many domains or sources there are to add up."""
    from simulator.rendering.checks import find_device  # noqa: PLC0415 (torch takes seconds)
    from simulator.rendering.quirks import Quirks  # noqa: PLC0415
    from simulator.rendering.scene import build_scene  # noqa: PLC0415

    if job.case.shards_of == "domains":
        return int(job.experiment.crystal.mosaic_domains)
    scene = build_scene(job.experiment, Quirks.of("c-parity", None), find_device("--device", "cpu"))
    return len(scene.sources.weight)


def run_shard(job: PhaseJob, share: Share, pixels: Path) -> None:
    """Render one shard by every engine: NAME.npz with the pixels of each run, NAME.json with its records."""
    folder, own = job.folder(PHASE), CEngines(_engines(job).own)
    entries: list[Record] = []
    kept: dict[str, NDArray[np.floating]] = {}
    for planned, engine in with_engines(job, shard_runs(job, share), own):
        entry, made = run_one(job, planned, engine, folder)
        place = folder / planned.label
        if entry.status == "ok" and planned.region is not None:
            kept[planned.label] = np.load(place / roi_image.PIXELS)
        elif entry.status == "ok":
            kept[planned.label] = np.fromfile(place / FLOAT_IMAGE, "<f8").reshape(
                job.experiment.detector.shape
            )
        roi_image.clear(place)
        for output in made[planned.label].outputs:
            (place / output["path"]).unlink(missing_ok=True)
        entries.append(entry.to_dict())
        print(f"{planned.label}: {entry.status} {entry.reason or ''}", flush=True)
    with atomic.staged(pixels) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **kept)
    record = {"kind": "shard", "schema": 1, "of": job.case.shards_of, "share": list(share), "runs": entries}
    atomic.write_json(pixels.with_suffix(".json"), record)


def gather(job: PhaseJob, shards: Sequence[Path]) -> None:
    """Put the shards (NAME.json) together: files and run.json of each frame, runs.json, commands.txt.

    An external engine knows no bands: it renders the whole frame here.
    """
    folder, engines = job.folder(PHASE), _engines(job)
    sweep(folder)  # what a shard that was killed left
    entries: list[RunEntry] = []
    made: dict[str, RunRecord] = {}
    records = [json.loads(path.read_text(encoding="utf-8")) for path in shards]
    runs = {run["label"]: RunEntry.from_dict(run) for record in records for run in record["runs"]}
    for planned, engine in with_engines(job, o_frame.runs(job), engines):
        labels = [label_of(planned.label, tuple(record["share"])) for record in records]
        bad = next((runs[label] for label in labels if label in runs and runs[label].status != "ok"), None)
        if planned.role == "external":
            entry, record = run_one(job, planned, engine, folder)
            made |= record
        elif bad is None:
            entry, record = _write_frame(job, planned, engine, labels, frame(job, labels, shards))
            made |= record
        else:
            entry = replace(bad, label=planned.label, folders=[], reason=f"{bad.label}: {bad.reason}")
        entries.append(entry)
        print(f"{planned.label}: {entry.status} {entry.reason or ''}", flush=True)
    atomic.write_text(folder / "commands.txt", commands(job, PHASE, engines, made, {}))
    write_runs(folder, PHASE, engines, entries)


def _engines(job: PhaseJob) -> CEngines:
    return find_c_engines(job.settings.c_engine, job.settings.timeout_s)


def frame(job: PhaseJob, labels: Sequence[str], shards: Sequence[Path]) -> Image:
    """The image (slow, fast) of a run's shards, in their order; MissingError if it has another shape."""
    found: list[NDArray[np.floating]] = []
    for label, path in zip(labels, shards, strict=True):
        with np.load(path.with_suffix(".npz")) as kept:
            found.append(kept[label])
    if job.case.shards_of == "rows":
        image = np.concatenate(found)
    else:
        image = found[0].copy()
        for part in found[1:]:
            image += part
    if image.shape != job.experiment.detector.shape:
        raise MissingError(f"expected {job.experiment.detector.shape} pixels, got {image.shape}")
    return image.astype("<f4")


def _write_frame(
    job: PhaseJob, planned: PlannedRun, engine: Engine, labels: Sequence[str], image: Image
) -> tuple[RunEntry, dict[str, RunRecord]]:
    """Have the engine write its files of the gathered photons; the record is that of one run of the whole."""
    folder = job.folder(PHASE)
    photons = folder / planned.label / PHOTONS
    atomic.write_bytes(photons, image.tobytes())
    words = (*planned.arguments, "--photons", PHOTONS)
    entry, made = run_one(job, replace(planned, arguments=words), engine, folder)
    photons.unlink()
    paths = [folder / label / "run.json" for label in (*labels, planned.label)]
    records = [RunRecord.from_dict(json.loads(path.read_text(encoding="utf-8"))) for path in paths]
    at = records[-1].argv.index("--photons")
    record = replace(
        records[-1],
        argv=records[-1].argv[:at] + records[-1].argv[at + 2 :],
        wall_s=sum(each.wall_s for each in records),
        cpu_s=sum(each.cpu_s for each in records),
        peak_rss_bytes=max(each.peak_rss_bytes for each in records),
        gathered_from=list(labels),
    )
    record.save(paths[-1])
    return entry, dict.fromkeys(made, record)

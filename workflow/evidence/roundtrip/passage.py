"""One engine's sweep, rendered and sent through DIALS: figures, or why there are none."""

import json
import shutil
import tempfile
import time
from pathlib import Path

from evidence.cases.structure import HKL
from evidence.records import Record
from evidence.roundtrip import processing, rotation_scan
from evidence.roundtrip.trip import Trip
from evidence.store import atomic
from simulator.formats.api import experiment_from_expt
from simulator.formats.geometry import geometry_of
from simulator.formats.png_preview import write_png

SCRIPT = Path(__file__).with_name("recovered.py")
KEPT = (rotation_scan.TRUTH, rotation_scan.NEXUS, HKL)
FOUND = ("refined.expt", *(f"{program}.txt" for program in processing.PROGRAMS))
PREVIEW = "first_image.png"


def travel(trip: Trip, engine: list[str], folder: Path, threads: int) -> None:
    """Write found.json, images, DIALS's words and models into the folder. Failures are recorded in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="braggproof-roundtrip-") as scratch:
        work = Path(scratch)
        record: Record = {
            "schema": 1,
            "engine": engine,
            "status": "ok",
            "reason": None,
            "figures": None,
        }
        try:
            record |= _rendered(trip, engine, work, threads)
            record |= _processed(trip, work, threads)
        except (RuntimeError, OSError, ValueError) as problem:
            record |= {"status": "failed", "reason": str(problem).strip()[:400]}
        for name in (*KEPT, PREVIEW, *(f"dials/{name}" for name in FOUND)):
            if (work / name).is_file():
                atomic.copy_file(work / name, folder / Path(name).name)
    atomic.write_json(folder / "found.json", record)


def _rendered(trip: Trip, engine: list[str], work: Path, threads: int) -> Record:
    started = time.monotonic()
    trip.structure.make(work)
    images = rotation_scan.render(trip.sweep, engine, work, threads)
    by = rotation_scan.made_by(trip.sweep, engine)
    rotation_scan.describe(trip.sweep, images, work, by)
    geometry = geometry_of(experiment_from_expt(work / rotation_scan.TRUTH), trip.sweep.mode)
    write_png(work / PREVIEW, images[0], geometry, by)
    shape = list(images.shape)
    return {"images": shape, "brightest": int(images.max()), "render_s": round(time.monotonic() - started, 2)}


def _processed(trip: Trip, work: Path, threads: int) -> Record:
    if not processing.present():
        return {"status": "blocked", "reason": f"DIALS is not installed: {processing.INSTALL}"}
    started, folder = time.monotonic(), work / "dials"
    folder.mkdir()
    processing.process([str(work / rotation_scan.NEXUS)], folder, threads, trip.integrate_dmin)
    said = processing.recovered(SCRIPT, folder, work / rotation_scan.TRUTH, work / HKL)
    return {
        "figures": json.loads(said, parse_constant=_refuse),
        "dials_s": round(time.monotonic() - started, 2),
    }


def _refuse(constant: str) -> None:
    """What is no number is no figure: the run has failed."""
    raise ValueError(f"{SCRIPT.name}: expected finite numbers, got {constant}")


def clean(folder: Path) -> None:
    """Nothing of an earlier attempt stays."""
    shutil.rmtree(folder, ignore_errors=True)

"""What came of a round trip: judged, described, shown as a page."""

import json
from pathlib import Path

from evidence.bench.results import engines_of
from evidence.provenance import metadata
from evidence.records import Record
from evidence.roundtrip import promises, roundtrip_page
from evidence.roundtrip.trip import Trip
from evidence.store import atomic


def write(bundle: Path, root: Path, trip: Trip, c_program: str | None) -> None:
    """gates.json, env.json, run_metadata.json, figures and report.html from what each engine's sweep gave."""
    atomic.copy_file(trip.path, bundle / "inputs" / trip.path.name)
    found = {role: _read(bundle / role / "found.json") for role in promises.ENGINES}
    atomic.write_json(bundle / "gates.json", promises.judge(found, bundle.parent.name, bundle.name))
    metadata.describe(bundle, root, engines_of(c_program), dtype="float64", mode=trip.sweep.mode)
    roundtrip_page.build(bundle, trip)


def _read(path: Path) -> Record:
    found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found

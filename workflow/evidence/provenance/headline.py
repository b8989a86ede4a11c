"""The one sentence that a bundle stands for: which engines, and in how many pixels they are identical."""

import json
from collections.abc import Iterator
from pathlib import Path

from evidence.engines.outputs import program_of
from evidence.records import Record

OWN = "c"  # run of the C engine built here; others are those of external engines
TABLE = {OWN: "float64"}  # run of phase O -> its comparison with PyTorch in float64, if not of the same name


def sentence(bundle: Path) -> str | None:
    """`PyTorch is identical to nanoBragg (stock, sha256 1a2b...) in 6,223,876 of 6,224,001 pixels; ...`.

    The external engines first; None where no full frame was compared.
    """
    parts = list(_parts(bundle / "phase_o"))
    return f"PyTorch is identical to {'; to '.join(parts)}" if parts else None


def _parts(folder: Path) -> Iterator[str]:
    tables = _read(folder / "metrics.json").get("tables", {})
    runs = sorted(
        path.parent.name for path in folder.glob("*/run.json") if not path.parent.name.startswith("py")
    )
    for label in sorted(runs, key=lambda name: (name == OWN, name)):
        table = tables.get(TABLE.get(label, label), {})
        if table.get("identical_pixels") is not None:
            counted = f"in {table['identical_pixels']:,} of {table['finite_pixels']:,} pixels"
            yield f"{engine_name(_read(folder / label / 'run.json'))} {counted}"


def engine_name(run: Record) -> str:
    """`nanoBragg (stock, sha256 1a2b3c4d...)` of a run.json, or the C engine of this project."""
    kind, digest = program_of(run) or "unknown", str(run.get("binary_sha256") or "unknown")[:8]
    return (
        f"the C engine (sha256 {digest}...)" if kind == "ours" else f"nanoBragg ({kind}, sha256 {digest}...)"
    )


def _read(path: Path) -> Record:
    try:
        found: Record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found

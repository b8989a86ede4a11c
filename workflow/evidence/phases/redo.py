"""Which runs of a phase are done again when its bundle is continued: those that circumstances ended.

A run that failed by itself fails again; one that had no room, no time or was killed need not.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from evidence.engines.programs import RunRecord
from evidence.records import Record
from evidence.store import atomic

RECORD = "attempt.json"


def number(folder: Path) -> int:
    """Which attempt at the phase is due: another one than before makes Snakemake run it again."""
    try:
        before: Record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return int(before["number"]) + bool(before["redo"])
    except (OSError, ValueError, KeyError, TypeError):
        return 1


def note(folder: Path, due: int, records: Iterable[tuple[str, RunRecord]]) -> None:
    """Put on record which attempt it was, and what is to be done again: `RUN: time`, say."""
    redo = [f"{name}: {record.cause}" for name, record in records if record.cause]
    atomic.write_json(folder / RECORD, {"kind": "attempt", "schema": 1, "number": due, "redo": redo})

"""JSON documents of the results, read: what their readers rely on is there, or one line says what is not.

A file may be damaged by hand or by a disk; `verify` says so of sealed ones, but every reader must survive it.
"""

import json
from pathlib import Path
from typing import Any

from evidence.errors import StoreError
from evidence.records import FrozenRecord, Record

TEXT: Record = {"type": "string"}
NUMBER: Record = {"type": "number"}
INTEGER: Record = {"type": "integer"}
LIST: Record = {"type": "array"}
OBJECT: Record = {"type": "object"}


def keys(**kinds: FrozenRecord) -> Record:
    """An object that has these keys; others are nobody's business."""
    return {**OBJECT, "required": [*kinds], "properties": kinds}


def several(kind: FrozenRecord) -> Record:
    """A list of these."""
    return {**LIST, "items": kind}


def named(kind: FrozenRecord) -> Record:
    """An object whose keys are names of these."""
    return {**OBJECT, "additionalProperties": kind}


def or_null(kind: FrozenRecord) -> Record:
    """The same, or null."""
    return {**kind, "type": [kind["type"], "null"]}


LIMIT: Record = {"type": ["number", "string", "array", "null"], "items": NUMBER, "minItems": 2}
CHECK = keys(
    gate=TEXT, name=TEXT, measured=or_null(NUMBER), comparison=TEXT, threshold=LIMIT, unit=TEXT, status=TEXT
)
GATE = keys(id=TEXT, status=TEXT, checks=several(CHECK))
CELL = keys(
    verdict=TEXT,
    reason=TEXT,
    metrics=OBJECT,
    black={"type": "boolean"},
    image_sha256=or_null(TEXT),
    added=TEXT,
)
ROW = keys(index=INTEGER, case=TEXT, arguments=TEXT, expect=TEXT, quirks=or_null(LIST), cells=named(CELL))
BATCH = keys(engines=several(TEXT), rows=several(ROW))
CASE = keys(
    name=TEXT,
    arguments=several(TEXT),
    expect=TEXT,
    lines=several(TEXT),
    engines=or_null(several(TEXT)),
    values=OBJECT,
    stored=or_null(OBJECT),
)
CASES = keys(cases={**several(CASE), "minItems": 1})
BY_NAME = {
    "gates.json": keys(verdict=TEXT, gates=several(GATE)),
    "run.json": keys(cwd=TEXT, engine=TEXT, status=TEXT, wall_s=NUMBER, peak_rss_bytes=INTEGER),
    "cases.json": keys(cases=several(keys(name=TEXT)), selection=or_null(TEXT)),
    "pins.json": keys(pins=named(keys(case=TEXT, stamp=TEXT, sha256sums=TEXT, time=TEXT))),
}


def read(path: Path, shape: FrozenRecord | None = None) -> Record:
    """The JSON object in `path`; StoreError unless it is one of `shape` (default: that of its name)."""
    try:
        found: Any = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(path, "JSON", getattr(error, "strerror", None) or error) from error
    if not isinstance(found, dict):
        raise StoreError(path, "a JSON object", type(found).__name__)
    wanted = shape or BY_NAME.get(path.name)
    if wanted is not None:
        from evidence.cases import schema  # noqa: PLC0415  it loads jsonschema, which `list` can do without

        mistake = schema.mistake(found, wanted, path)
        if mistake is not None:
            raise StoreError(*mistake)
    return found

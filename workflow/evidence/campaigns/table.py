"""results.sqlite and results.tsv: one row a case and engine, from the batches."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from evidence.campaigns.judge import METRICS
from evidence.errors import StoreError
from evidence.ledger import documents
from evidence.records import Record
from evidence.store import atomic

Row = Record
SQLITE, TSV = "results.sqlite", "results.tsv"
CASE = ("case", "expect", "arguments")
CELL = ("verdict", "reason", *METRICS, "black", "nonfinite", "exit_code", "slow", "fast", "image_sha256",
        "wall_s", "peak_rss_bytes", "added")  # fmt: skip
CASES = 'CREATE TABLE cases ("case" TEXT PRIMARY KEY, verdict TEXT, axes TEXT, quirks TEXT, overhead_s REAL)'
COLUMNS = (*CASE, "engine", *CELL)
TEXT = {"case", "expect", "arguments", "engine", "verdict", "reason", "image_sha256", "added"}


def read_batches(bundle: Path) -> list[Row]:
    """The rows of all batches, in the order of the cases; StoreError where one is damaged."""
    rows: list[Row] = []
    for path in sorted((bundle / "batches").glob("*.json")):
        found = documents.read(path, documents.BATCH)
        for row in found["rows"]:  # JSON sorts its keys; the matrix has the suite's order
            if missing := set(found["engines"]) - row["cells"].keys():
                raise StoreError(f"{path} case {row['case']}", f"a cell of {min(missing)}", "none")
            row["cells"] = {engine: row["cells"][engine] for engine in found["engines"]}
            rows.append(row)
    return sorted(rows, key=lambda row: int(row["index"]))


def records(rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    """Flat records in the order of COLUMNS."""
    for row in rows:
        for engine, cell in row["cells"].items():
            slow, fast = cell["shape"] or (None, None)
            flat = {**cell, **cell["metrics"], "slow": slow, "fast": fast}
            yield (*(row[key] for key in CASE), engine, *(flat.get(key) for key in CELL))


def write(bundle: Path, rows: list[Row]) -> None:
    """Both forms of the table; the SQLite file has a second table, `cases`, with axes and quirks."""
    flat = list(records(rows))
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([["" if value is None else value for value in record] for record in flat])
    atomic.write_text(bundle / TSV, text.getvalue())
    with atomic.staged(bundle / SQLITE) as path:
        _fill(path, rows, flat)


def _fill(path: Path, rows: list[Row], flat: list[tuple[Any, ...]]) -> None:
    database = sqlite3.connect(path)
    try:
        columns = ", ".join(f'"{name}" {"TEXT" if name in TEXT else "REAL"}' for name in COLUMNS)
        database.execute(f'CREATE TABLE results ({columns}, PRIMARY KEY ("case", engine))')
        places = ", ".join("?" for _ in COLUMNS)
        database.executemany(f"INSERT INTO results VALUES ({places})", flat)
        database.execute(CASES)
        database.executemany("INSERT INTO cases VALUES (?, ?, ?, ?, ?)", [_case(row) for row in rows])
        database.commit()
    finally:
        database.close()


def _case(row: Row) -> tuple[Any, ...]:
    """A row of the table `cases`."""
    axes, quirks = (json.dumps(row[key]) for key in ("values", "quirks"))
    return row["case"], row["verdict"], axes, quirks, row["overhead_s"]

"""Check that pins.json says what the ledger's pin records say."""

from pathlib import Path

from evidence.errors import StoreError
from evidence.ledger.findings import Finding
from evidence.ledger.pins import PINS, logged, read_pins
from evidence.records import Record


def check_pins(results: Path, records: list[Record]) -> list[Finding]:
    """Findings about pins; `records` are the ledger's."""
    try:
        kept = read_pins(results)
    except StoreError as error:
        return [Finding("pins", PINS, str(error))]
    said = logged(records)
    keys = ("case", "stamp", "sha256sums", "time")
    return [
        Finding("pins", PINS, f"pin {name} is not what the ledger's newest record of it says; pin again")
        for name in sorted(kept.keys() | said.keys())
        if name not in kept or name not in said or any(kept[name].get(k) != said[name].get(k) for k in keys)
    ]

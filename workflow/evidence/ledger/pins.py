"""Named references: `results/pins.json` keeps sealed bundles under a name; each change is in the ledger.

The ledger record is written first: after a kill between the two writes, `verify` says that pins.json is
behind, and pinning again completes it.
"""

from pathlib import Path

from evidence.errors import StoreError
from evidence.ledger import book, bundles, documents
from evidence.ledger.bundles import Bundle
from evidence.ledger.findings import Finding
from evidence.ledger.sums import SUMS
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import file_hash

PINS = "pins.json"
_KEPT = ("case", "stamp", "sha256sums", "time")


class PinError(StoreError):
    """A pin that exists already and keeps another bundle."""

    exit_status = 4


def read_pins(results: Path) -> dict[str, Record]:
    """Name -> {"case", "stamp", "sha256sums", "time"}; none when nothing is pinned."""
    path = results / PINS
    return dict(documents.read(path)["pins"]) if path.exists() else {}


def pin(
    results: Path, name: str, case: str | None = None, stamp: str | None = None, *, force: bool = False
) -> Record:
    """Keep a sealed bundle (default: the newest) as reference `name`; moving a pin needs `force`."""
    _refuse_name(name)
    bundle = bundles.resolve(results, case, stamp) if stamp else bundles.newest(results, case, sealed=True)
    if not bundle.sealed:
        raise StoreError(bundle.name, "a sealed bundle", "one that is not sealed")
    wanted = {"case": bundle.case, "stamp": bundle.stamp, "sha256sums": _digest(bundle)}
    with book.opened(results) as pages:
        last = logged(pages.records).get(name)
        if last is None or any(last[key] != value for key, value in wanted.items()):
            if last is not None and not force:
                raise PinError(f"pin {name}", "--force to move it", f"none; it keeps {_shown(last)}")
            previous = {key: last[key] for key in _KEPT} if last else None
            last = pages.append("pin", {"name": name, **wanted, "previous": previous})
        pins = {**read_pins(results), name: {key: last[key] for key in _KEPT}}
        atomic.write_json(results / PINS, {"kind": "pins", "schema": 1, "pins": pins})
    return pins[name]


def pinned(results: Path, name: str) -> Bundle:
    """The bundle of a pin; StoreError when its hashes are not those that were pinned."""
    pins = read_pins(results)
    if name not in pins:
        raise StoreError("pin", f"one of {', '.join(sorted(pins)) or 'none there'}", f"'{name}'")
    kept = pins[name]
    bundle = Bundle(kept["case"], kept["stamp"], results / kept["case"] / kept["stamp"])
    if not (bundle.path / SUMS).is_file() or _digest(bundle) != kept["sha256sums"]:
        raise StoreError(f"pin {name}", f"{bundle.name} as it was pinned", "another or none")
    return bundle


def logged(records: list[Record]) -> dict[str, Record]:
    """Name -> newest pin record of the ledger."""
    return {str(record["name"]): record for record in records if record["record"] == "pin"}


def check_pins(results: Path, records: list[Record]) -> list[Finding]:
    """Findings about pins; `records` are the ledger's."""
    try:
        kept = read_pins(results)
    except StoreError as error:
        return [Finding("pins", PINS, str(error))]
    said = logged(records)
    return [
        Finding("pins", PINS, f"pin {name} is not what the ledger's newest record of it says; pin again")
        for name in sorted(kept.keys() | said.keys())
        if name not in kept or name not in said or any(kept[name].get(k) != said[name].get(k) for k in _KEPT)
    ]


def _digest(bundle: Bundle) -> str:
    return file_hash(bundle.path / SUMS)


def _shown(record: Record) -> str:
    return f"{record['case']}/{record['stamp']}"


def _refuse_name(name: str) -> None:
    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise StoreError("pin", "a name of letters, digits, - and _", f"'{name}'")

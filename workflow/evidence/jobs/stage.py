"""inputs/ of a bundle: everything its runs were made from, copied, and named in inputs.json."""

import json
import shlex
from collections.abc import Iterable
from pathlib import Path

from evidence.cases.case import Case
from evidence.cases.settings import Settings
from evidence.errors import InputError
from evidence.ledger import stamp
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import file_hash

RECORD = "inputs.json"


def fingerprint(case: Case, settings: Settings) -> Record:
    """What decides a bundle's content: the case file, where its inputs come from, how it is judged."""
    return {
        "kind": "inputs",
        "schema": 1,
        "case": {"path": case.path.as_posix(), "sha256": file_hash(case.path)},
        "sources": {
            name: {
                "path": source.path.as_posix(),
                "column": source.column,
                "sha256": file_hash(source.path),
                **source.options,
            }
            for name, source in case.inputs.items()
        },
        "device": settings.device,
        "trace_rtol": settings.trace_rtol,
        "thresholds": settings.judged_by(case),
    }


def stage(case: Case, settings: Settings, folder: Path) -> None:
    """Fill `folder`, but for the reflection lists made from other files; inputs.json comes last."""
    atomic.copy_file(case.path, folder / "case.yaml")
    atomic.write_text(folder / "command.txt", shlex.join(["nanoBragg", *case.arguments]) + "\n")
    for name, source in case.inputs.items():
        if not source.is_made:
            atomic.copy_file(source.path, folder / name)
    atomic.write_json(folder / RECORD, fingerprint(case, settings))


def refuse_changed(case: Case, settings: Settings, bundle: Path) -> None:
    """A sealed bundle that is asked for by its stamp must have been made from what stands here now."""
    if not stamp.is_sealed(bundle):
        return
    try:
        sealed = json.loads((bundle / "inputs" / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(bundle / "inputs" / RECORD, "the record of its inputs", "no readable one") from None
    changed = sorted(_differences(sealed, fingerprint(case, settings)))
    if changed:
        what = ", ".join(changed)
        raise InputError(
            f"--config stamp={bundle.name}",
            f"the inputs that {bundle} was sealed with (leave stamp out to start a new bundle)",
            f"changed ones: {what}",
        )


def _differences(old: Record, new: Record) -> Iterable[str]:
    for key in (old.keys() | new.keys()) - {"kind", "schema"}:
        before, now = old.get(key), new.get(key)
        if before != now:
            yield key if key != "case" else str(new["case"]["path"])

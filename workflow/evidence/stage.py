"""inputs/ of a bundle: everything its runs were made from, copied, and named in inputs.json."""

import hashlib
import json
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evidence import stamp, store
from evidence.case import Case
from evidence.complaint import Complaint
from evidence.config import Settings

RECORD = "inputs.json"


def fingerprint(case: Case, settings: Settings) -> dict[str, Any]:
    """What decides a bundle's content: the case file, where its inputs come from, how it is judged."""
    return {
        "schema": 1,
        "case": {"path": case.path.as_posix(), "sha256": _sha256(case.path)},
        "sources": {
            name: {"path": source.path.as_posix(), "column": source.column, "sha256": _sha256(source.path)}
            for name, source in case.inputs.items()
        },
        "device": settings.device,
        "trace_rtol": settings.trace_rtol,
        "thresholds": settings.judged_by(case),
    }


def stage(case: Case, settings: Settings, folder: Path) -> None:
    """Fill `folder`, but for the reflection lists made from MTZ files; inputs.json comes last."""
    store.copy_file(case.path, folder / "case.yaml")
    store.write_text(folder / "command.txt", shlex.join(["nanoBragg", *case.arguments]) + "\n")
    for name, source in case.inputs.items():
        if not source.is_mtz:
            store.copy_file(source.path, folder / name)
    store.write_json(folder / RECORD, fingerprint(case, settings))


def staged_files(case: Case, folder: Path) -> dict[str, Path]:
    """Name in the command -> file in the bundle."""
    return {name: folder / name for name in case.inputs}


def refuse_changed(case: Case, settings: Settings, bundle: Path) -> None:
    """A sealed bundle that is asked for by its stamp must have been made from what stands here now."""
    if not stamp.is_sealed(bundle):
        return
    try:
        sealed = json.loads((bundle / "inputs" / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Complaint(bundle / "inputs" / RECORD, "the record of its inputs", "no readable one") from None
    changed = sorted(_differences(sealed, fingerprint(case, settings)))
    if changed:
        what = ", ".join(changed)
        raise Complaint(
            f"--config stamp={bundle.name}",
            f"the inputs that {bundle} was sealed with (leave stamp out to start a new bundle)",
            f"changed ones: {what}",
        )


def _differences(old: dict[str, Any], new: dict[str, Any]) -> Iterable[str]:
    for key in old.keys() | new.keys():
        before, now = old.get(key), new.get(key)
        if before != now:
            yield key if key != "case" else str(new["case"]["path"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

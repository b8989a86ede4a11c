"""What `braggproof list|verify|pin|open` show."""

import os
import webbrowser
from datetime import datetime
from pathlib import Path

from evidence.commands.terminal import View, refuse_missing, table
from evidence.errors import StoreError
from evidence.ledger import attempts, bundles, pins
from evidence.ledger import verify as verification
from evidence.ledger.filecheck import Subset
from evidence.ledger.findings import LIMITS, exit_code
from evidence.records import Record
from evidence.report.formats import duration

SHOWN_METRICS = ("correlation", "sum_ratio")


def list_attempts(results: Path, case: str | None) -> View:
    """All attempts (of `case`)."""
    refuse_missing(results)
    rows = [_attempt(one) for one in attempts.attempts(results) if case in (None, one.case)]
    if case is not None and not rows:
        raise StoreError("--case", "a case with attempts", f"'{case}'")
    headings = ("#", "case", "stamp", "status", "gates", *SHOWN_METRICS, "took", "sealed")
    cells = [
        (
            *(row[key] for key in ("attempt", "case", "stamp", "status")),
            _passed(row["gates"]),
            *(row["metrics"].get(name) for name in SHOWN_METRICS),
            duration(row["seconds"]),
            "yes" if row["sealed"] else "no",
        )
        for row in rows
    ]
    judged = {row["case"]: row for row in rows if row["sealed"]}  # the newest of each case wins
    verdicts = {name: {key: row[key] for key in ("status", "stamp")} for name, row in sorted(judged.items())}
    parts = [table(headings, cells) if rows else f"no attempts in {results}"]
    if verdicts:
        newest = [(name, row["status"], row["stamp"]) for name, row in verdicts.items()]
        parts.append(table(("case", "newest verdict", "bundle"), newest))
    data = {"kind": "attempts", "schema": 1, "attempts": rows, "verdicts": verdicts}
    return View(data, "\n\n".join(parts))


def _attempt(one: attempts.Attempt) -> Record:
    end = one.end or {}
    return {
        "attempt": one.number,
        "case": one.case,
        "stamp": one.stamp,
        "status": one.status,
        "sealed": one.sealed,
        "started": one.start["time"] if one.start else None,
        "ended": end.get("time"),
        "seconds": _seconds(one),
        "gates": end.get("gates") or {},
        "metrics": end.get("metrics") or {},
    }


def _seconds(one: attempts.Attempt) -> float | None:
    if not (one.start and one.end):
        return None
    gap = datetime.fromisoformat(one.end["time"]) - datetime.fromisoformat(one.start["time"])
    return max(gap.total_seconds(), 0.0)  # the clock may have been set back between the two


def _passed(gates: dict[str, str]) -> str:
    return f"{list(gates.values()).count('pass')}/{len(gates)} pass" if gates else "-"


def verify(
    results: Path, case: str | None, stamp: str | None, subset: Subset | None, anchor: str | None
) -> View:
    """Every finding, what was read, the ledger's last hash, and what hashes cannot show."""
    refuse_missing(results)
    found = verification.verify(results, case, stamp, subset=subset, anchor=anchor)
    sealed = [b.name for b in bundles.discover(results, case) if b.sealed and stamp in (None, b.stamp)]
    number, digest = attempts.head(results)
    status = exit_code(found)
    part = f", part {subset[0]} of {subset[1]} of their files" if subset else ""
    verdict = "damaged" if status >= 10 else "nothing to verify" if status else "as sealed"
    lines = [str(finding) for finding in found]
    lines += [
        f"{verdict}: {len(sealed)} sealed bundle(s){part}, {number} ledger lines, the last one {digest}"
    ]
    data = {
        "kind": "verification",
        "schema": 1,
        "findings": [finding.to_dict() for finding in found],
        "sealed": sealed,
        "subset": list(subset) if subset else None,
        "ledger": {"lines": number, "head": digest},
        "status": status,
        "limits": LIMITS,
    }
    return View(data, "\n".join([*lines, "", LIMITS]), status)


def pin(results: Path, name: str | None, case: str | None, stamp: str | None, force: bool) -> View:
    """Pin, or list the pins."""
    refuse_missing(results)
    if name is not None:
        if case is not None and stamp is None:
            raise StoreError(f"pin {name}", "CASE STAMP", f"'{case}' alone")
        pins.pin(results, name, case, stamp, force=force)
    kept = pins.read_pins(results)
    rows = [(key, value["case"], value["stamp"], value["time"]) for key, value in sorted(kept.items())]
    text = table(("pin", "case", "stamp", "pinned"), rows) if rows else "no pins"
    return View({"kind": "pins", "schema": 1, "pins": kept}, text)


def open_report(results: Path, case: str | None, stamp: str | None) -> View:
    """Print the report's path; show it where there is a display or a browser is named.

    Where nothing is asked for, the newest sealed bundle that has a page.
    """
    refuse_missing(results)
    paged = (each for each in bundles.newest_first(results) if each.sealed and each.has_page)
    newest = next(paged, None) if case is None and stamp is None else None
    path = (newest or bundles.resolve(results, case, stamp)).to_read
    if not path.is_file():
        raise StoreError(path, "a report", "none")
    shown = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER"))
    if shown:
        shown = webbrowser.open(path.resolve().as_uri())
    return View({"kind": "report", "schema": 1, "path": str(path), "opened": shown}, str(path))

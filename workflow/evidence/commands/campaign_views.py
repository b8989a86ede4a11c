"""What `braggproof coverage|baseline|replay|mutants` show.

What measures loads numpy and scipy: each command loads what it needs, so that `braggproof list` is quick.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence.campaigns.baseline import PREFIX
from evidence.commands.terminal import View, refuse_missing, table
from evidence.errors import StoreError
from evidence.ledger import bundles
from evidence.ledger.bundles import NoBundleError
from evidence.paths import ROOT
from evidence.records import Record
from evidence.store import atomic

if TYPE_CHECKING:
    from evidence.campaigns.replay import Replayed

Command = Callable[..., argparse.ArgumentParser]


def add(command: Command) -> None:
    """The commands about campaigns; `command(name, view, text)` makes a parser."""
    one = command(
        "coverage", coverage, "flags, values and quirks that sealed campaigns exercise, and those none does"
    )
    one.add_argument("--suite", help="of this suite only")
    one = command(
        "baseline", baseline, "take the verdicts of the newest sealed campaign of SUITE as the known ones"
    )
    one.add_argument("suite", metavar="SUITE")
    one.add_argument("--reason", help="why, for the ledger")
    one.add_argument("--force", action="store_true", help="change verdicts that are known already")
    one = command(
        "replay", replay, "run one CASE of SUITE again, beside what the newest sealed campaign holds"
    )
    one.add_argument("suite", metavar="SUITE")
    one.add_argument("case", metavar="CASE")
    one.add_argument("--stamp", help="of another campaign")
    one = command(
        "mutants",
        mutants,
        "undo each rule of config/mutations.yaml in a scratch copy and see which case fails",
    )
    one.add_argument("names", nargs="*", metavar="NAME", help="only these")
    one.add_argument("--suites", default="golden,edges,pairwise", help="looked through in this order")
    one.add_argument("--page", metavar="FILE", help="write the table as Markdown too")


def coverage(results: Path, suite: str | None) -> View:
    """Over the newest sealed campaign of each whole suite."""
    from evidence.campaigns import coverage as counting  # noqa: PLC0415
    from evidence.campaigns.rebaseline import newest  # noqa: PLC0415
    from evidence.campaigns.suite import suite_names  # noqa: PLC0415
    from evidence.campaigns.table import read_batches  # noqa: PLC0415

    refuse_missing(results)
    known = suite_names()
    if suite is not None and suite not in known:
        raise StoreError("--suite", f"one of {' '.join(known)}", f"'{suite}'")
    rows: list[Record] = []
    seen = []
    for name in [suite] if suite else known:
        with contextlib.suppress(NoBundleError):
            bundle = newest(results, name)
            seen.append(bundle.name)
            rows += read_batches(bundle.path)
    if not rows:
        raise StoreError(results, f"a sealed campaign of the whole {suite or 'suite'}", "none")
    flags, quirks = counting.flag_rows(rows), counting.quirk_rows(rows)
    found = counting.summary(flags, quirks)
    engines = sorted({engine for row in rows for engine in row["cells"]})
    cells = [
        (row["spelling"], row["value"], *(row["counts"].get(name) for name in (*engines, "lit", "refused")))
        for row in flags
    ]
    lines = [table(("flag", "value", *engines, "with light", "refused"), cells), ""]
    shaped = [(row["quirk"], row["shaped"], row["switched"]) for row in quirks]
    lines += [table(("quirk", "images shaped", "switched"), shaped), ""]
    for name, part in found.items():
        missing = f"; none: {' '.join(part['none'])}" if part["none"] else ""
        lines.append(f"{name}: {part['used']} of {part['all']}{missing}")
    data = {"schema": 1, "bundles": seen, "summary": found, "flags": flags, "quirks": quirks}
    return View(data, "\n".join([*lines, f"from {', '.join(seen)}"]))


def baseline(results: Path, suite: str, reason: str | None, force: bool) -> View:
    """Write the baseline of a suite."""
    from evidence.campaigns.rebaseline import rebaseline  # noqa: PLC0415

    refuse_missing(results)
    done = rebaseline(results, suite, reason, force)
    rows = [(row["name"], row["case"], row["reason"][:60]) for row in done.canary]
    changed = [f"{flip.case} {flip.engine}: {flip.before} -> {flip.after}" for flip in done.flips]
    data = {
        "schema": 1,
        "path": str(done.path),
        "bundle": done.bundle,
        "changed": [flip.to_dict() for flip in done.flips],
        "canary": done.canary,
    }
    text = table(("canary", "barked at", "because"), rows)
    return View(data, "\n".join([text, *changed, f"{done.path} from {done.bundle}"]))


def replay(results: Path, suite: str, case: str, stamp: str | None) -> View:
    """The matrix row of one case; status 1 if a verdict is not the bundle's, or, without one, not pass."""
    from evidence.campaigns.rebaseline import newest  # noqa: PLC0415
    from evidence.campaigns.replay import replay as run_again  # noqa: PLC0415
    from evidence.campaigns.suite import load_suite  # noqa: PLC0415

    about = load_suite(suite)
    bundle = bundles.resolve(results, PREFIX + suite, stamp) if stamp else None
    if bundle is None:
        with contextlib.suppress(NoBundleError):
            bundle = newest(results, suite, case)
    found = run_again(about, case, bundle)
    rows = [_cell(found, engine) for engine in found.row["cells"]]
    head = f"{found.row['arguments']}\n"
    text = table(("engine", "verdict", "before", "same image", "correlation", "identical", "why"), rows)
    flipped = [row for row in rows if row[1] != (row[2] or "pass") and row[1] != "absent"]
    data = {"schema": 1, "case": found.case.name, "row": found.row, "before": found.before}
    return View(data, f"{head}\n{text}", 1 if flipped else 0)


def _cell(found: "Replayed", engine: str) -> tuple[Any, ...]:
    now = found.row["cells"][engine]
    before = (found.before or {"cells": {}})["cells"].get(engine, {}).get("verdict")
    same = {True: "yes", False: "no", None: None}[found.same(engine)]
    metrics = now["metrics"]
    return (
        engine, now["verdict"], before, same, metrics.get("correlation"), metrics.get("identical_share"),
        now["reason"][:100],
    )  # fmt: skip


def mutants(results: Path, names: list[str], suites: str, page: str | None) -> View:
    """The table of mutations; status 1 if one goes unnoticed."""
    from evidence.campaigns import mutants as trials  # noqa: PLC0415

    del results  # it writes none
    wanted = [each for each in trials.load() if not names or each.name in names]
    if not wanted or len(wanted) < len(names):
        raise StoreError("mutants", "names of config/mutations.yaml", " ".join(names))
    rows = []
    for number, each in enumerate(wanted, start=1):
        rows.append(trials.first_caught(each, suites.split(","), ROOT / "simulator"))
        print(f"{number} of {len(wanted)}: {each.name} {rows[-1]['case'] or 'unnoticed'}", file=sys.stderr)
    cells = [
        (row["name"], row["case"] or "none", row["tried"], row["rule"], row["reason"][:60]) for row in rows
    ]
    missed = sum(row["case"] is None for row in rows)
    text = table(("rule undone", "caught by", "cases tried", "rule", "how"), cells)
    if page:
        atomic.write_text(Path(page), trials.page(rows))
    data = {"schema": 1, "mutations": rows, "missed": missed}
    return View(data, f"{text}\n{len(rows) - missed} of {len(rows)} caught", 1 if missed else 0)

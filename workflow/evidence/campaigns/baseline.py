"""config/baselines/<suite>.tsv: the verdict of each case and engine that is known; and the flips from it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from evidence.errors import InputError, StoreError
from evidence.records import FrozenRecord, Record
from evidence.store import atomic

PREFIX = "campaign_"  # of the folder that holds the bundles of a suite
BASELINES = Path("config/baselines")
VERDICTS = ("pass", "fail", "blocked", "absent")
BAD = ("worse", "changed", "gone")  # kinds that fail a campaign
Verdicts = dict[str, dict[str, str]]  # case -> engine -> verdict


class BaselineError(StoreError):
    """A change of verdicts that was not asked for by --force, or a canary that does not bark."""

    exit_status = 4


@dataclass(frozen=True)
class Flip:
    """A cell whose verdict is not the one known before."""

    kind: str  # worse, better, changed, new, gone
    case: str
    engine: str
    before: str
    after: str
    reason: str

    def to_dict(self) -> Record:
        return asdict(self)


def path_of(suite: str) -> Path:
    """Where the baseline of a suite is."""
    return BASELINES / f"{suite}.tsv"


def read(path: Path) -> Verdicts | None:
    """Verdicts by case and engine; None without a baseline."""
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, csv.Error) as problem:
        raise InputError(path, "a table of verdicts", f"'{problem}'") from None
    if not lines or lines[0][:1] != ["case"]:
        raise InputError(path, "a heading: case and engines", lines[0] if lines else "nothing")
    found: Verdicts = {}
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(lines[0]) or set(line[1:]) - set(VERDICTS):
            raise InputError(f"{path} line {number}", f"a case and {len(lines[0]) - 1} verdicts", line)
        found[line[0]] = dict(zip(lines[0][1:], line[1:], strict=True))
    return found


def write(path: Path, verdicts: Verdicts) -> None:
    """Sorted by case, so that a change of one verdict is one line of a diff."""
    engines = list(dict.fromkeys(engine for cells in verdicts.values() for engine in cells))
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(["case", *engines])
    for case, cells in sorted(verdicts.items()):
        writer.writerow([case, *(cells.get(engine, "absent") for engine in engines)])
    atomic.write_text(path, text.getvalue())


def verdicts_of(rows: Iterable[FrozenRecord]) -> Verdicts:
    """The verdicts of a campaign."""
    return {row["case"]: {engine: cell["verdict"] for engine, cell in row["cells"].items()} for row in rows}


def flips(
    rows: Iterable[FrozenRecord],
    known: Verdicts | None,
    guests: Iterable[str],
    whole: bool,
    optional: Iterable[str] = (),
) -> list[Flip]:
    """Every cell that differs. Without a baseline `pass` is expected.

    Guests are engines from elsewhere: what they cannot do is blocked and no flip. Optional engines may be
    absent. `whole`: all cases of the suite ran, so that what is missing is gone.
    """
    found: list[Flip] = []
    seen: set[tuple[str, str]] = set()
    strangers, spare = set(guests), set(optional)
    for row in rows:
        for engine, cell in row["cells"].items():
            seen.add((row["case"], engine))
            before, after = (known or {}).get(row["case"], {}).get(engine), str(cell["verdict"])
            if after == "absent" and engine in spare:
                continue
            kind = _kind(before, after, engine in strangers, known is not None)
            if kind:
                found.append(Flip(kind, row["case"], engine, before or "-", after, cell["reason"]))
    for case, cells in (known or {}).items() if whole else ():
        for engine, before in cells.items():
            if before != "absent" and engine not in spare and (case, engine) not in seen:
                found.append(Flip("gone", case, engine, before, "-", "it did not run"))
    return found


def _kind(before: str | None, after: str, guest: bool, has_baseline: bool) -> str | None:
    if before is None:
        if after not in ("pass", "absent") and not (guest and after == "blocked"):
            return "worse"
        return "new" if has_baseline and after != "absent" and not guest else None
    if before == after:
        return None
    if after == "pass":
        return "new" if before == "absent" else "better"
    return "worse" if before in ("pass", "absent") else "changed"

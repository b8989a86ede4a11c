"""The name of a bundle, settled once per invocation and the same in every job of it.

A job on another machine parses the Snakefile anew, seconds later. So the first parse leaves its choice in
the environment, which child processes and remote jobs inherit, and every later parse takes it from there.
Nothing here writes to disk: a dry run leaves no trace.
"""

import re
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evidence.errors import InputError

FORM = "%Y%m%dT%H%M%SZ"
STAMP = re.compile(r"\d{8}T\d{6}Z")


def variable(case: str) -> str:
    """Environment variable that carries the stamp of `case` to child processes."""
    return f"BRAGGPROOF_STAMP_{case.upper()}"


def settle(
    case: str,
    requested: str | None,
    results: Path,
    environ: MutableMapping[str, str],
    now: datetime | None = None,
) -> str:
    """Stamp of `case`: asked for, else a parent process settled it, else the newest open bundle, else new."""
    if requested is not None:
        parse(requested, "--config stamp")
    chosen = (
        requested or _inherited(case, environ) or newest_open(results / case) or fresh(results / case, now)
    )
    environ[variable(case)] = chosen
    return chosen


def parse(text: str, where: str) -> datetime:
    """The moment that `text` names (UTC)."""
    try:
        if not STAMP.fullmatch(text):
            raise ValueError
        return datetime.strptime(text, FORM).replace(tzinfo=UTC)
    except ValueError:
        raise InputError(where, "a UTC time YYYYMMDDTHHMMSSZ", f"'{text}'") from None


def _inherited(case: str, environ: Mapping[str, str]) -> str | None:
    found = environ.get(variable(case))
    if found is not None:
        parse(found, variable(case))
    return found


def bundles(folder: Path) -> list[Path]:
    """The bundles of a case, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if STAMP.fullmatch(path.name) and path.is_dir())


def is_sealed(bundle: Path) -> bool:
    """Whether the bundle is closed for good."""
    return (bundle / "SEALED").exists()


def newest_open(folder: Path) -> str | None:
    """Stamp of the newest bundle that is not sealed: an interrupted run, to be continued."""
    open_ones = [path.name for path in bundles(folder) if not is_sealed(path)]
    return open_ones[-1] if open_ones else None


def newest_sealed(folder: Path) -> str | None:
    """Stamp of the newest sealed bundle."""
    return next((path.name for path in reversed(bundles(folder)) if is_sealed(path)), None)


def fresh(folder: Path, now: datetime | None = None) -> str:
    """A new stamp, later than every bundle that exists.

    Two bundles within a second, or a clock set back, get the second after the newest: names never repeat
    and their order is the order of the attempts.
    """
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    existing = bundles(folder)
    if existing:
        moment = max(moment, parse(existing[-1].name, str(existing[-1])) + timedelta(seconds=1))
    return moment.strftime(FORM)

"""A rule undone in a scratch copy of the PyTorch engine, to see that a campaign notices it.

config/mutations.yaml lists them: an edit of one source file, or one of the engine's own quirk switches. The
canary is three of them: while it does not bark, no baseline is written.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence.campaigns.batch import run_case
from evidence.campaigns.campaign_inputs import stage_inputs
from evidence.campaigns.contenders import Contender
from evidence.campaigns.expand import Case
from evidence.campaigns.runners import Runners
from evidence.campaigns.suite import Suite, load_suite
from evidence.cases import schema
from evidence.errors import InputError
from evidence.records import Record

MUTATIONS = Path("config/mutations.yaml")
TRIAL = "torch-float64"


PAGE = """\
# Rules undone

Each rule is undone by itself in a scratch copy of the PyTorch engine, by a switch or an edit of one line
(`config/mutations.yaml`), and the suites are run until a case notices: {caught} of {all} are caught.
Written by `braggproof mutants --page config/MUTANTS.md`, not by hand.
"""


@dataclass(frozen=True)
class Mutation:
    """One rule undone: `quirk` switched off, or in `file` the text `old` made `new`."""

    name: str
    rule: str
    quirk: str | None = None
    file: str | None = None
    old: str = ""
    new: str = ""
    canary: str | None = None  # suite/case that must fail
    case: str | None = None  # of config/cases, whose gates are asked first


def load(path: Path = MUTATIONS) -> list[Mutation]:
    """All of the file."""
    found = schema.read_yaml(path)
    schema.check(found, schema.load_schema("mutations"), path)
    made = [Mutation(name=name, **about) for name, about in found.items()]
    for each in made:
        if (each.quirk is None) == (each.file is None):
            raise InputError(f"{path} mutation {each.name}", "a quirk or a file", "both or none")
    return made


@contextmanager
def undone(mutation: Mutation, package: Path) -> Iterator[Path | None]:
    """A folder with the mutated copy of `package` (simulator); None where a switch does it."""
    if mutation.file is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        copy = Path(name) / package.name
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "reference"))
        target = copy / mutation.file
        text = target.read_text(encoding="utf-8") if target.is_file() else ""
        if text.count(mutation.old) != 1:
            raise InputError(
                f"mutation {mutation.name}", f"its text once in {mutation.file}", text.count(mutation.old)
            )
        target.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        yield Path(name)


def trial(mutation: Mutation) -> Contender:
    """The engine on trial."""
    switched = ("--quirks", f"-{mutation.quirk}") if mutation.quirk else ()
    return Contender(
        TRIAL, "torch", None, ("--dtype", "float64", "--compile", "off", "--threads", "1", *switched)
    )


def first_caught(
    mutation: Mutation, suites: Sequence[str], package: Path, patterns: Sequence[str] = ()
) -> Record:
    """The first case that fails with the rule undone, over the suites in order; `case` None: none does."""
    tried = 0
    with undone(mutation, package) as simulator:
        for name in suites:
            suite = load_suite(name)
            cases = [case for case in suite.all_cases() if not patterns or case.name in patterns]
            for case, reason in _failures(suite, mutation, simulator, cases):
                tried += 1
                if reason:
                    return _row(mutation, f"{name}/{case.name}", reason, tried)
    return _row(mutation, None, "no case fails", tried)


def _failures(
    suite: Suite, mutation: Mutation, simulator: Path | None, cases: Sequence[Case]
) -> Iterator[tuple[Case, str]]:
    reference = "c" if suite.reference == "c" else suite.reference
    engines = [Contender(reference, "program" if reference == "c" else "stored"), trial(mutation)]
    with tempfile.TemporaryDirectory(prefix="mutant-inputs-") as name:
        stage_inputs(suite, Path(name))
        with Runners(Path(name), suite.timeout_s, simulator) as runners:
            for case in cases:
                if "--quirks" in case.arguments or "--mode" in case.arguments:
                    continue  # the case's own switches would answer for the mutant's
                row, _ = run_case(suite, engines, runners, case)
                cell = row["cells"][TRIAL]
                yield case, cell["reason"] if cell["verdict"] == "fail" else ""


def _row(mutation: Mutation, case: str | None, reason: str, tried: int) -> Record:
    return {"name": mutation.name, "rule": mutation.rule, "case": case, "reason": reason, "tried": tried}


def page(rows: Sequence[Record]) -> str:
    """The table as Markdown."""
    caught = sum(row["case"] is not None for row in rows)
    lines = [
        PAGE.format(caught=caught, all=len(rows)),
        "| undone | rule | caught by | by |",
        "|---|---|---|---|",
    ]
    for row in rows:
        how = re.sub(r"\b\d+\.\d{4,}", lambda number: f"{float(number[0]):.4g}", row["reason"])
        lines.append(
            f"| `{row['name']}` | {row['rule']} | {row['case'] or 'none'} | {how.replace('|', '¦')[:80]} |"
        )
    return "\n".join([*lines, ""])


def canary(package: Path) -> list[Record]:
    """Each canary mutation on its own case; `case` None in a row: it did not bark."""
    rows = []
    for mutation in load():
        if mutation.canary is not None:
            suite, _, case = mutation.canary.partition("/")
            rows.append(first_caught(mutation, [suite], package, [case]))
    return rows

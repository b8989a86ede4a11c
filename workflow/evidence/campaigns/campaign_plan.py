"""What one invocation asks of campaigns: suites, their bundles, their batches. The rules ask it for paths."""

import json
import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from evidence.campaigns import campaign_inputs as inputs
from evidence.campaigns.baseline import PREFIX
from evidence.campaigns.campaign_check import check
from evidence.campaigns.contenders import Contender, contenders
from evidence.campaigns.suite import SUITES, Suite, load_suite, suite_names
from evidence.errors import InputError, leave
from evidence.ledger import stamp
from evidence.paths import BUILT_ENGINE, RESULTS
from evidence.records import FrozenRecord, Record
from evidence.store.hashes import tree_hash

RUN_MODULES = ("batch", "contenders", "expand", "judge", "outcome", "runners", "warm", "warm_worker")
STANDARD = ("golden", "edges", "grid", "pairwise", "guards")


class Wildcards(Protocol):
    """Of a rule, as Snakemake passes them; each has some of these."""

    bundle: str


@dataclass(frozen=True)
class Campaigns:
    """`bundles` maps a suite to campaign_SUITE/STAMP, the folder below results/."""

    root: Path
    bundles: Mapping[str, str]
    suite: str | None  # of the target campaign
    selection: str | None  # of its cases
    first: bool = False  # whether this is the invocation itself, not a job of it
    loaded: dict[str, Suite] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The suites, a target each."""
        return list(self.bundles)

    @property
    def asked(self) -> str:
        """Bundle of `--config suite=NAME`; of a project without suites one that no rule makes."""
        name = self.suite or STANDARD[0]
        return self.bundles.get(name, f"{PREFIX}{name}/none")

    @property
    def standard(self) -> list[str]:
        """Bundles of the suites that prove a change."""
        return [self.bundles[name] for name in STANDARD if name in self.bundles]

    @cached_property
    def open_bundles(self) -> str:
        """Pattern of the bundles that may be written."""
        free = [name for name in self.bundles.values() if not stamp.is_sealed(RESULTS / name)]
        return "|".join(free) or "(?!)"

    @property
    def variables(self) -> list[str]:
        """Environment variables that carry the stamps into the jobs."""
        return [stamp.variable(PREFIX + name) for name in self.bundles]

    def suite_of(self, wildcards: Wildcards) -> Suite:
        """The suite of a bundle; one that cannot be run ends the invocation."""
        name = str(wildcards.bundle).split("/", maxsplit=1)[0].removeprefix(PREFIX)
        if name not in self.loaded:
            try:
                self.loaded[name] = load_suite(name)
                if self.first:
                    check(self.loaded[name], self.selection_of(wildcards))
            except InputError as problem:
                leave(problem)
        return self.loaded[name]

    def selection_of(self, wildcards: Wildcards) -> str | None:
        """The cases asked for, where the bundle is of the suite that they were asked of."""
        return self.selection if str(wildcards.bundle) == self.bundles.get(self.suite or "") else None

    def suite_name(self, wildcards: Wildcards) -> str:
        """Its name."""
        return self.suite_of(wildcards).name

    def files_of(self, wildcards: Wildcards) -> list[str]:
        """The files that its cases come from."""
        return [path for path, digest in inputs.fingerprint(self.suite_of(wildcards)).items() if digest]

    def fingerprint_of(self, wildcards: Wildcards) -> Record:
        """What the cases are made from."""
        return inputs.fingerprint(self.suite_of(wildcards))

    def batches_of(self, wildcards: Wildcards) -> list[str]:
        """The records of its batches: as many as the suite says, one of a selection."""
        count = 1 if self.selection_of(wildcards) else self.suite_of(wildcards).batches
        return [
            f"results/{wildcards.bundle}/batches/{number:03d}-{count:03d}.json" for number in range(count)
        ]

    def tests_of(self, wildcards: Wildcards) -> list[str]:
        """The pytest selectors that its suite names."""
        return list(self.suite_of(wildcards).tests)

    def test_records_of(self, wildcards: Wildcards) -> list[str]:
        """The record of their run, where there are any; selected cases go without."""
        wanted = self.tests_of(wildcards) and not self.selection_of(wildcards)
        return [f"results/{wildcards.bundle}/tests/tests.json"] if wanted else []

    def engines_of(self, wildcards: Wildcards) -> list[str]:
        """The C engine that is built here, where the suite uses it, and programs from elsewhere."""
        programs = [each for each in self.contenders(wildcards) if each.kind == "program"]
        return [
            str(BUILT_ENGINE) if each.path is None else each.path
            for each in programs
            if each.path is None or Path(each.path).is_file()
        ]

    def contenders(self, wildcards: Wildcards) -> list[Contender]:
        """The engines of its matrix."""
        return contenders(self.suite_of(wildcards))

    def guests(self, _: Wildcards) -> str:
        """Programs from elsewhere: another one makes Snakemake run the batches again."""
        return os.environ.get("NB_C_BIN", "")

    @property
    def run_code(self) -> str:
        """One hash over what makes a cell: batches are redone when it changes, not when a page does."""
        rooms = (self.root / "workflow" / "evidence" / room for room in ("images", "engines"))
        own = (self.root / "workflow" / "evidence" / "campaigns" / f"{name}.py" for name in RUN_MODULES)
        code = (path for top in (self.root / "simulator", *rooms) for path in top.rglob("*.py"))
        return tree_hash((*code, *own), self.root)


def settle(values: FrozenRecord, root: Path, environ: MutableMapping[str, str] = os.environ) -> Campaigns:
    """The campaigns of this invocation; a mistake is a InputError."""
    names = suite_names()
    asked, selection = values.get("suite"), values.get("cases")
    if asked is not None and asked not in names:
        raise InputError("--config suite", f"one of {' '.join(names)}", f"'{asked}'")
    if selection and not asked:
        raise InputError("--config cases", "--config suite beside it", "none")
    first = not any(stamp.variable(PREFIX + name) in environ for name in names)
    bundles = {}
    for name in names:
        case = PREFIX + name
        wanted = values.get("stamp") or _matching(
            RESULTS / case, selection if name == asked else None, environ, case
        )
        bundles[name] = f"{case}/{stamp.settle(case, wanted, RESULTS, environ)}"
    return Campaigns(root, bundles, asked, selection, first)


def _matching(folder: Path, selection: str | None, environ: Mapping[str, str], case: str) -> str | None:
    """A new stamp where the newest open bundle was made of other cases; else None: settle as usual."""
    newest = stamp.newest_open(folder)
    if newest is None or stamp.variable(case) in environ:
        return None
    try:
        found = json.loads((folder / newest / "inputs" / "cases.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return None if found.get("selection") == selection else stamp.fresh(folder)


def settle_or_exit(values: FrozenRecord, root: Path) -> Campaigns:
    """For the Snakefile: a mistake ends the run with one line and status 2."""
    try:
        return settle(values, root)
    except InputError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(2)


__all__ = ["SUITES", "Campaigns", "settle", "settle_or_exit"]

"""A suite: config/suites/<suite>.yaml, validated, and the cases it stands for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from evidence.campaigns.expand import Case, expand
from evidence.cases import schema
from evidence.cases.case import target_names
from evidence.errors import InputError
from evidence.records import FrozenRecord, Record

SUITES = Path("config/suites")
CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # images/CASE.npz of a bundle, and what cases= selects
Limits = FrozenRecord


@dataclass(frozen=True)
class Suite:
    """What the file says. Paths are relative to the folder of Snakefile."""

    name: str
    path: Path
    title: str
    engines: Sequence[str]
    reference: str
    batches: int
    gates: Mapping[str, Limits]
    cases: Sequence[FrozenRecord]  # as written; `all_cases` makes them
    description: str = ""
    optional: Sequence[str] = ()
    timeout_s: float = 120.0
    inputs: FrozenRecord = field(default_factory=dict)
    common: str = ""
    sample: int = 5
    black: str = "refuse"
    nonfinite: str = "refuse"
    warn_only: bool = False
    speed: Mapping[str, float] = field(default_factory=dict)
    tests: Sequence[str] = ()

    def limits(self, engine: str) -> Limits:
        """What an engine is held to."""
        return self.gates.get(engine) or self.gates.get("default", {})

    def all_cases(self) -> list[Case]:
        """Every case, in order. Names are unique, and no block is without cases."""
        made: list[Case] = []
        for number, block in enumerate(self.cases):
            where = f"{self.path} cases {number}"
            found = expand(block, self.common.split(), where)
            if not found:
                raise InputError(where, "at least one case", "none")
            made += found
        seen: set[str] = set()
        for case in made:
            self._check(case)
            if case.name in seen:
                raise InputError(f"{self.path} case {case.name}", "a name of its own", "it twice")
            seen.add(case.name)
        return made

    def _check(self, case: Case) -> None:
        if not CASE.fullmatch(case.name):
            expected = "a name of at most 100 letters, digits and . _ - that starts with a letter or digit"
            raise InputError(f"{self.path} case", expected, repr(case.name))
        known = (*self.engines, *self.optional)
        for engine in case.engines or ():
            if engine not in known:
                where = f"{self.path} case {case.name} key engines"
                raise InputError(where, f"one of {' '.join(known)}", f"'{engine}'")

    def as_dict(self) -> Record:
        """For the bundle."""
        return {**asdict(self), "path": self.path.as_posix(), "schema": 1}


def suite_names(folder: Path = SUITES) -> list[str]:
    """The suites that exist; a file whose name cannot be a target is an error."""
    return target_names(folder)


def load_suite(name: str, folder: Path = SUITES) -> Suite:
    """A suite by name; a mistake in its file is a InputError."""
    if name not in suite_names(folder):
        raise InputError("suite", f"one of {' '.join(suite_names(folder))}", f"'{name}'")
    path = folder / f"{name}.yaml"
    found = schema.read_yaml(path)
    schema.check(found, schema.load_schema("suite"), path)
    suite = Suite(name=name, path=path, **found)
    for engine in (*suite.engines, *suite.optional):
        if engine != suite.reference and not suite.limits(engine):
            raise InputError(f"{path} key gates", f"limits for {engine} or a default", "none")
    if suite.reference not in suite.engines:
        raise InputError(f"{path} key reference", f"one of {' '.join(suite.engines)}", f"'{suite.reference}'")
    return suite


def select(cases: Sequence[Case], patterns: str | None) -> list[Case]:
    """The cases that one of the patterns (comma, wildcards) names; all without patterns."""
    if not patterns:
        return list(cases)
    wanted = [text.strip() for text in str(patterns).split(",") if text.strip()]
    for pattern in wanted or [str(patterns)]:
        if not any(fnmatchcase(case.name, pattern) for case in cases):
            raise InputError("--config cases", "names of cases or patterns that match some", f"'{pattern}'")
    return [case for case in cases if any(fnmatchcase(case.name, pattern) for pattern in wanted)]


def named(cases: Sequence[Case], name: str, of: str) -> Case:
    """The case of this name; `of`: whose cases these are, for the message."""
    for case in cases:
        if case.name == name:
            return case
    raise InputError("CASE", f"one of the {len(cases)} cases of {of} such as {cases[0].name}", f"'{name}'")

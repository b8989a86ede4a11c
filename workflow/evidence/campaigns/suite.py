"""A suite: config/suites/<suite>.yaml, validated, and the cases it stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from evidence.campaigns.expand import Case, expand
from evidence.cases import schema
from evidence.errors import InputError
from evidence.records import FrozenRecord, Record

SUITES = Path("config/suites")
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
        """Every case, in order. Names are unique."""
        made: list[Case] = []
        for number, block in enumerate(self.cases):
            made += expand(block, self.common.split(), f"{self.path} cases {number}")
        seen: set[str] = set()
        for case in made:
            if case.name in seen:
                raise InputError(f"{self.path} case {case.name}", "a name of its own", "it twice")
            seen.add(case.name)
        return made

    def as_dict(self) -> Record:
        """For the bundle."""
        return {**asdict(self), "path": self.path.as_posix(), "schema": 1}


def suite_names(folder: Path = SUITES) -> list[str]:
    """The suites that exist."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


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
    for pattern in wanted:
        if not any(fnmatchcase(case.name, pattern) for case in cases):
            raise InputError("--config cases", "names of cases or patterns that match some", f"'{pattern}'")
    return [case for case in cases if any(fnmatchcase(case.name, pattern) for pattern in wanted)]

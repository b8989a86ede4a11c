"""The first commit at which a case's verdict flips, and the tap that changed there."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from evidence.campaigns.batch import run_case
from evidence.campaigns.campaign_inputs import stage_inputs
from evidence.campaigns.contenders import Contender, contenders
from evidence.campaigns.expand import Case
from evidence.campaigns.outcome import Outcome
from evidence.campaigns.runners import Runners
from evidence.campaigns.suite import Suite
from evidence.causes.question import one_case, one_engine
from evidence.causes.reduce import furthest
from evidence.engines import compiler
from evidence.errors import InputError, StoreError
from evidence.paths import ROOT
from evidence.records import Record
from evidence.traces.divergence import compare
from evidence.traces.log import parse

PATHS = "simulator"  # what an engine is made of


@dataclass(frozen=True)
class Asked:
    """A case, the engine on trial, one that stays the same, and the commits after `good`, oldest first."""

    suite: Suite
    case: Case
    engine: Contender
    reference: Contender
    good: str
    commits: list[str]


@dataclass
class Bisection:
    """A case, the engine on trial as of any commit, and a reference that stays the same."""

    suite: Suite
    case: Case
    engine: Contender
    reference: Contender
    inputs: Path

    def verdict(self, commit: str) -> tuple[str, str, dict[str, Outcome]]:
        """Verdict and reason of the engine as of a commit."""
        with self._at(commit) as (engine, simulator):
            judged = replace(self.suite, reference=self.reference.name)
            with Runners(self.inputs, self.suite.timeout_s, simulator) as runners:
                row, outcomes = run_case(judged, [self.reference, engine], runners, self.case)
        cell = row["cells"][engine.name]
        return str(cell["verdict"]), str(cell["reason"]), outcomes

    def trace(self, commit: str, pixel: tuple[int, int]) -> str:
        """What the engine as of a commit prints of a pixel."""
        words = (*self.case.arguments, "-trace_pixel", str(pixel[0]), str(pixel[1]), "--trace-only")
        with self._at(commit) as (engine, simulator), Runners(self.inputs, 600.0, simulator) as runners:
            return runners.run(engine, Case("trace", words, "text")).said

    @contextmanager
    def _at(self, commit: str) -> Iterator[tuple[Contender, Path | None]]:
        """The engine as of a commit: sources in a folder of their own, C compiled there."""
        with tempfile.TemporaryDirectory(prefix="bisect-") as name:
            packed = subprocess.run(
                ["git", "-C", str(ROOT), "archive", commit, PATHS], capture_output=True, check=True
            )
            with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
                archive.extractall(name, filter="data")
            if self.engine.kind != "program":
                yield self.engine, Path(name)
                return
            program, found = Path(name) / "nanobragg-c", compiler.find_compiler()
            if found is None:
                raise StoreError("bisect", "a C compiler", "none")
            code = sorted((Path(name) / PATHS / "reference").rglob("*.c"))
            compiler.compile_engine(found, compiler.engine_flags(found, "0", commit), code, program)
            yield replace(self.engine, path=str(program)), None


def commits(good: str, bad: str) -> list[str]:
    """Commits after `good` up to `bad` that touch an engine, oldest first."""
    for flag, name in (("--good", good), ("--bad", bad)):
        known = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"],
            capture_output=True, check=False,
        )  # fmt: skip
        if known.returncode != 0:
            raise InputError(flag, "a commit", f"'{name}'")
    said = subprocess.run(
        ["git", "-C", str(ROOT), "rev-list", "--reverse", "--first-parent", f"{good}..{bad}", "--", PATHS],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    listed = said.stdout.split()
    if not listed:
        raise StoreError("bisect", f"commits between {good} and {bad} that touch {PATHS}", "none")
    return listed


def ask(suite: Suite, name: str, good: str, bad: str, engine: str) -> Asked:
    """To find the commit at which `engine` fails the case `name`.

    Nothing is run: a case, an engine or a commit that is not there is a InputError; StoreError where no
    commit between the two touches an engine.
    """
    known = contenders(suite)
    case, suspect = one_case(suite, name), one_engine(known, engine)
    steady = suite.reference if suite.reference != engine else "torch-float64"
    return Asked(suite, case, suspect, one_engine(known, steady), good, commits(good, bad))


def bisect(asked: Asked) -> Record:
    """cause.json of a bisection. Raises StoreError unless the case passes at `good` and fails at the last."""
    good, listed = asked.good, asked.commits
    with tempfile.TemporaryDirectory(prefix="bisect-inputs-") as folder:
        stage_inputs(asked.suite, Path(folder))
        trial = Bisection(asked.suite, asked.case, asked.engine, asked.reference, Path(folder))
        tried = {good: trial.verdict(good), listed[-1]: trial.verdict(listed[-1])}
        if tried[good][0] != "pass" or tried[listed[-1]][0] == "pass":
            words = f"{tried[good][0]} and {tried[listed[-1]][0]}"
            raise StoreError("bisect", f"a pass at {good} and none at {listed[-1]}", words)
        low, high = -1, len(listed) - 1  # low passes, high does not
        while high - low > 1:
            middle = (low + high) // 2
            tried[listed[middle]] = trial.verdict(listed[middle])
            low, high = (middle, high) if tried[listed[middle]][0] == "pass" else (low, middle)
        before, first = (good if low < 0 else listed[low]), listed[high]
        return _found(trial, before, first, tried)


def _found(
    trial: Bisection, before: str, first: str, tried: Mapping[str, tuple[str, str, dict[str, Outcome]]]
) -> Record:
    name = trial.engine.name
    good, bad = (tried[commit][2][name].picture for commit in (before, first))
    pixel, divergence, reason = None, None, "there are no two images to trace"
    if good is not None and bad is not None and good.shape == bad.shape:
        pixel = furthest(good, bad)
        try:
            old, new = (parse(trial.trace(commit, pixel), commit)[0] for commit in (before, first))
            divergence, reason = compare(old, new).first_divergence, ""
        except (InputError, IndexError) as problem:
            reason = f"no trace: {problem}"
    subject = subprocess.run(
        ["git", "-C", str(ROOT), "show", "--no-patch", "--format=%an, %as: %s", first],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    return {
        "schema": 1,
        "kind": "bisection",
        "suite": trial.suite.name,
        "case": trial.case.name,
        "engine": name,
        "reference": trial.reference.name,
        "good": before,
        "first": first,
        "commit": subject,
        "tried": {commit: [word, why] for commit, (word, why, _) in tried.items()},
        "pixel": list(pixel) if pixel else None,
        "divergence": divergence,
        "reason": reason,
    }

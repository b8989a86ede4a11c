"""What a phase works with: the bundle, the case, the settings; and the words in which it asks and answers."""

import json
import tempfile
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from evidence.cases.case import Case, Thresholds, load_case, staged_files
from evidence.cases.roi import Roi
from evidence.cases.settings import Settings
from evidence.engines.arguments import with_inputs
from evidence.errors import InputError, MissingError
from evidence.records import Record

if TYPE_CHECKING:
    from simulator.experiment import Experiment

FLOAT_IMAGE = "floatimage.bin"


@dataclass(frozen=True)
class PlannedRun:
    """One engine run of a phase, in phase_x/<label>/."""

    label: str
    role: str  # "c", "py" or "external"
    arguments: tuple[str, ...]  # in addition to the case's
    mode: str = "c-parity"
    dtype: str = "float64"  # of the PyTorch engine
    pixels: tuple[tuple[int, int], ...] = ()  # (slow, fast) to trace; none: an image is rendered
    region: Roi | None = None  # all that is rendered of the frame
    command: tuple[str, ...] | None = None  # in place of the case's arguments


@dataclass(frozen=True)
class RunEntry:
    """What came of a planned run: a row of runs.json. One folder, or one a pixel where that is needed."""

    label: str
    status: str  # ok, failed, blocked
    reason: str | None
    folders: list[str]
    pixels: list[list[int]]  # (slow, fast) asked for
    role: str = ""
    mode: str = ""
    dtype: str = ""

    def to_dict(self) -> Record:
        return asdict(self)

    @classmethod
    def from_dict(cls, found: Record) -> Self:
        """The row that `to_dict` wrote."""
        return cls(**{key: found[key] for key in cls.__dataclass_fields__ if key in found})


class RunFolder(NamedTuple):
    """Where a run took place, and the name of its log."""

    folder: Path
    log: str


@dataclass(frozen=True)
class CheckSpec:
    """One check of a phase: name in metrics.json, how it is compared, which of the gate's limits it has."""

    gate: str
    name: str
    comparison: str
    limit: str | None  # None: `equals 0`
    unit: str = "1"
    goal: bool = True  # whether the goal of the limit is this check's too
    variant: str = "accept"  # key of the limit that is accepted here, where the limit has it
    limit_of: str | None = None  # gate that the limit is of, if another


@dataclass
class Measurements:
    """What a phase measured. A check without a value is blocked, with its reason if there is one."""

    tables: Record = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)  # what a number rests on, said beside a pass too
    not_applicable: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class PhaseJob:
    """One phase of one bundle: where it is, what is run, how it is judged."""

    bundle: Path
    case: Case
    settings: Settings
    threads: int

    @classmethod
    def of(cls, bundle: Path, case_file: Path, settings: Record, threads: int) -> "PhaseJob":
        """From the plain values that a rule passes."""
        return cls(bundle, load_case(case_file), Settings(**settings), threads)

    @property
    def thresholds(self) -> Thresholds:
        return self.settings.judged_by(self.case)

    @cached_property
    def experiment(self) -> "Experiment":
        """The case as the engines understand it, from the files staged in the bundle.

        MissingError where the command is refused.
        """
        try:
            return self.parse(list(self.case.arguments))
        except InputError as problem:
            raise MissingError(f"the command of the case: {problem}") from None

    def parse(self, arguments: list[str]) -> "Experiment":
        """Other arguments, with the files staged in the bundle. Raises InputError where they are refused."""
        from simulator.formats.experiment_file import parse  # noqa: PLC0415 (torch takes seconds)

        staged = staged_files(self.case, (self.bundle / "inputs").resolve())
        with tempfile.TemporaryDirectory() as folder:  # where a cache of reflections would be looked for
            return parse(with_inputs(arguments, staged, Path(folder)), Path(folder))

    def folder(self, phase: str) -> Path:
        """phase_k ... phase_o."""
        return self.bundle / f"phase_{phase.lower()}"

    def runs(self, phase: str, label: str) -> list[RunFolder]:
        """The runs that answer to `label`; MissingError unless all are ok.

        A program that traces one pixel a run gives several.
        """
        entry = self.listed(phase, label)
        if entry.status != "ok":
            raise MissingError(f"run {label} of phase {phase.upper()} {entry.status}: {entry.reason}")
        records = []
        for name in entry.folders:
            folder = self.folder(phase) / name
            record: Record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            records.append(RunFolder(folder, record["log"]))
        if not records:
            raise MissingError(f"run {label} of phase {phase.upper()} left nothing")
        return records

    def listed(self, phase: str, label: str) -> RunEntry:
        """The entry of `label` in runs.json; MissingError without one."""
        found = [entry for entry in self.entries(phase) if entry.label == label]
        if not found:
            raise MissingError(f"{self.folder(phase) / 'runs.json'} holds no run {label}")
        return found[0]

    def external(self, phase: str) -> dict[str, Record]:
        """Label of its runs -> kind and abilities of each external engine of the phase."""
        try:
            found = json.loads((self.folder(phase) / "runs.json").read_text(encoding="utf-8"))
            return dict(found.get("external", {}))
        except (OSError, ValueError, AttributeError):
            return {}

    def entries(self, phase: str) -> list[RunEntry]:
        """All of runs.json; MissingError where it cannot be read."""
        path = self.folder(phase) / "runs.json"
        try:
            runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
            return [RunEntry.from_dict(entry) for entry in runs]
        except OSError as problem:
            raise MissingError(f"{path} could not be read: {problem.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise MissingError(f"{path} holds no runs") from None

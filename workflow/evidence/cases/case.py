"""A case: one YAML file in config/cases, read once into frozen values."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence.cases import schema
from evidence.cases.roi import Roi
from evidence.errors import InputError
from evidence.paths import CASES
from evidence.records import Record

DECIMALS = 2  # of F where a case names an MTZ file, as in lists that are made for nanoBragg by hand
NAME = re.compile(r"[a-z][a-z0-9_]*")
# Folders of results/ that are of no case.
TAKEN = ("benchmark", "build", "logs", "mutation_table")
TAKEN_STARTS = ("bisect_", "campaign_", "gradients_", "reduce_", "refine_", "roundtrip_")
# Flags whose value is a file that must be among the inputs of the case.
FILE_FLAGS = frozenset("-mat -hkl -img -mask -sourcefile -stol -4stol -Q".split())
# Flags that the phases add themselves.
RESERVED = frozenset(
    "-floatfile -floatimage -intfile -intimage -pgmfile -pgmimage -noisefile -noiseimage -stolout -dump -roi "
    "-trace_pixel -printout_pixel -printout --mode --quirks --threads --trace --trace-only --dtype --device "
    "--compile -o --pixels --expt --band --part --photons".split()
)
# {gate: {check: {"accept": number or [low, high], "goal": number}}}
Thresholds = Mapping[str, Mapping[str, Record]]


@dataclass(frozen=True)
class Source:
    """Where an input file comes from: copied as it is, or a reflection list that nb-hkl makes of it."""

    path: Path
    is_made: bool = False
    column: str | None = None
    decimals: int | None = None  # of F; None: all
    options: Mapping[str, str | float] = field(default_factory=dict)  # of nb-hkl, beside the column

    @property
    def how(self) -> Record:
        """What `reflection_list.make` is told."""
        return {"column": self.column, "decimals": self.decimals, **self.options}


@dataclass(frozen=True)
class Case:
    """One file of config/cases."""

    name: str
    path: Path
    title: str
    description: str
    arguments: tuple[str, ...]
    inputs: Mapping[str, Source]
    trace_pixels: tuple[tuple[int, int], ...]
    probe: Roi
    roi: Roi
    thresholds: Thresholds
    shards: int = 1  # jobs that the full frame is rendered in
    shards_of: str = "rows"  # what falls into them: rows, domains, sources
    tests: tuple[str, ...] = ()  # pytest selectors


def case_names(folder: Path = CASES) -> list[str]:
    """Names of the cases, sorted; a file whose name cannot be a target, or is taken, is an error."""
    names = target_names(folder)
    for name in names:
        if name in TAKEN or name.startswith(TAKEN_STARTS):
            taken = " ".join((*TAKEN, *(f"{start}*" for start in TAKEN_STARTS)))
            raise InputError(folder / f"{name}.yaml", f"a name that is none of {taken}", f"'{name}'")
    if not names:
        raise InputError(folder, "at least one case", "none")
    return names


def target_names(folder: Path) -> list[str]:
    """Names of the YAML files in a folder, sorted; one that cannot be a target is an error."""
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    for name in names:
        if not NAME.fullmatch(name):
            raise InputError(
                folder / f"{name}.yaml", "a name of a-z, 0-9 and _ that starts with a letter", f"'{name}'"
            )
    for path in folder.glob("*.yml"):
        raise InputError(path, "a name that ends in .yaml", f"'{path.name}'")
    return names


def load_case(path: Path) -> Case:
    """The case in `path`, checked as far as that needs no engine."""
    values = schema.read_yaml(path)
    schema.check(values, schema.load_schema("case"), path)
    thresholds = values.get("thresholds", {})
    closed = schema.load_schema("config")["$defs"]
    schema.check(thresholds, {"$ref": "#/$defs/thresholds", "$defs": closed}, f"{path} under thresholds")
    check_ranges(thresholds, path)
    of, count = _shards(values.get("shards", 1))
    case = Case(
        name=path.stem,
        path=path,
        title=values["title"],
        description=values.get("description", ""),
        arguments=_arguments(values["command"], path),
        inputs={name: _source(given) for name, given in values["inputs"].items()},
        trace_pixels=tuple((slow, fast) for slow, fast in values["trace_pixels"]),
        probe=_roi(values["probe"], "probe", path),
        roi=_roi(values["roi"], "roi", path),
        thresholds=thresholds,
        shards=count,
        shards_of=of,
        tests=tuple(values.get("tests", ())),
    )
    _check_files(case)
    return case


def staged_files(case: Case, folder: Path) -> dict[str, Path]:
    """Name in the command -> file in the bundle, whose inputs are in `folder`."""
    return {name: folder / name for name in case.inputs}


def _arguments(command: str, path: Path) -> tuple[str, ...]:
    try:
        tokens = shlex.split(command)
    except ValueError as problem:
        raise InputError(f"{path} key command", "shell words", f"'{problem}'") from None
    taken = next((token for token in tokens if token in RESERVED), None)
    if taken:
        raise InputError(f"{path} key command", "no flag that the phases set themselves", f"'{taken}'")
    if not tokens or not tokens[0].startswith("-"):
        raise InputError(f"{path} key command", "flags", f"'{tokens[0] if tokens else ''}'")
    return tuple(tokens)


def _source(given: str | Mapping[str, str]) -> Source:
    if isinstance(given, str):
        return Source(Path(given))
    if "mtz" in given:
        return Source(Path(given["mtz"]), True, given.get("column"), DECIMALS)
    options = {key: value for key, value in given.items() if key not in ("structure", "column")}
    return Source(Path(given["structure"]), True, given.get("column"), None, options)


def _shards(given: int | Mapping[str, int]) -> tuple[str, int]:
    """What falls into shards, and how many there are."""
    return ("rows", given) if isinstance(given, int) else next(iter(given.items()))


def _roi(given: Mapping[str, Sequence[int]], key: str, path: Path) -> Roi:
    for axis in ("slow", "fast"):
        if given[axis][0] > given[axis][1]:
            raise InputError(
                f"{path} key {key}.{axis}", "[first, last] with first <= last", list(given[axis])
            )
    return Roi.of(given["slow"], given["fast"])


def _check_files(case: Case) -> None:
    for flag, value in zip(case.arguments, case.arguments[1:], strict=False):
        if flag in FILE_FLAGS and value not in case.inputs:
            listed = " ".join(case.inputs) or "(none listed)"
            raise InputError(
                f"{case.path} key command", f"{flag} with a name under inputs: {listed}", f"'{value}'"
            )
    for name, source in case.inputs.items():
        if not source.path.is_file():
            raise InputError(
                f"{case.path} key inputs.{name}", "a file", f"'{source.path}', which does not exist"
            )
        if source.is_made and source.decimals is None:
            from evidence.cases import reflection_list  # noqa: PLC0415 (loads torch: seconds in every job)

            given = {"column": source.column, **source.options}
            reflection_list.check(source.path, f"{case.path} key inputs.{name}", given)


def check_ranges(thresholds: Thresholds, where: object) -> None:
    for gate, checks in thresholds.items():
        for name, limit in checks.items():
            accept = limit["accept"]
            if isinstance(accept, list) and not accept[0] <= 1 <= accept[1]:
                raise InputError(
                    f"{where} key thresholds.{gate}.{name}.accept", "[low, high] around 1", accept
                )

"""From what a suite lists to single cases: products, covering arrays, draws, lists, stored images."""

import itertools
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from covertable import criteria, make, sorters

from evidence.campaigns.draws import draw, wrong_blank
from evidence.errors import InputError
from evidence.records import FrozenRecord, Record

STRENGTH = {"pairwise": 2, "three-wise": 3}
SOURCES = ("axes", "draws", "list", "stored")


@dataclass(frozen=True)
class Case:
    """One command line and what must come of it."""

    name: str
    arguments: tuple[str, ...]
    expect: str = "image"  # image, refusal, text; agreement: an image, or the same refusal from all
    lines: tuple[str, ...] = ()  # of a refusal the line; of a text the expressions it must match
    engines: tuple[str, ...] | None = None  # None: all of the suite
    values: Mapping[str, str] = field(default_factory=dict)  # axis -> label of the value
    stored: FrozenRecord | None = None  # where nanoBragg's own image is

    def to_dict(self) -> Record:
        return asdict(self)

    @classmethod
    def from_dict(cls, found: FrozenRecord) -> "Case":
        engines = found["engines"]
        return cls(
            found["name"],
            tuple(found["arguments"]),
            found["expect"],
            tuple(found["lines"]),
            None if engines is None else tuple(engines),
            found["values"],
            found["stored"],
        )


def expand(block: FrozenRecord, common: Sequence[str], where: str) -> list[Case]:
    """The cases of one block of a suite; `common` flags end every command."""
    given = [key for key in SOURCES if key in block]
    if len(given) != 1:
        raise InputError(where, f"one of {' '.join(SOURCES)}", " and ".join(given) or "none")
    start = [*str(block.get("common", "")).split(), *common]
    made = {"axes": _axes, "draws": _draws, "list": _list, "stored": _stored}[given[0]](block, where)
    return [
        Case(case.name, (*case.arguments, *start), *_rest(case)) if case.expect != "text" else case
        for case in made
    ]


def _rest(case: Case) -> tuple[Any, ...]:
    return case.expect, case.lines, case.engines, case.values, case.stored


def _axes(block: FrozenRecord, where: str) -> Iterator[Case]:
    axes = {name: labelled(values) for name, values in block["axes"].items()}
    excluded = [dict(each) for each in block.get("exclude", [])]
    for each in excluded:
        for axis, value in each.items():
            if value not in axes.get(axis, {}):
                raise InputError(f"{where} exclude", "axes and values of this block", f"{axis}: {value}")
    rows = combine(axes, block.get("combine", "product"), excluded)
    width = len(str(len(rows)))
    for number, row in enumerate(rows, start=1):
        name = f"{block['name']}{number:0{width}d}"
        text = " ".join(axes[axis][label] for axis, label in row.items())
        yield Case(name, _words(text, f"{where} case {name}"), values=row)


def _words(text: str, where: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as problem:
        raise InputError(f"{where} arguments", "shell words", f"'{text}': {problem}") from None


def labelled(values: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Label -> piece of the command line; of a plain list the pieces label themselves."""
    return dict(values) if isinstance(values, Mapping) else {value or "-": value for value in values}


def combine(
    axes: Mapping[str, Mapping[str, str]], how: str, excluded: Sequence[Mapping[str, str]] = ()
) -> list[dict[str, str]]:
    """Rows axis -> label: all of the product, or few that hold every pair or triple (not excluded)."""
    labels = {axis: list(values) for axis, values in axes.items()}
    if how == "product" or len(axes) <= STRENGTH[how]:
        rows = [dict(zip(axes, row, strict=True)) for row in itertools.product(*labels.values())]
        return [row for row in rows if not any(each.items() <= row.items() for each in excluded)]
    apart = [
        {
            "operator": "or",
            "conditions": [{"operator": "ne", "left": axis, "value": label} for axis, label in each.items()],
        }
        for each in excluded
    ]
    found = make(
        labels, strength=STRENGTH[how], sorter=sorters.hash, criterion=criteria.simple, constraints=apart
    )
    return [{axis: row[axis] for axis in axes} for row in found]


def uncovered(
    axes: Mapping[str, Mapping[str, str]], rows: Sequence[Mapping[str, str]], strength: int
) -> list[dict[str, str]]:
    """Combinations of `strength` values that no row holds."""
    missing = []
    for names in itertools.combinations(axes, strength):
        seen = {tuple(row[name] for name in names) for row in rows}
        for labels in itertools.product(*(axes[name] for name in names)):
            if labels not in seen:
                missing.append(dict(zip(names, labels, strict=True)))
    return missing


def _draws(block: FrozenRecord, where: str) -> Iterator[Case]:
    asked = block["draws"]
    wrong = wrong_blank(itertools.chain(*asked["rows"]))
    if wrong:
        raise InputError(
            f"{where} key draws.rows", "{quirks} or {low:high}, numbers with low <= high", f"'{wrong}'"
        )
    width = len(str(asked["n"]))
    for number in range(1, asked["n"] + 1):
        words = draw(asked["rows"], f"{asked['seed']} {number}").split()
        yield Case(f"{block['name']}{number:0{width}d}", tuple(words), "agreement")


def _list(block: FrozenRecord, where: str) -> Iterator[Case]:
    for name, said in block["list"].items():
        more = {"arguments": said} if isinstance(said, str) else dict(said)
        if "refuse" in more and "says" in more:
            raise InputError(f"{where} case {name}", "refuse or says", "both")
        expect = "refusal" if "refuse" in more else "text" if "says" in more else "image"
        lines = (more["refuse"],) if expect == "refusal" else tuple(more.get("says", ()))
        if expect == "text":
            for line in lines:
                _compiled(line, f"{where} case {name}")
        engines = tuple(more["engines"]) if "engines" in more else None
        words = _words(more["arguments"], f"{where} case {name}")
        yield Case(f"{block['name']}_{name}", words, expect, lines, engines)


def _compiled(text: str, where: str) -> None:
    try:
        re.compile(text)
    except re.error as problem:
        raise InputError(where, "regular expressions", f"'{text}': {problem}") from None


def _stored(block: FrozenRecord, where: str) -> Iterator[Case]:
    asked = block["stored"]
    path = Path(asked["arguments"])
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise InputError(f"{where} key stored", f"JSON in {path}", f"'{problem}'") from None
    if not isinstance(found, dict):
        raise InputError(f"{where} key stored", f"name -> arguments in {path}", f"a {type(found).__name__}")
    for name, said in found.items():
        about = said if isinstance(said, dict) else {"args": said}
        if not isinstance(about.get("args"), str):
            raise InputError(
                f"{path} key {name}", "arguments, or a record with args", f"'{about.get('args')}'"
            )
        stored = {
            "images": asked["images"],
            "name": name,
            "shape": about.get("shape"),
            "window": about.get("stored_window"),
        }
        yield Case(name, _words(about["args"], f"{path} key {name}"), stored=stored)

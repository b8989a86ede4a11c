"""What an external nanoBragg would misread in a command line, before it is run.

Our engines match flags by whole words and refuse what they do not know. The stock program looks for a
flag's name inside each word, takes unknown words without complaint, and fills gaps from files it finds
and from the clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from evidence.engines.arguments import FIRST_NAME, Group, grouped, name_of


@dataclass(frozen=True)
class Warn:
    """One warning: the flag it is about, what happens, and what to write instead."""

    flag: str
    text: str
    cure: str


@dataclass(frozen=True)
class Trap:
    """A row of the table: `springs` says whether this command line steps into it."""

    flag: str
    springs: Callable[[list[Group]], bool]
    text: str
    cure: str


def _has(groups: Iterable[Group], flag: str, *values: str) -> bool:
    return any(name_of(group) == flag and group[1 : 1 + len(values)] == values for group in groups)


def _overrides(flag: str, victim: str) -> Callable[[list[Group]], bool]:
    """True if `flag` is given and no `victim` after it puts its value right again."""

    def springs(groups: list[Group]) -> bool:
        names = [name_of(group) for group in groups]
        return flag in names and victim not in names[names.index(flag) + 1 :]

    return springs


TRAPS = (
    Trap(
        "-misset_seed",
        _overrides("-misset_seed", "-misset"),
        "is also read as -misset: the seed and what follows become misorientation angles",
        "give -misset_seed before -misset",
    ),
    Trap(
        "-twotheta_axis",
        _overrides("-twotheta_axis", "-twotheta"),
        "is also read as -twotheta: its x becomes the angle, and the pivot becomes sample",
        "give -twotheta (and -pivot) after -twotheta_axis",
    ),
    Trap(
        "-curved_det",
        lambda groups: bool(groups) and groups[-1] == ("-curved_det",),
        "is not seen as the last word: the detector stays flat",
        "put another flag behind it",
    ),
    Trap(
        "-seed",
        lambda groups: not _has(groups, "-seed") and not _has(groups, "-nonoise"),
        "is missing: the noise is seeded from the clock and no two runs agree",
        "give -seed, or -nonoise",
    ),
    Trap(
        "-misset_seed",
        lambda groups: _has(groups, "-misset", "random") and not _has(groups, "-misset_seed"),
        "is missing: the random orientation may be seeded from the clock",
        "give -misset_seed before -misset random",
    ),
    Trap(
        "-hkl",
        lambda groups: not _has(groups, "-hkl") and not _has(groups, "-dump"),
        "is missing: an Fdump.bin that lies in the working folder is read instead, without a word",
        "run in an empty folder, or give -hkl",
    ),
    Trap(
        "-printout_pixel",
        lambda groups: _has(groups, "-printout_pixel") and _has(groups, "-trace_pixel"),
        "takes fast slow while -trace_pixel takes slow fast",
        "check that both name the same pixel",
    ),
    Trap(
        "--mode",
        lambda groups: _has(groups, "--mode", "spec") or _has(groups, "--quirks"),
        "is passed over: the program has all its quirks whatever is asked",
        "use an engine of this project",
    ),
)


def lint(argv: Iterable[str], folder: Path | None = None) -> list[Warn]:
    """Every trap the command line steps into, and every word the program does not know.

    With `folder`, the working folder of the run: a cache file found there is said to be read.
    """
    groups = grouped(argv)
    found = [Warn(trap.flag, trap.text, trap.cure) for trap in TRAPS if trap.springs(groups)]
    found += [_unknown(group[0]) for group in groups if group[0] not in FIRST_NAME]
    if folder is not None and (folder / "Fdump.bin").is_file() and not _has(groups, "-hkl"):
        found.append(Warn("-hkl", f"is missing and {folder / 'Fdump.bin'} is there to be read", "remove it"))
    return found


def _unknown(word: str) -> Warn:
    inside = max((flag for flag in FIRST_NAME if len(flag) > 2 and flag in word), key=len, default=None)
    if inside is None:
        return Warn(word, "is no flag: it is passed over without complaint", "check the spelling")
    return Warn(word, f"is no flag, but {inside} may be found inside it", "check the spelling")

"""What a nanoBragg command line says, without running it: its flags, its input files, its pivot."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from simulator.commandline.flags import FLAGS, TORCH_FLAGS
from simulator.commandline.grammar import is_flag

READS = frozenset({"-mat", "-hkl", "-sourcefile", "-img", "-mask", "-stol", "-4stol", "-Q", "--photons"})
WRITES = frozenset({"-floatfile", "-intfile", "-pgmfile", "-noisefile", "-stolout", "--trace"})
FIRST_NAME = {name: flag.names[0] for flag in FLAGS + TORCH_FLAGS for name in flag.names}
COUNT = {name: len(flag.values) for flag in FLAGS + TORCH_FLAGS for name in flag.names}
PIVOTS = {
    "beam": {"-distance", "-Xbeam", "-Ybeam"},
    "sample": {"-close_distance", "-Xclose", "-Yclose", "-ORGX", "-ORGY", "-twotheta"},
}

Group = tuple[str, ...]  # a flag as typed and its values


def grouped(argv: Iterable[str]) -> list[Group]:
    """Each flag with its values; an unknown flag takes the words up to the next flag."""
    groups: list[list[str]] = []
    for token in argv:
        last = groups[-1] if groups else None
        room = last is not None and len(last) <= COUNT.get(last[0], len(last))
        # a list of quirks starts with a dash and is no flag
        word = not is_flag(token) or (last is not None and last[0] == "--quirks" and room)
        if last is not None and word and room:
            last.append(token)
        else:
            groups.append([token])
    return [tuple(group) for group in groups]


def flat(groups: Iterable[Group]) -> list[str]:
    return [token for group in groups for token in group]


def name_of(group: Group) -> str:
    """The flag under its first spelling (`-floatimage` is `-floatfile`)."""
    return FIRST_NAME.get(group[0], group[0])


def last_values(argv: Iterable[str], flag: str) -> Group | None:
    """The values of the last such flag, in any spelling, or None: the last one given stands."""
    found = [group[1:] for group in grouped(argv) if name_of(group) == flag]
    return found[-1] if found else None


def without(argv: Iterable[str], flags: Iterable[str]) -> list[str]:
    """The command line without these flags, in any spelling."""
    gone = frozenset(flags)
    return flat(group for group in grouped(argv) if name_of(group) not in gone)


def input_files(argv: Iterable[str]) -> dict[str, Path]:
    """Name as typed -> absolute path, for every file that the command line reads."""
    groups = [group for group in grouped(argv) if len(group) > 1]
    found = {group[1]: Path(group[1]).resolve() for group in groups if name_of(group) in READS}
    caches = [group[1] for group in groups if name_of(group) == "-dump" and Path(group[1]).is_file()]
    return found | {name: Path(name).resolve() for name in caches}


def with_inputs(argv: Iterable[str], inputs: Mapping[str, Path], folder: Path) -> list[str]:
    """The command line with each input named so that it is found from `folder`.

    A file of the same bundle (two folders up) gets a relative path, so that the bundle can be moved.
    """
    groups = []
    for group in grouped(argv):
        target = inputs.get(group[1]) if len(group) > 1 and name_of(group) in READS | {"-dump"} else None
        groups.append(group if target is None else (group[0], seen_from(folder, target)))
    return flat(groups)


def seen_from(folder: Path, target: Path) -> str:
    """`target` as the engine in `folder` should be told it."""
    folder, target = folder.resolve(), target.resolve()
    bundle = folder.parents[min(1, len(folder.parents) - 1)]
    return os.path.relpath(target, folder) if target.is_relative_to(bundle) else str(target)


def pivot_after(groups: Iterable[Group]) -> str:
    """The pivot, beam or sample, that nanoBragg holds after reading these flags."""
    pivot = "beam"
    for group in groups:
        for word, flags in PIVOTS.items():
            pivot = word if name_of(group) in flags else pivot
        if group[0] == "-pivot" and len(group) > 1:
            pivot = group[1]
    return pivot


def has_history(argv: Iterable[str]) -> bool:
    """Whether a pixel may depend on those rendered before it: masked ones, or interpolation that ended.

    Where the command leaves interpolation to the number of cells, it may.
    """
    names = [name_of(group) for group in grouped(argv)]
    asked = [name for name in names if name in ("-interpolate", "-nointerpolate")]
    return "-mask" in names or asked[-1:] != ["-nointerpolate"]

"""`--expt FILE`: the experiment from a geometry file, overridden by the flags on the command line.

The file is put in front of the command line as flags, which says what an override means (pivots, what follows
from what). What the user's flags then left as it was is taken from the file itself, to the last bit.
"""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from simulator.commandline.clashes import check_clashes
from simulator.commandline.command import Rows, parse_command
from simulator.commandline.grammar import parse_flags
from simulator.commandline.task import Task
from simulator.errors import InputError
from simulator.experiment import Crystal, Experiment
from simulator.formats.command_line import flags_of
from simulator.formats.convert import Found, read_geometry
from simulator.formats.exact import alike, parse_flags_alone, plain
from simulator.formats.geometry import geometry_of
from simulator.formats.xds_parm import cell_of

# Flags that speak of the same thing: one given after a file takes the file's others away
GROUPS = (
    ("-distance", "-close_distance"),
    ("-Xbeam", "-Xclose", "-ORGX"),
    ("-Ybeam", "-Yclose", "-ORGY"),
    ("-detpixels", "-detpixels_f", "-detsize", "-detsize_f"),
    ("-detpixels", "-detpixels_s", "-detsize", "-detsize_s"),
    ("-fluence", "-flux"),
    ("-polar", "-nopolar"),
)
RIVALS = {
    "-energy": {"-lambda"},
    "-osc": {"-phistep"},
    "-phisteps": {"-phistep"},
    "-phistep": {"-phisteps"},
    **{flag: {*group} - {flag} for group in GROUPS for flag in group},
}
for _flag in ("-detpixels", "-detsize"):
    RIVALS[_flag] = {"-detpixels_f", "-detpixels_s", "-detsize_f", "-detsize_s"}
FLAG = "--expt"
ORIENTATION = ("cell", "a_star", "misset", "misset_seed")


def in_front(found: Found, rows: Rows) -> Rows:
    """The file's flags without those that the user's make void."""
    given = {flag for flag, _ in rows}
    void = given.union(*(RIVALS.get(flag, set()) for flag in given))
    if given & {"-mat", "-cell"}:
        void |= {"-cell", "-misset", "-misset_seed"}
    return [row for row in parse_flags(file_flags(found)) if row[0] not in void]


def file_flags(found: Found) -> list[str]:
    """The file as flags; an A matrix as its cell, which says how long the axes are."""
    words = flags_of(found.experiment)
    if found.experiment.crystal.a_star is not None and found.experiment.crystal.cell is None:
        direct = geometry_of(found.experiment, found.mode, found.quirks).direct
        assert direct is not None
        words += ["-cell", *(repr(value) for value in cell_of(direct))]
    if found.mode != "c-parity":
        words += ["--mode", found.mode]
    return words + (["--quirks", found.quirks] if found.quirks else [])


def overridden(found: Found, said: Experiment) -> Experiment:
    """The file's experiment with what the command line changed: `said` is the file's words and the user's."""
    alone = parse_flags_alone(file_flags(found))
    made = said
    for part in ("beam", "detector", "goniometer", "crystal"):
        before, after, exact = (getattr(e, part) for e in (alone, said, found.experiment))
        kept = {
            field.name: getattr(exact, field.name)
            for field in fields(before)
            if field.name not in ORIENTATION and unchanged(before, after, field.name)
        }
        made = replace(made, **{part: replace(after, **kept)})
    crystal = oriented(found.experiment.crystal, alone.crystal, said.crystal)
    return replace(made, crystal=replace(made.crystal, **crystal))


def unchanged(before: Any, after: Any, name: str) -> bool:
    """Whether a field is as the file has it."""
    if name == "reflections":
        return False
    return alike(plain(getattr(before, name)), plain(getattr(after, name)))


def oriented(exact: Crystal, before: Crystal, after: Crystal) -> dict[str, Any]:
    """Cell and orientation: the user's where they give -mat or -cell, else the file's with their misset."""
    source = exact
    if after.a_star is not None or not unchanged(before, after, "cell"):
        source = after
    elif not (unchanged(before, after, "misset") and unchanged(before, after, "misset_seed")):
        source = replace(exact, misset=after.misset, misset_seed=after.misset_seed)
    return {name: getattr(source, name) for name in ORIENTATION}


def read(name: str, cwd: Path) -> Found:
    """The file that --expt names. Raises InputError for whatever is wrong with it."""
    found = read_geometry(cwd / name, f"{FLAG} {name}")
    if found.geometry.panel is None:
        raise InputError(f"{FLAG} {name}", "a file with a detector", "one without")
    return found


def parse(argv: list[str], cwd: str | Path) -> Experiment:
    """The experiment of a command line, for use from Python; file names are relative to cwd.

    Raises InputError, a ValueError, whose text is the one line that the command would print.

    >>> from simulator import parse
    >>> experiment = parse("-cell 50 60 70 -default_F 10 -N 3 -distance 200".split(), ".")
    >>> experiment.detector.distance  # metres
    0.2
    >>> experiment.crystal.n_cells
    (3, 3, 3)
    >>> parse(["-cell", "fifty"], ".")
    Traceback (most recent call last):
        ...
    simulator.errors.InputError: -cell a: expected a number > 0, got 'fifty'
    """
    return parse_with_file(parse_flags(argv), Path(cwd))[0]


def parse_with_file(rows: Rows, cwd: Path) -> tuple[Experiment, Task]:
    """What `parse_command` does, for command lines that may name a file with --expt."""
    names = [str(values[0]) for flag, values in rows if flag == FLAG]
    if not names:
        return parse_command(rows, cwd)
    if len(names) > 1:
        raise InputError(FLAG, "one file", len(names))
    (name,) = names
    rest = [row for row in rows if row[0] != FLAG]
    found = read(name, cwd)
    experiment, task = parse_command([*in_front(found, rest), *rest], cwd)
    check_clashes([(f"{FLAG} {name}", cwd / name)], task.written)
    return overridden(found, experiment), task

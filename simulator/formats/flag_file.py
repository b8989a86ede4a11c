"""A command line as a geometry file: a text file of nanoBragg flags, the A matrix beside it."""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.commandline.command import parse_command
from simulator.commandline.grammar import parse_flags
from simulator.errors import InputError, quoted
from simulator.experiment import Experiment
from simulator.files.disk import check_writable, write_bytes
from simulator.formats.command_line import flags_of, matrix_text, own_frame
from simulator.formats.exact import Note
from simulator.formats.reading import read_text

WIDTH = 100  # columns
# Flags that say what a geometry file can hold; --mode decides what some of them mean
GEOMETRY_FLAGS = frozenset(
    "-mat -cell -misset -misset_seed -Na -Nb -Nc -N -xtalsize -xtal_thick -xtal_width -xtal_height "
    "-square_xtal "
    "-round_xtal -gauss_xtal -tophat_spots -fudge -mosaic -mosaic_dom -mosaic_seed -phi -osc -phistep "
    "-phisteps -spindle_axis -lambda -energy -fluence -flux -exposure -beamsize -polar -nopolar "
    "-polar_vector -distance -close_distance -pixel -detpixels -detpixels_f -detpixels_s -detsize -detsize_f "
    "-detsize_s -Xbeam -Ybeam -Xclose -Yclose -ORGX -ORGY -pivot "
    "-detector_rotx -detector_roty -detector_rotz "
    "-twotheta -twotheta_axis -mosflm -xds -adxv -denzo -dials -fdet_vector -sdet_vector -odet_vector "
    "-beam_vector -pix0_vector -pix0_vector_mm -detector_abs -detector_thick -thicksteps -curved_det "
    "-point_pixel -water -img --mode --quirks --expt".split()
)


@dataclass(frozen=True)
class Said:
    """What flags say: the experiment, and the flags that are no geometry."""

    note: Note
    left: tuple[str, ...]


def read_words(path: Path, where: str) -> list[str]:
    """The words of a file: shell quoting, # starts a comment, a leading program name is skipped."""
    try:
        found = shlex.split(read_text(path, where).replace("\\\n", " "), comments=True)
    except ValueError as problem:
        raise InputError(where, "words with closed quotes", quoted(str(problem))) from None
    while found and not found[0].startswith("-"):
        found = found[1:]
    if not found:
        raise InputError(where, "nanoBragg flags", "none")
    return found


def experiment_of_flags(words: list[str], folder: Path) -> Said:
    """The experiment of flags without reflections, outputs and sampling; file names count from the folder.

    Raises InputError for any mistake.
    """
    rows = parse_flags(words)
    chosen = [(flag, values) for flag, values in rows if flag in GEOMETRY_FLAGS]
    has_crystal = bool({"-cell", "-mat", "--expt"} & {flag for flag, _ in chosen})
    made_up = [] if has_crystal else ["-cell", "1"]
    rest = parse_flags([*made_up, "-default_F", "1", "--trace-only"])
    experiment, task = parse_command(chosen + rest, folder)
    crystal = replace(experiment.crystal, reflections=None, default_F=0.0, interpolate=False)
    if made_up:
        crystal = replace(crystal, cell=None)
    left = dict.fromkeys(flag for flag, _ in rows if flag not in GEOMETRY_FLAGS)
    note = Note(replace(experiment, crystal=crystal), task.mode, task.quirks)
    return Said(note, tuple(left))


def write(experiment: Experiment, path: Path, where: str, mode: str, quirks: str | None) -> None:
    """Flags, a few a line, that give this experiment; OUT.mat beside them where they need a matrix.

    Raises InputError for axes that no convention has under this experiment's name for it.
    """
    custom = experiment.detector.convention == "custom"
    if not custom and not own_frame(experiment):
        named = experiment.detector.convention
        raise InputError(where, f"the axes of the convention {named}", "others (say custom)")
    words = flags_of(experiment)
    star = experiment.crystal.a_star
    matrix = path.with_suffix(".mat")
    if star is not None:
        check_writable(matrix, where)
        words += ["-mat", matrix.name]
    if mode != "c-parity":
        words += ["--mode", mode]
    if quirks:
        words += ["--quirks", quirks]
    if star is not None:
        write_bytes(matrix, matrix_text(star, float(experiment.beam.wavelength)).encode())
    write_bytes(path, "".join(f"{line}\n" for line in _lines(words)).encode())


def _lines(words: list[str]) -> list[str]:
    """One flag with its values after another, broken into lines before a flag."""
    lines: list[str] = []
    for index, word in enumerate(words):
        starts = (word.startswith("-") and word[1:2].isalpha()) or word.startswith("--")
        text = shlex.quote(word)
        if not lines or (starts and index and len(lines[-1]) + len(text) > WIDTH):
            lines.append(text)
        else:
            lines[-1] += f" {text}"
    return lines

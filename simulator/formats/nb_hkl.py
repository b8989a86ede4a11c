"""`nb-hkl`: structure factors of any origin as the engines' `h k l F`, in P1."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import gemmi
import numpy as np

from simulator.errors import InputError, quoted, status_of
from simulator.files.disk import check_writable, read_bytes
from simulator.files.hkl import read_hkl
from simulator.files.standard_output import close_standard_output, outlive_reader
from simulator.formats.amplitudes import Amplitudes, Sphere, expand, summary, write_hkl
from simulator.formats.coordinates import B_SOL, K_SOL, Model, read_coordinates
from simulator.formats.mtz import COMPLAINTS, first_line, read_mtz, read_sf_cif
from simulator.formats.nb_geometry import Parser
from simulator.formats.xds_parm import volume_of
from simulator.version import version_text

DESCRIPTION = (
    "Structure factors in P1 for the engines, lines h k l F, from MTZ (.mtz), structure-factor mmCIF (.cif), "
    "text (.hkl), or coordinates (.pdb, .ent, .cif, .mmcif); but for text also with .gz."
)
KINDS = {".mtz": "MTZ", ".hkl": "text", ".txt": "text"} | dict.fromkeys(
    (".pdb", ".ent", ".mmcif"), "coordinates"
)
USES = {  # what of the options is about some kinds of files alone
    "column": ("MTZ", "SF-mmCIF"),
    "wavelength": ("coordinates",),
    "k_sol": ("coordinates",),
    "b_sol": ("coordinates",),
    "cell": ("text",),
    "space_group": ("text",),
}


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = Parser("nb-hkl", description=DESCRIPTION)
    options.add_argument("--version", action="store_true", help="version and commit")
    options.add_argument("input", help="file to read")
    options.add_argument("-o", "--output", required=True, help="file to write")
    options.add_argument("--column", help="amplitude column, or F(+),F(-); default: the first amplitude")
    options.add_argument("--dmin", type=float, help="A; resolution limit (coordinates need it)")
    options.add_argument("--dmax", type=float, help="A; low-resolution limit")
    options.add_argument("--fill", type=float, help="F of reflections that are missing within the limits")
    options.add_argument("--wavelength", type=float, help="A; coordinates: with f' and f''")
    options.add_argument(
        "--k-sol", type=float, default=K_SOL, help="e/A^3; coordinates: bulk solvent; 0: none"
    )
    options.add_argument("--b-sol", type=float, default=B_SOL, help="A^2; coordinates: B of the solvent")
    options.add_argument("--cell", help="text: a,b,c,al,be,ga, for resolution and symmetry")
    options.add_argument("--space-group", help="text: space group to expand from; default P 1")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Convert; returns the exit status: 0 done, 2 something is wrong."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--version" in arguments:
        print(version_text("nb-hkl"))
        return 0
    return status_of(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    output = Path(options.output)
    check_writable(output, f"-o {options.output}")
    sphere = sphere_of(arguments)
    write_hkl(output, sphere)
    print(f"wrote {output.name}: {summary(sphere)}")
    return 0


def sphere_of(arguments: list[str]) -> Sphere:
    """All reflections that the arguments ask for; nothing is written. Raises InputError for any mistake."""
    options = checked(arguments)
    try:
        return expand(read(options), options.dmin, options.dmax, options.fill)
    except MemoryError:
        raise InputError(options.input, "less than fills the memory (a larger --dmin)", "more") from None


def checked(arguments: list[str]) -> argparse.Namespace:
    """The options, as far as they can be judged before any reflection is read. Raises InputError."""
    options = parser().parse_args(arguments)
    for name in ("dmin", "dmax", "wavelength"):
        value = getattr(options, name)
        if value is not None and not 0 < value < 1e6:
            raise InputError(f"--{name}", "a number > 0", f"'{value}'")
    if options.dmin is not None and options.dmax is not None and not options.dmin < options.dmax:
        raise InputError("--dmax", f"a number > --dmin {options.dmin:g}", f"'{options.dmax:g}'")
    for name in ("fill", "k_sol"):
        value = getattr(options, name)
        if value is not None and not 0 <= value < 1e30:
            raise InputError(f"--{name.replace('_', '-')}", "a number >= 0", f"'{value}'")
    if not abs(options.b_sol) < 1e4:
        raise InputError("--b-sol", "a number", f"'{options.b_sol}'")
    kind = kind_of(Path(options.input), options.input)
    if kind == "coordinates" and options.dmin is None:
        raise InputError("--dmin", "a resolution limit for coordinates", "nothing")
    for name, kinds in USES.items():
        if getattr(options, name) not in (None, parser().get_default(name)) and kind not in kinds:
            raise InputError(
                f"--{name.replace('_', '-')}", f"a file of {' or '.join(kinds)}", f"one of {kind}"
            )
    return options


def kind_of(path: Path, where: str) -> str:
    """MTZ, SF-mmCIF, coordinates or text: told apart by name and, for .cif, by content; .gz is looked past.

    Raises InputError for any other name.
    """
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    if ending == ".cif":
        return "SF-mmCIF" if is_sf(path, where) else "coordinates"
    if ending not in KINDS:
        raise InputError(where, f"a name that ends in .cif {' '.join(KINDS)}", "another")
    return KINDS[ending]


def read(options: argparse.Namespace) -> Amplitudes:
    """The amplitudes of a file of any kind."""
    path, where = Path(options.input), options.input
    match kind_of(path, where):
        case "MTZ":
            return read_mtz(path, where, options.column)
        case "SF-mmCIF":
            return read_sf_cif(path, where, options.column)
        case "text":
            return read_text(path, options.space_group, options.cell)
    return read_coordinates(
        path, where, Model(options.dmin, options.wavelength, options.k_sol, options.b_sol)
    )


def is_sf(path: Path, where: str) -> bool:
    """Whether an mmCIF file has structure factors."""
    read_bytes(path, where)
    try:
        return any(block.find_loop("_refln.index_h") for block in gemmi.cif.read(str(path)))
    except COMPLAINTS as problem:
        raise InputError(where, "an mmCIF file", first_line(problem)) from None


def read_text(path: Path, space_group: str | None, cell: str | None) -> Amplitudes:
    """Lines `h k l F`; in a space group other than P1 both mates of a reflection that has no mate."""
    box = read_hkl(path, str(path), float("nan"))
    data = box.data.numpy()
    hkl = np.argwhere(np.isfinite(data))
    group = gemmi.find_spacegroup_by_name(space_group or "P 1")
    if group is None:
        raise InputError("--space-group", "a space group", quoted(space_group or ""))
    indices, f = hkl + np.array(box.lowest), data[np.isfinite(data)]
    unit = None if cell is None else _cell(cell)
    known = {tuple(row): value for row, value in zip(indices.tolist(), f, strict=True)}
    minus = np.array([known.get((-h, -k, -l), np.nan) for h, k, l in indices.tolist()])  # noqa: E741
    return Amplitudes(indices, f, minus, str(path), group, unit)


def _cell(text: str) -> gemmi.UnitCell:
    try:
        values = [float(word) for word in text.split(",")]
    except ValueError:
        values = []
    if len(values) != 6:
        raise InputError("--cell", "a,b,c,al,be,ga", quoted(text))
    volume_of(values, "--cell")
    return gemmi.UnitCell(*values)


def console() -> None:
    """Entry point of `nb-hkl`."""
    outlive_reader()
    sys.exit(close_standard_output(main()))

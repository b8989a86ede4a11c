"""`nb-geometry`: from one program's geometry file to another's."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from simulator.errors import InputError, status_of
from simulator.files.standard_output import close_standard_output, outlive_reader
from simulator.formats.convert import (
    FORMATS,
    Found,
    format_of,
    from_flags,
    not_held,
    read_geometry,
    write_geometry,
)
from simulator.version import version_text

ENDINGS = "; ".join(f"{name}: {' '.join(kind.endings)}" for name, kind in FORMATS.items())
DESCRIPTION = f"Beam, detector, spindle and crystal from one format to another. Formats by name: {ENDINGS}."


class Parser(argparse.ArgumentParser):
    """Mistakes are told in the one wording of all commands."""

    def error(self, message: str) -> NoReturn:
        raise InputError("command line", "other arguments", message)


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = Parser("nb-geometry", description=DESCRIPTION)
    options.add_argument("--version", action="store_true", help="version and commit")
    options.add_argument("input", nargs="?", help="file to read; without it nanoBragg flags after --")
    options.add_argument("-o", "--output", required=True, help="file to write")
    options.add_argument("--from", dest="source", choices=FORMATS, help="format of the input")
    options.add_argument("--to", dest="target", choices=FORMATS, help="format of the output")
    options.add_argument("--wavelength", type=float, help="A; for a matrix file without a cell")
    options.add_argument("--mode", choices=("c-parity", "spec"), default="c-parity", help="what flags mean")
    options.add_argument("--template", help="image files of a .expt, such as sim_####.img")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Convert; returns the exit status: 0 done, 2 something is wrong."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--version" in arguments:
        print(version_text("nb-geometry"))
        return 0
    return status_of(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    flags = []
    if "--" in arguments:
        flags = arguments[arguments.index("--") + 1 :]
        arguments = arguments[: arguments.index("--")]
    options = parser().parse_args(arguments)
    output = Path(options.output)
    target = format_of(output, f"-o {options.output}", options.target)
    found = _read(options, flags)
    for thing in not_held(target, found):
        print(f"warning: {output.name}: {FORMATS[target].title}: no place for {thing}", file=sys.stderr)
    write_geometry(found, output, f"-o {options.output}", target, options.template)
    kind = "to the last bit" if found.exact else "to the digits of the file read"
    print(f"wrote {output.name}: {FORMATS[target].title}, {kind}")
    return 0


def _read(options: argparse.Namespace, flags: list[str]) -> Found:
    if (options.input is None) == (not flags):
        raise InputError("command line", "a file to read, or flags after --", "both or neither")
    if flags:
        return from_flags(
            [*flags, "--mode", options.mode] if "--mode" not in flags else flags, Path.cwd(), ""
        )
    if options.wavelength is not None and not options.wavelength > 0:
        raise InputError("--wavelength", "a number > 0", f"'{options.wavelength}'")
    return read_geometry(Path(options.input), options.input, options.source, options.wavelength, options.mode)


def console() -> None:
    """Entry point of `nb-geometry`."""
    outlive_reader()
    sys.exit(close_standard_output(main()))

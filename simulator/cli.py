"""The command line: nanoBragg's flags in, images, traces and a summary out. Twin: reference/cli.c."""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from simulator.commandline.grammar import help_text, parse_flags
from simulator.errors import status_of
from simulator.files.standard_output import close_standard_output, outlive_reader
from simulator.version import version_text

DESCRIPTION = "nanobragg-torch: far-field diffraction from a nanocrystal, in PyTorch\n\n"


def main(argv: Sequence[str] | None = None, cwd: Path | None = None) -> int:
    """Run the engine; returns the exit status: 0 done, 2 the command line or a file is wrong."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or {"-help", "--help", "-h"} & set(arguments):
        print(DESCRIPTION + help_text())
        return 0
    if "--version" in arguments:
        print(version_text("nanobragg-torch"))
        return 0
    return status_of(lambda: _run(arguments, cwd or Path()))


def _run(arguments: list[str], cwd: Path) -> int:
    rows = parse_flags(arguments)  # torch takes a second to load: a slip on the command line is told before
    from simulator.commandline.command import parse_command  # noqa: PLC0415
    from simulator.commandline.session import run  # noqa: PLC0415

    started = time.perf_counter()
    parse = parse_command
    if any(flag == "--expt" for flag, _ in rows):
        from simulator.formats.experiment_file import parse_with_file as parse  # noqa: PLC0415
    experiment, task = parse(rows, cwd)
    for warning in task.warnings:
        print(warning, file=sys.stderr)
    task = replace(task, words=tuple(arguments))
    if not task.images:
        return run(experiment, task, started)
    from simulator.formats.images import write_pictures  # noqa: PLC0415  loads HDF5 and others

    return run(experiment, task, started, write_pictures)


def console() -> None:
    """Entry point of `nanobragg-torch`."""
    outlive_reader()
    sys.exit(close_standard_output(main()))

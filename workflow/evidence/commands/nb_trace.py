"""nb-trace: compare what two engines compute on the way to a pixel, and name the first difference.

    nb-trace compare C.log PY.log [--rtol R] [--atol A] [--json] [--all]
    nb-trace run --pixel SLOW FAST [--pixel ...] [--outdir D] [--rtol R] [--json] -- NANOBRAGG ARGS

Exit status 0: no divergence; 1: a divergence; 2: could not compare.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evidence.commands import terminal
from evidence.commands.pair import engines
from evidence.commands.parser import Parser, ShowVersion
from evidence.commands.terminal import View, table
from evidence.engines.arguments import input_files
from evidence.errors import InputError
from evidence.limits import TRACE_RTOL
from evidence.records import Record
from evidence.store import atomic
from evidence.traces.divergence import Row, TraceComparison
from evidence.traces.pixel_trace import PixelTrace
from evidence.traces.tracing import compare_all, read_any, trace_pixels

HEADINGS = ("", "tap", "unit", "C", "PyTorch", "relative", "ulp")
MOST_NAMES = 8  # in a list; --json has them all
MOST_STEPS = 10**8  # of float64 that are counted out


def shown(found: TraceComparison, everything: bool = False, brief: bool = False) -> str:
    """For a terminal: all rows of the pixel block, of the phi blocks only what differs unless asked."""
    where = "one pixel" if found.pixel is None else f"slow {found.pixel[0]} fast {found.pixel[1]}"
    lines = [f"{where}: {len(found.rows)} numbers compared, rtol {found.rtol:g}"]
    if not brief:
        rows = [_cells(row) for row in found.rows if everything or row.block != "phi" or not row.ok]
        lines.append(table(HEADINGS, rows, right=HEADINGS[3:]))
    for side, names in (("C", found.missing_c), ("PyTorch", found.missing_py)):
        if names:
            lines.append(f"* missing in {side}: {_listed(names)}")
    if found.not_compared:
        lines.append(f"  not compared: {_listed(list(found.not_compared))}")
        lines += [f"    ({why})" for why in sorted(set(found.not_compared.values()))]
    first = found.first_divergence
    if first is None:
        lines.append("  no divergence")
    else:
        step = "" if first["phi_tic"] is None else f" at phi step {first['phi_tic']}"
        lines.append(f"* first divergence: {first['tap']}{step} ({first['reason']}): {first['function']}")
    return "\n".join(lines)


def _listed(names: Sequence[str]) -> str:
    """`310: a, b, ...`: the first few, with blocks there are hundreds."""
    few = ", ".join(names[:MOST_NAMES])
    return few if len(names) <= MOST_NAMES else f"{len(names)}: {few}, ..."


def _cells(row: Row) -> tuple[str, ...]:
    name = row.tap if row.phi_tic is None else f"[{row.phi_tic}] {row.tap}"
    name += "" if row.component is None else f"[{row.component}]"
    numbers = [f"{value:.17g}" if value is not None else "not finite" for value in (row.c, row.py)]
    relative = "-" if row.rel is None else f"{row.rel:.1e}"
    steps = "-" if row.ulp is None else str(row.ulp) if row.ulp < MOST_STEPS else f">{MOST_STEPS:.0e}"
    return ("" if row.ok else "*", name, row.unit, *numbers, relative, steps)


def main(argv: Sequence[str]) -> int:
    """The command; errors are one line on stderr and status 2."""
    argv = list(argv)
    cut = argv.index("--") if "--" in argv else len(argv)
    return terminal.run(lambda: _view(_parser().parse_args(argv[:cut]), argv[cut + 1 :]))


def _view(options: argparse.Namespace, arguments: list[str]) -> View:
    if options.command == "compare":
        c, py = read_any(options.c), read_any(options.py)
    else:
        if not arguments:
            raise InputError("command line", "-- and a nanoBragg command line", "none")
        c, py = _run(options, arguments)
    found = compare_all(c, py, options.rtol, options.atol, "-dmin" in arguments)
    report = summary(found)
    if options.outdir is not None:
        atomic.write_json(options.outdir / "trace_compare.json", report)
    # Pixels after the first are shown in full only if they have something to say.
    brief = [one.ok and number > 0 and not options.all for number, one in enumerate(found)]
    text = "\n\n".join(shown(one, options.all, short) for one, short in zip(found, brief, strict=True))
    return View(report, text, 0 if report["verdict"] == "pass" else 1, options.json)


def summary(found: Sequence[TraceComparison]) -> Record:
    """trace_compare.json of one or more pixels."""
    good = bool(found) and all(one.ok for one in found)
    return {
        "kind": "trace_comparisons",
        "schema": 1,
        "verdict": "pass" if good else "fail",
        "pixels": [one.to_dict() for one in found],
    }


def console() -> None:
    raise SystemExit(main(sys.argv[1:]))


def _run(options: argparse.Namespace, arguments: list[str]) -> tuple[list[PixelTrace], list[PixelTrace]]:
    options.outdir = options.outdir or Path("nb-trace")
    pixels = [(slow, fast) for slow, fast in options.pixel]
    inputs = input_files(arguments)
    traced = []
    for name, engine in engines().items():
        done = trace_pixels(engine, arguments, pixels, options.outdir / name, inputs)
        if done.problem:
            raise InputError(f"{name} engine", "a trace", done.problem)
        traced.append(done.traces)
    return traced[0], traced[1]


def _parser() -> argparse.ArgumentParser:
    text = (__doc__ or "").splitlines()[0]
    parser = Parser("nb-trace", description=text, allow_abbrev=False)
    parser.add_argument("--version", action=ShowVersion)
    commands = parser.add_subparsers(dest="command", required=True)
    compare = commands.add_parser("compare", help="compare two logs", allow_abbrev=False)
    compare.add_argument("c", type=Path, metavar="C.log", help="what the reference printed")
    compare.add_argument("py", type=Path, metavar="PY.log", help="what the engine on trial printed")
    run = commands.add_parser("run", help="run both engines, then compare", allow_abbrev=False)
    run.add_argument(
        "--pixel",
        nargs=2,
        type=int,
        action="append",
        required=True,
        metavar=("SLOW", "FAST"),
        help="pixel to trace: row, then column, each from 0; may be given several times",
    )
    for command in (compare, run):
        command.add_argument(
            "--rtol", type=float, default=TRACE_RTOL, help=f"relative tolerance (default {TRACE_RTOL:g})"
        )
        command.add_argument("--atol", type=float, default=0.0, help="absolute tolerance, in the tap's unit")
        command.add_argument("--outdir", type=Path, help="write trace_compare.json (run: and logs) here")
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
        command.add_argument("--all", action="store_true", help="show all rows of the phi steps too")
    return parser

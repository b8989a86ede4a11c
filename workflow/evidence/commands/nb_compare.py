"""nb-compare: measure how alike two images are, running both engines first if given a command line.

Exit status 0: within the thresholds; 1: outside; 2: could not compare, or not by every metric.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from evidence.cases.roi import Roi
from evidence.commands import terminal
from evidence.commands.parser import Parser, ShowVersion, correlation
from evidence.commands.terminal import View, table
from evidence.errors import InputError
from evidence.gates import Check, status_of
from evidence.images.imagefile import Image, read_image, resample
from evidence.images.metrics import Comparison, compare_images
from evidence.images.verdict import judge
from evidence.limits import IMAGES
from evidence.records import Record
from evidence.store import atomic

# Verdict -> exit status and the last words.
OUTCOMES = {
    "pass": (0, "within the thresholds"),
    "fail": (1, "OUTSIDE the thresholds"),
    "blocked": (2, "not compared: what is blocked above has no measure here"),
}
USAGE = (
    "nb-compare [--outdir D] [--roi x0 x1 y0 y1] [--resample] [--threshold C]\n"
    "                  (A B [--shape SLOW FAST] | -- NANOBRAGG ARGS)"
)


def compare_files(
    paths: tuple[Path, Path], shape: tuple[int, int] | None, roi: Roi | None, resampling: bool
) -> tuple[Image, Image, Comparison]:
    """Read A and B and compare them; with `resampling`, B is brought to A's shape if it has another."""
    a = read_image(paths[0], None if resampling and _has_header(paths[0]) else shape)
    b = read_image(paths[1], None if resampling and _has_header(paths[1]) else shape)
    note = None
    if resampling and a.shape != b.shape:
        note = f"B, {b.shape[0]} x {b.shape[1]}, resampled to {a.shape[0]} x {a.shape[1]} by shared area"
        b = resample(b, (a.shape[0], a.shape[1]))
    return a, b, compare_images(a, b, roi, resampled=note)


def summary(found: Comparison, checks: Sequence[Check], more: Record) -> Record:
    """summary.json: the metrics, the checks, the verdict, and what was compared."""
    rows = [{**c.to_dict(), "ok": c.ok} for c in checks]
    return {**found.to_dict(), "checks": rows, "verdict": status_of(rows), **more}


def tables(found: Comparison, checks: Sequence[Check]) -> str:
    """The report for a terminal: what is judged, then what is only measured."""
    judged = [
        (check.name, _digits(check.measured, 16), check.limit.text, check.status, check.reason or "")
        for check in checks
    ]
    peaks = found.peaks
    measured = [
        ("rmse / max A", found.rmse_over_max, ""),
        ("max ratio B/A", found.max_ratio, ""),
        ("max |B - A|", found.max_abs_diff, _at(found.max_abs_diff_pixel)),
        ("max |B - A| / |A|", found.max_rel_diff, _at(found.max_rel_diff_pixel)),
        ("identical as float32", found.identical_float32_share, "share of pixels"),
        ("largest distance", found.max_ulp, "float32 steps"),
        ("peaks paired", peaks["matched"], f"of {peaks['count_a']} in A and {peaks['count_b']} in B"),
        ("max peak distance", peaks["max_distance_px"], "pixels"),
        ("peak ratio rms", peaks["intensity_ratio_rms"], "of B/A - 1"),
    ]
    rows = [(name, _digits(value, 10), unit) for name, value, unit in measured]
    return "\n\n".join(
        [
            table(("metric", "measured", "threshold", "verdict", ""), judged, right=["measured"]),
            table(("metric", "measured", ""), rows, right=["measured"]),
        ]
    )


def _digits(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:.{digits}g}"


def main(argv: Sequence[str]) -> int:
    """The command; errors are one line on stderr and status 2."""
    argv = list(argv)
    cut = argv.index("--") if "--" in argv else len(argv)
    arguments = argv[cut + 1 :] if cut < len(argv) else None
    return terminal.run(lambda: _compare(_parser().parse_args(argv[:cut]), arguments))


def console() -> None:
    raise SystemExit(main(sys.argv[1:]))


def _compare(options: argparse.Namespace, arguments: list[str] | None) -> View:
    bar = IMAGES
    if options.threshold is not None:
        bar = replace(bar, correlation=options.threshold)
    roi: Roi | None = Roi(*options.roi) if options.roi else None
    shape: tuple[int, int] | None = tuple(options.shape) if options.shape else None
    if shape is not None and min(shape) < 1:
        raise InputError("--shape", "SLOW and FAST of at least 1", f"{shape[0]} {shape[1]}")
    names = ("A", "B")
    more: Record = {}
    if arguments is not None:
        if options.images:
            raise InputError("command line", "two images or -- ARGS", "both")
        from evidence.commands.pair import run_pair  # noqa: PLC0415 (two files need no engine)

        pair = run_pair(arguments, options.outdir or Path("nb-compare"))
        paths, shape, roi, names = pair.images, pair.shape, roi or pair.roi, ("C", "PyTorch")
        more = {"engines": pair.records}
    elif len(options.images) == 2:
        paths = (options.images[0], options.images[1])
    else:
        raise InputError(
            "command line", "two images, or -- and a nanoBragg command line", len(options.images)
        )
    a, b, found = compare_files(paths, shape, roi, options.resample)
    checks = judge(found, bar)
    more = {**more, "a": str(paths[0]), "b": str(paths[1]), "thresholds": asdict(bar)}
    report = summary(found, checks, more)
    status, words = OUTCOMES[report["verdict"]]
    said = [f"A = {paths[0]}\nB = {paths[1]}\n{_region(found)}", tables(found, checks), words]
    folder = options.outdir or (Path("nb-compare") if arguments is not None else None)
    if folder is not None:
        from evidence.images.figures import draw_all  # noqa: PLC0415 (matplotlib takes a second to import)

        atomic.write_json(folder / "summary.json", report)
        draw_all(a, b, found, folder, names=names)
        said.insert(-1, f"written: {folder / 'summary.json'} and figures beside it")
    return View(report, "\n\n".join(said), status)


def _region(found: Comparison) -> str:
    x0, x1, y0, y1 = found.roi
    text = f"fast {x0} to {x1}, slow {y0} to {y1}: {found.finite_pixels} finite pixels"
    return f"{text}\n{found.resampled}" if found.resampled else text


def _parser() -> argparse.ArgumentParser:
    parser = Parser("nb-compare", usage=USAGE, description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", action=ShowVersion)
    parser.add_argument(
        "images", nargs="*", type=Path, help="raw float32, .npy, .npz or SMV; A is the reference"
    )
    parser.add_argument("--shape", nargs=2, type=int, metavar=("SLOW", "FAST"), help="pixels of raw images")
    parser.add_argument(
        "--roi", nargs=4, type=int, metavar=("x0", "x1", "y0", "y1"), help="inclusive; x is fast"
    )
    parser.add_argument("--outdir", type=Path, help="write summary.json and figures here")
    parser.add_argument("--resample", action="store_true", help="bring B to A's shape, photons kept")
    parser.add_argument(
        "--threshold",
        type=correlation,
        metavar="C",
        help=f"least correlation (default {IMAGES.correlation})",
    )
    return parser


def _at(pixel: tuple[int, int] | None) -> str:
    return f"at slow {pixel[0]} fast {pixel[1]}" if pixel else ""


def _has_header(path: Path) -> bool:
    return path.suffix in (".npy", ".npz", ".img", ".smv")

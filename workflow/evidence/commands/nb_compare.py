"""nb-compare: measure how alike two images are, running both engines first if given a command line.

Exit status 0: within the thresholds; 1: outside; 2: could not compare.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from evidence.cases.roi import Roi
from evidence.commands.parser import Parser, ShowVersion, correlation
from evidence.errors import InputError, StoreError
from evidence.gates import Check
from evidence.images.imagefile import Image, read_image, resample
from evidence.images.metrics import Comparison, compare_images
from evidence.images.verdict import Thresholds, judge
from evidence.records import Record
from evidence.store import atomic

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


def write_summary(folder: Path, found: Comparison, checks: Sequence[Check], more: Record) -> Path:
    """summary.json: the metrics, the checks, the verdict, and what was compared."""
    verdict = "pass" if checks and all(check.ok for check in checks) else "fail"
    summary = {
        **found.to_dict(),
        "checks": [{**c.to_dict(), "ok": c.ok} for c in checks],
        "verdict": verdict,
        **more,
    }
    path = folder / "summary.json"
    atomic.write_json(path, summary)
    return path


def table(found: Comparison, checks: Sequence[Check]) -> str:
    """The report for a terminal."""
    rows = [f"{'metric':24} {'measured':>24}  {'threshold':22} verdict"]
    for check in checks:
        value = f"{check.measured:.16g}" if check.measured is not None else "none"
        why = f"  ({check.reason})" if check.reason else ""
        rows.append(f"{check.name:24} {value:>24}  {check.limit.text:22} {'ok' if check.ok else 'FAIL'}{why}")
    peaks = found.peaks
    plain: list[tuple[str, float | None, str]] = [
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
    for name, number, unit in plain:
        rows.append(f"{name:24} {f'{number:.10g}' if number is not None else 'none':>24}  {unit}")
    return "\n".join(rows)


def main(argv: Sequence[str]) -> int:
    """The command; errors are one line on stderr and status 2."""
    argv = list(argv)
    cut = argv.index("--") if "--" in argv else len(argv)
    try:
        options = _parser().parse_args(argv[:cut])
        return _compare(options, argv[cut + 1 :] if cut < len(argv) else None)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    except (InputError, StoreError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2


def console() -> None:
    raise SystemExit(main(sys.argv[1:]))


def _compare(options: argparse.Namespace, arguments: list[str] | None) -> int:
    bar = Thresholds()
    if options.threshold is not None:
        bar = replace(bar, correlation=options.threshold)
    roi: Roi | None = Roi(*options.roi) if options.roi else None
    shape: tuple[int, int] | None = tuple(options.shape) if options.shape else None
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
    print(f"A = {paths[0]}\nB = {paths[1]}")
    print(f"fast {found.roi[0]} to {found.roi[1]}, slow {found.roi[2]} to {found.roi[3]}: ", end="")
    print(f"{found.finite_pixels} finite pixels\n" + (f"{found.resampled}\n" if found.resampled else ""))
    print(table(found, checks))
    folder = options.outdir or (Path("nb-compare") if arguments is not None else None)
    if folder is not None:
        from evidence.images.figures import draw_all  # noqa: PLC0415 (matplotlib takes a second to import)

        more = {**more, "a": str(paths[0]), "b": str(paths[1]), "thresholds": asdict(bar)}
        write_summary(folder, found, checks, more)
        draw_all(a, b, found, folder, names=names)
        print(f"\nwritten: {folder / 'summary.json'} and figures beside it")
    passed = all(check.ok for check in checks)
    print("\nwithin the thresholds" if passed else "\nOUTSIDE the thresholds")
    return 0 if passed else 1


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
        "--threshold", type=correlation, metavar="C", help="least correlation (default 0.9999)"
    )
    return parser


def _at(pixel: tuple[int, int] | None) -> str:
    return f"at slow {pixel[0]} fast {pixel[1]}" if pixel else ""


def _has_header(path: Path) -> bool:
    return path.suffix in (".npy", ".npz", ".img", ".smv")

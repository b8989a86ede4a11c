"""Trace pixels with an engine, whichever it is, and pair the traces of two engines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.cases.roi import Roi
from evidence.engines.adapters import is_instrumented, is_stock
from evidence.engines.arguments import WRITES, has_history, without
from evidence.engines.programs import Engine, RunRecord, run
from evidence.errors import InputError
from evidence.traces import external
from evidence.traces.blocks import aligned
from evidence.traces.divergence import TraceComparison, compare
from evidence.traces.log import Pixel, parse
from evidence.traces.pixel_trace import PixelTrace


@dataclass(frozen=True)
class TraceRun:
    """The runs it took and what they printed; `problem` says why there is less than was asked for."""

    records: list[RunRecord]
    traces: list[PixelTrace]
    problem: str | None = None


def trace_pixels(
    engine: Engine,
    arguments: list[str],
    pixels: Sequence[Pixel],
    folder: Path,
    inputs: Mapping[str, Path],
    *,
    threads: int = 1,
    timeout_s: float | None = None,
) -> TraceRun:
    """Trace `pixels` (slow, fast): one run if the engine can, else one a pixel in folders of their own.

    An external program renders no more than the pixel and the one before it, where the image's history does
    not count; the images that come of it are not kept.
    """
    if not engine.can & {"trace", "printout"}:
        return TraceRun([], [], engine.reason.get("trace", "it cannot trace"))
    words = [*without(arguments, WRITES | {"-trace_pixel", "-printout_pixel", "-nonoise", "-nopgm"})]
    words += ["-nonoise", "-nopgm", "--trace-only", "--trace-blocks"]
    small = engine.kind != "ours" and not has_history(arguments)
    batches = [list(pixels)] if "many_pixels" in engine.can else [[pixel] for pixel in pixels]
    records: list[RunRecord] = []
    traces: list[PixelTrace] = []
    for batch in batches:
        asked = [word for slow, fast in batch for word in ("-trace_pixel", str(slow), str(fast))]
        if small:
            asked += ends_at(*batch[0]).flags()
        place = folder if len(batches) == 1 else folder / "pixel_{}_{}".format(*batch[0])
        keep = engine.kind == "ours"
        record = run(engine, words + asked, place, engine.role, inputs, threads, timeout_s, keep)
        records.append(record)
        if not record.ok:
            return TraceRun(records, traces, f"{record.status}: {record.reason}")
        try:
            traces += read_any(place / record.log)
        except InputError as problem:
            return TraceRun(records, traces, str(problem))
    return TraceRun(records, traces)


def read_any(path: Path) -> list[PixelTrace]:
    """The traces in a log of ours, of an instrumented or of a stock nanoBragg."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise InputError(path, "a readable file", repr(problem.strerror)) from None
    if is_instrumented(text):
        return [external.read_instrumented(text, str(path))]
    if is_stock(text):
        return [external.read_stock(text, str(path))]
    return parse(text, str(path))


def ends_at(slow: int, fast: int) -> Roi:
    """The smallest region in which the pixel is not the first, unless it is that of the frame."""
    if fast:
        return Roi(fast - 1, fast, slow, slow)
    return Roi(0, 0, max(slow - 1, 0), slow)


def compare_all(
    c: Iterable[PixelTrace], py: Iterable[PixelTrace], rtol: float, atol: float = 0.0, dmin: bool = False
) -> list[TraceComparison]:
    """A comparison for every pixel of either side, in C's order; a pixel of one side alone diverges.

    dmin: whether the command has a resolution limit, which shows in an external program's trace.
    """
    left, right = ({trace.pixel: trace for trace in side} for side in (c, py))
    left = {at: aligned(trace, right[at], dmin) if at in right else trace for at, trace in left.items()}
    if len(left) == len(right) == 1 and None in (*left, *right):  # a fragment names no pixel
        return [compare(next(iter(left.values())), next(iter(right.values())), rtol, atol)]
    order = [*left, *(pixel for pixel in right if pixel not in left)]
    nothing = [PixelTrace(pixel, ()) for pixel in order]
    return [
        compare(left.get(pixel, empty), right.get(pixel, empty), rtol, atol)
        for pixel, empty in zip(order, nothing, strict=True)
    ]

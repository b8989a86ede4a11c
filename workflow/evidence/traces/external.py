"""What an external nanoBragg prints of a pixel, as a trace of ours.

Two programs are known: an instrumented one (`TRACE_C: name values`, 15 digits, some names and units of
its own) and the stock one (a few lines for people, 6 to 10 digits). What a digit that was not printed
leaves open is kept with each number, so that a comparison neither fails nor passes for want of digits.
"""

import math
import re
from dataclasses import replace

from evidence.engines.adapters import is_stock
from evidence.errors import InputError
from evidence.traces.log import refuse_twice, tapped
from evidence.traces.pixel_trace import Entry, PixelTrace
from evidence.traces.rounding import Rounding, decimals, exact, significant, single
from evidence.traces.taps import BLOCK, CELL, ORDER, PHI, PIXEL, TAPS

# The instrumented program's own names. Its scattering vector is in 1/m whatever the name says.
RENAMED = {"scattering_vec_A_inv": "scattering_vec_m_inv"}
N = r"(\S+)"
# The stock program's lines: pattern, the taps its groups fill, rounding.
LINES: tuple[tuple[str, str, Rounding], ...] = (
    (rf"volume = {N} A\^3", "V_cell_A3", significant(6)),
    (rf"\s*incident fluence: {N} photons/m\^2", "fluence_photons_per_m2", significant(6)),
    (rf"\s*DIRECTION_OF_DETECTOR_X-AXIS= {N} {N} {N}", "fdet_vec", significant(6)),
    (rf"\s*DIRECTION_OF_DETECTOR_Y-AXIS= {N} {N} {N}", "sdet_vec", significant(6)),
    (rf"\s*DIRECTION_OF_DETECTOR_Z-AXIS= {N} {N} {N}", "odet_vec", significant(6)),
    (rf"at {N} {N} {N}", "pixel_pos_meters", significant(6)),
    (rf"hkl= {N} {N} {N}", "hkl_frac", decimals(6)),
    (rf"hkl= \S+ \S+ \S+\s+hkl0= {N} {N} {N}", "hkl_rounded", exact),
    (rf"\s*F_cell={N}", "F_cell", significant(6)),
    (rf"\s*F_cell=\S+\s+F_latt={N}", "F_latt", significant(6)),
    (rf"capfrac\s+{N}", "capture_fraction", significant(10)),
    (rf"polar\s+{N}", "polar", significant(10)),
    (rf"omega\s+{N}", "omega_pixel", significant(10)),
    (rf"pixel\s+{N}", "I_pixel_final", single),
)
TABLES = {
    r"real-space cell vectors": ("cell_a_angstroms", "cell_b_angstroms", "cell_c_angstroms"),
    r"reciprocal-space cell vectors": ("cell_a_star_A_inv", "cell_b_star_A_inv", "cell_c_star_A_inv"),
}
STEPS = (r"\s*(\d+) sources$", r"\s*(\d+) mosaic domains over", r"\s*(\d+) phi steps from")
HEADER_TAPS = {tap.name for tap in CELL} | {"odet_vec"}
ONE_EVALUATION = {"pixel_pos_meters", "hkl_frac", "hkl_rounded", "F_cell", "F_latt"}
BLOCK_TAPS = {tap.name for tap in BLOCK}
# Components of a vector share the rounding of the longest; what has no unit is small by cancellation alone.
SHARED, CANCELLED = 1e-14, 1e-10


def read_instrumented(text: str, where: str = "log") -> PixelTrace:
    """The pixel of an instrumented program's output, with the cell from the lines stock prints too.

    It prints its vectors once for each layer and subpixel, the sums once.
    """
    at = re.search(r"^TRACE_CONFIG: tracing pixel \(spixel=(\d+), fpixel=(\d+)\)", text, re.MULTILINE)
    if at is None:
        raise InputError(where, "TRACE_CONFIG: tracing pixel (spixel=S, fpixel=F)", "no such line")
    pixel = (int(at[1]), int(at[2]))
    blocks: list[list[Entry]] = []
    sums: list[Entry] = []
    for _, printed, values in tapped(text, where):
        name = RENAMED.get(printed, printed)
        if name == BLOCK[0].name:
            blocks.append([])
        if name in TAPS:  # it also prints settings that are no taps of ours
            (blocks[-1] if blocks and name in BLOCK_TAPS else sums).append(_printed(name, values))
    for entries in (*blocks, sums):
        refuse_twice(pixel, entries, where)
    first = [entry for entry in _stock_entries(text) if entry.tap in HEADER_TAPS]
    trace = _trace(
        pixel, [*first, *(blocks[0] if blocks else ()), *sums], "the instrumented program does not print it"
    )
    return replace(trace, blocks=tuple(map(tuple, blocks[1:])))


def _printed(name: str, values: tuple[float, ...]) -> Entry:
    """With what 15 digits, and rounding on the way there, leave open."""
    half, longest = significant(15), max(map(abs, values))
    shared = SHARED * longest if math.isfinite(longest) else 0.0
    least = CANCELLED if TAPS[name].unit == "" and name != "hkl_rounded" else 0.0
    return Entry(name, values, None, tuple(max(half(v), shared, least) for v in values))


def read_stock(text: str, where: str = "log") -> PixelTrace:
    """The pixel of a stock program's output.

    Of a pixel with several evaluations (steps, layers) it says not which one it shows: those numbers are
    left out then.
    """
    at = re.search(r"^ *(\d+) +(\d+) : stol = ", text, re.MULTILINE)
    if at is None or not is_stock(text):
        raise InputError(where, "the block that -printout_pixel prints", "no such lines")
    why = "the stock program does not print it"
    entries = _stock_entries(text)
    layers = re.search(r"^\s*sensor is \S+ m thick in (\d+) layers", text, re.MULTILINE)
    count = (_steps(text) or 1) * (int(layers[1]) if layers else 1)
    if count > 1:
        entries = [entry for entry in entries if entry.tap not in ONE_EVALUATION]
    trace = _trace((int(at[2]), int(at[1])), entries, why)
    several = dict.fromkeys(ONE_EVALUATION, f"the stock program shows one of {count} evaluations, not which")
    return trace if count == 1 else replace(trace, absent={**trace.absent, **several})


def _trace(pixel: tuple[int, int], entries: list[Entry], why: str) -> PixelTrace:
    entries.sort(key=lambda entry: ORDER[entry.tap])
    printed = {entry.tap for entry in entries}
    absent = {tap.name: why for tap in CELL + PIXEL + PHI if tap.name not in printed}
    return PixelTrace(pixel, tuple(entries), absent)


def _stock_entries(text: str) -> list[Entry]:
    entries = [_entry(tap, match.groups(), half) for tap, match, half in _matches(text)]
    header = text.partition(" : stol = ")[0]  # with the pixel comes the crystal as turned for it
    for title, taps in TABLES.items():
        entries += _columns(header, title, taps)
    entries += _first_source(header)
    steps = _steps(text)
    total = re.search(r"^I/steps\s+(\S+)", text, re.MULTILINE)
    if steps is not None:
        entries.append(Entry("steps", (float(steps),), None, (0.0,)))
    if steps is not None and total is not None:
        mean = _entry("I_before_scaling", (total[1],), significant(10))
        entries.append(Entry(mean.tap, (mean.values[0] * steps,), None, (mean.slack[0] * steps,)))
    return entries


def _first_source(text: str) -> list[Entry]:
    """Wavelength and direction of the first source in the list: X Y Z, weight, wavelength, metres.

    Of a single one the wavelength stands in the summary too, which is what was meant.
    """
    row = rf"^\s*created a total of \d+ sources:\n\s*{N} +{N} +{N} +{N} +{N}$"
    match = re.search(row, text, re.MULTILINE)
    if match is None:
        return []
    alone = re.search(rf"^ *wave={N} meters", text, re.MULTILINE) if _count(text, STEPS[0]) == 1 else None
    lambda_ = _entry("lambda_meters", ((alone or match)[1 if alone else 5],), significant(6))
    place = _entry("incident_vec", (match[1], match[2], match[3]), significant(6))
    length = math.hypot(*place.values)
    if not 0.0 < length < math.inf:
        return [lambda_]
    slack = sum(place.slack) / length  # each component's rounding moves the others through the length
    beam = Entry("incident_vec", tuple(-x / length for x in place.values), None, (slack,) * 3)
    return [lambda_, beam]


def _matches(text: str) -> list[tuple[str, re.Match[str], Rounding]]:
    found = [(tap, re.search("^" + pattern, text, re.MULTILINE), half) for pattern, tap, half in LINES]
    return [(tap, match, half) for tap, match, half in found if match is not None]


def _entry(tap: str, words: tuple[str, ...], half: Rounding) -> Entry:
    try:
        values = tuple(float(word) for word in words)
    except ValueError:
        raise InputError(tap, "numbers", repr(" ".join(words)[:60])) from None
    return Entry(tap, values, None, tuple(half(value) for value in values))


def _columns(text: str, title: str, taps: tuple[str, ...]) -> list[Entry]:
    """Three vectors printed as the columns of rows X:, Y:, Z:, with 8 decimals."""
    rows = "".join(rf"{axis}: +{N} +{N} +{N}\n" for axis in "XYZ")
    match = re.search(rf"^{title}.*\n.*\n{rows}", text, re.MULTILINE)
    if match is None:
        return []
    words = match.groups()
    return [_entry(tap, words[i::3], decimals(8)) for i, tap in enumerate(taps)]


def _count(text: str, pattern: str) -> int | None:
    match = re.search("^" + pattern, text, re.MULTILINE)
    return int(match[1]) if match else None


def _steps(text: str) -> int | None:
    """Terms that nanoBragg averages over: sources x domains x phi steps x oversample squared."""
    counts = [_count(text, pattern) for pattern in (*STEPS, r"\s*(\d+)x\d+ pixel oversample steps")]
    whole = [count for count in counts if count is not None]
    return math.prod(whole) * whole[-1] if len(whole) == len(counts) else None

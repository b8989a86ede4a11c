"""What an external nanoBragg prints of a pixel, as a trace of ours.

Two programs are known: an instrumented one (`TRACE_C: name values`, 15 digits, some names and units of
its own) and the stock one (a few lines for people, 6 to 10 digits). What a digit that was not printed
leaves open is kept with each number, so that a comparison neither fails nor passes for want of digits.
"""

import math
import re
from collections.abc import Callable

from evidence.engines.adapters import is_stock
from evidence.errors import InputError
from evidence.traces.log import parse
from evidence.traces.pixel_trace import Entry, PixelTrace
from evidence.traces.taps import CELL, ORDER, PHI, PIXEL, TAPS

Rounding = Callable[[float], float]  # value as printed -> half a unit of its last digit


def significant(digits: int) -> Rounding:
    """%.Ng: N significant digits."""

    def half(value: float) -> float:
        if value == 0 or not math.isfinite(value):
            return 0.0
        return 0.500001 * 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)

    return half


def decimals(digits: int) -> Rounding:
    """%.Nf: N digits after the point."""
    return lambda _: 0.500001 * 10.0**-digits


def single(value: float) -> float:
    """A float32 printed with 10 significant digits: what was rounded off before it was printed counts too."""
    return significant(10)(value) + abs(value) * 2.0**-24 if math.isfinite(value) else 0.0


def exact(_: float) -> float:
    """A whole number, printed whole."""
    return 0.0


# The instrumented program's own names. Its scattering vector is in 1/m whatever the name says.
RENAMED = {"scattering_vec_A_inv": "scattering_vec_m_inv"}
N = r"(\S+)"
# The stock program's lines: pattern, the taps its groups fill, rounding. The first match counts: it is
# that of the first layer, subpixel, source, phi step and domain.
LINES: tuple[tuple[str, str, Rounding], ...] = (
    (rf"volume = {N} A\^3", "V_cell_A3", significant(6)),
    (rf"\s*wave={N} meters", "lambda_meters", significant(6)),
    (rf"\s*incident fluence: {N} photons/m\^2", "fluence_photons_per_m2", significant(6)),
    (rf"\s*DIRECTION_OF_DETECTOR_X-AXIS= {N} {N} {N}", "fdet_vec", significant(6)),
    (rf"\s*DIRECTION_OF_DETECTOR_Y-AXIS= {N} {N} {N}", "sdet_vec", significant(6)),
    (rf"\s*DIRECTION_OF_DETECTOR_Z-AXIS= {N} {N} {N}", "odet_vec", significant(6)),
    (rf"\s*INCIDENT_BEAM_DIRECTION= {N} {N} {N}", "incident_vec", significant(6)),
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


def read_instrumented(text: str, where: str = "log") -> PixelTrace:
    """The pixel of an instrumented program's output, with the cell from the lines stock prints too."""
    at = re.search(r"^TRACE_CONFIG: tracing pixel \(spixel=(\d+), fpixel=(\d+)\)", text, re.MULTILINE)
    if at is None:
        raise InputError(where, "TRACE_CONFIG: tracing pixel (spixel=S, fpixel=F)", "no such line")
    half = significant(15)
    entries = [entry for entry in _stock_entries(text) if entry.tap in HEADER_TAPS]
    for entry in parse(text, where)[0].entries:
        name = RENAMED.get(entry.tap, entry.tap)
        if name in TAPS:  # it also prints settings that are no taps of ours
            entries.append(Entry(name, entry.values, None, tuple(half(v) for v in entry.values)))
    return _trace((int(at[1]), int(at[2])), entries, "the instrumented program does not print it")


def read_stock(text: str, where: str = "log") -> PixelTrace:
    """The pixel of a stock program's output."""
    at = re.search(r"^ *(\d+) +(\d+) : stol = ", text, re.MULTILINE)
    if at is None or not is_stock(text):
        raise InputError(where, "the block that -printout_pixel prints", "no such lines")
    return _trace((int(at[2]), int(at[1])), _stock_entries(text), "the stock program does not print it")


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
    steps = _steps(text)
    total = re.search(r"^I/steps\s+(\S+)", text, re.MULTILINE)
    if steps is not None:
        entries.append(Entry("steps", (float(steps),), None, (0.0,)))
    if steps is not None and total is not None:
        mean = _entry("I_before_scaling", (total[1],), significant(10))
        entries.append(Entry(mean.tap, (mean.values[0] * steps,), None, (mean.slack[0] * steps,)))
    return entries


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


def _steps(text: str) -> int | None:
    """Terms that nanoBragg averages over: sources x domains x phi steps x oversample squared."""
    counts = [re.search("^" + pattern, text, re.MULTILINE) for pattern in STEPS]
    over = re.search(r"^\s*(\d+)x\d+ pixel oversample steps", text, re.MULTILINE)
    if over is None or any(count is None for count in counts):
        return None
    return math.prod(int(count[1]) for count in counts if count) * int(over[1]) ** 2

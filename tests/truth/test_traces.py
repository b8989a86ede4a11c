"""Every number that an instrumented nanoBragg printed of 157 pixels, from both engines' traces.

Oracle: random_traces.json and the logs instrumented_*.txt, a block for each layer and subpixel.
"""

import json
import math
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.helpers.both import run_both
from tests.helpers.places import GOLDEN
from tests.reference.conftest import engine  # noqa: F401  a fixture
from tests.reference.test_trace import RENAMED
from tests.truth.conftest import SIDES
from tests.twins.test_traces import Line, read_trace

Taps = dict[str, list[float]]
BLOCK = re.compile(r"block_\d+_\d+_\d+_(?=pix0_vector_meters$)")
SETTINGS = {"oversample_thick", "oversample_polar", "oversample_omega"}  # read off its command line
SUMS = SETTINGS | {
    *("I_before_scaling", "r_e_meters", "r_e_sqr", "fluence_photons_per_m2", "steps", "capture_fraction"),
    *("polar", "omega_pixel", "cos_2theta", "I_pixel_final", "floatimage_accumulated"),
}
# What it prints besides, from what ours print.
DERIVED: dict[str, Callable[[Taps], list[float]]] = {
    "lambda_angstroms": lambda ours: [ours["lambda_meters"][0] * 1e10],
    "r_e_meters": lambda ours: [math.sqrt(ours["r_e_sqr"][0])],
    "floatimage_accumulated": lambda ours: [float(np.float32(ours["I_pixel_final"][0]))],
}
NO_UNIT = ("_vec", "hkl_", "F_latt", "factor", "cos_", "polar", "capture")  # near zero within 1e-10 itself
RTOL = 1e-10


@dataclass(frozen=True)
class Pixel:
    """What was printed of one pixel: blocks in loop order, then the sums."""

    words: list[str]
    blocks: list[Taps]
    sums: Taps


def stored_pixels() -> dict[str, Pixel]:
    """150 lit pixels of random command lines; a first block without its first line is in `final`."""
    pixels = {}
    for name, case in json.loads((GOLDEN / "random_traces.json").read_text()).items():
        first = {tap: values for tap, values in case["final"].items() if tap not in SUMS}
        lit = ["-trace_pixel", *map(str, case["pixel"])]
        if first:
            first["omega_pixel_sr"] = case["final"]["omega_pixel_sr"]
        blocks = ([first] if first else []) + case["blocks"]
        sums = {tap: values for tap, values in case["final"].items() if tap in SUMS}
        pixels[name] = Pixel([*case["args"].split(), *lit], blocks, sums)
    return pixels


def logged_pixels() -> dict[str, Pixel]:
    """The logs: command line in the first line, the cell's lines passed over."""
    pixels = {}
    for path in sorted(GOLDEN.glob("instrumented_*.txt")):
        text = path.read_text()
        if not text.startswith("$ nanoBragg "):
            continue
        blocks: list[Taps] = []
        sums: Taps = {}
        for name, values in read_trace(text, "TRACE_C"):
            if name == "pix0_vector_meters":
                blocks.append({})
            (sums if name in SUMS else blocks[-1])[name] = values
        pixels[path.stem] = Pixel(text.splitlines()[0].split()[2:], blocks, sums)
    return pixels


PIXELS = stored_pixels() | logged_pixels()


def split(lines: list[Line]) -> tuple[list[Taps], Taps]:
    """Our blocks and sums: the first block's taps have no prefix, and the phi steps come last."""
    blocks: list[Taps] = []
    prefix = ""
    for name, values in lines:
        opens = BLOCK.match(name)
        if name == "pix0_vector_meters" or opens:
            prefix = opens[0] if opens else ""
            blocks.append({})
        if blocks:
            blocks[-1 if name.startswith("block_") else 0].setdefault(name.removeprefix(prefix), values)
    return blocks, blocks[0]


def apart(ours: Taps, theirs: Taps) -> list[str]:
    """Taps of theirs that ours lack or have otherwise."""
    found = []
    for name, expected in theirs.items():
        if name in SETTINGS:
            continue
        values = DERIVED[name](ours) if name in DERIVED else ours.get(RENAMED.get(name, name), [])
        largest = max(abs(value) for value in expected)
        if any(part in name for part in NO_UNIT) and not name.startswith("scattering"):
            largest = max(largest, 1.0)
        close = len(values) == len(expected) and all(
            a == b or abs(a - b) <= RTOL * largest or (math.isnan(a) and math.isnan(b))
            for a, b in zip(values, expected, strict=True)
        )
        if not close:
            found.append(f"{name} {values} not {expected}")
    return found


def compare(lines: list[Line], pixel: Pixel) -> list[str]:
    """Everything in which a trace differs from nanoBragg's."""
    if not lines:
        return ["no trace"]
    blocks, sums = split(lines)
    found = apart(sums, pixel.sums)
    if len(blocks) != len(pixel.blocks):
        found.append(f"{len(blocks)} blocks not {len(pixel.blocks)}")
    for number, (ours, theirs) in enumerate(zip(blocks, pixel.blocks, strict=False)):
        found += [f"block {number}: {text}" for text in apart(ours, theirs)]
    return found


@pytest.fixture(scope="module")
def traces(engine: Path) -> dict[str, dict[str, list[Line]]]:  # noqa: F811
    """Our traces by side and pixel."""
    threads = torch.get_num_threads()
    made: dict[str, dict[str, list[Line]]] = {side: {} for side in SIDES}
    for name, pixel in PIXELS.items():
        with tempfile.TemporaryDirectory() as folder:
            both = run_both(engine, [*pixel.words, "--trace-only", "--trace-blocks"], Path(folder))
            made["c"][name] = read_trace(both.c.out, "TRACE_C")
            made["py"][name] = read_trace(both.py.out, "TRACE_PY")
    torch.set_num_threads(threads)
    return made


def test_every_pixel_is_here() -> None:
    """An empty table would pass everything below."""
    assert len(PIXELS) == 156
    assert sum(len(pixel.blocks) for pixel in PIXELS.values()) == 554 + 37 + 11
    assert sum(len(taps) for pixel in PIXELS.values() for taps in pixel.blocks) > 12000


@pytest.mark.parametrize("side", SIDES)
def test_every_tap(side: str, traces: dict[str, dict[str, list[Line]]]) -> None:
    """Within 1e-10, relative; absolute near zero where a number has no unit."""
    found = {name: text for name, pixel in PIXELS.items() if (text := compare(traces[side][name], pixel))}
    listed = "\n".join(f"{name}: {len(texts)}: {'; '.join(texts[:3])}" for name, texts in found.items())
    assert not found, f"{len(found)} of {len(PIXELS)} pixels differ\n{listed}"


def test_comparison_can_fail(traces: dict[str, dict[str, list[Line]]]) -> None:
    """A number off in the last block, a block or a tap missing, NaN."""
    name, pixel = next((n, p) for n, p in PIXELS.items() if n == "instrumented_oversample")
    lines = traces["c"][name]
    assert compare(lines, pixel) == []
    place = max(
        i for i, (tap, _) in enumerate(lines) if tap.startswith("block_") and tap.endswith("hkl_frac")
    )
    tap, values = lines[place]
    for changed in ([values[0] + 1e-9, *values[1:]], [math.nan, *values[1:]], values[:2]):
        assert len(compare([*lines[:place], (tap, changed), *lines[place + 1 :]], pixel)) == 1
    assert compare([line for line in lines if not line[0].startswith("block_0_1_1")], pixel)
    assert compare([line for line in lines if line[0] != "polar"], pixel)
    assert compare([], pixel)

"""--band: rows as they are in the whole image, to the last bit. --part: terms of each sum, to 1e-12."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from simulator import parse
from simulator.rendering.history import find_history
from simulator.rendering.kernels import EAGER, Kernels
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import build_scene
from tests.helpers.both import Both, Done
from tests.twins.conftest import Pair

ROWS, COLUMNS = 23, 20
BANDS = ((0, 0), (1, 9), (10, 10), (11, 22))
CELL = "-cell 50 60 70 80 95 105 -lambda 1.2 -distance 60 -pixel 0.5 -nonoise -nopgm"
PANEL = f"{CELL} -detpixels_f {COLUMNS} -detpixels_s {ROWS}"
CASES = {
    "carry_over": f"{PANEL} -default_F 10 -N 5 -phi 0 -osc 2 -phisteps 4 -oversample 1",
    "carry_over_beyond_dmin": f"{PANEL} -default_F 10 -N 5 -phi 0 -osc 2 -phisteps 4 -oversample 2 -dmin 18",
    "latch": f"{PANEL} -Xbeam 11 -hkl wilson_p1.hkl -interpolate -N 5 -oversample 1 -mosaic 2 -mosaic_dom 7",
    "region": f"{PANEL} -default_F 10 -N 5 -phi 0 -osc 2 -phisteps 3 -roi 3 17 4 19 -water 5",
    "many": f"{PANEL} -default_F 10 -N 9 -mosaic 1 -mosaic_dom 50 -sourcefile sources3.txt -oversample 1",
    "spec": f"{PANEL} -hkl half.hkl -interpolate -default_F 9 -N 5 -osc 2 -phisteps 4 --mode spec",
}


def image(done: Done) -> NDArray[np.float32]:
    assert done.status == 0, done.err
    return np.frombuffer(done.file("floatimage.bin") or b"", "<f4").reshape(ROWS, COLUMNS)


def gathered(found: list[Both], engine: str) -> NDArray[np.float32]:
    """The bands one below the other; all else must be 0."""
    pieces = []
    for both, (first, last) in zip(found, BANDS, strict=True):
        frame = image(getattr(both, engine))
        assert not frame[:first].any()
        assert not frame[last + 1 :].any()
        pieces.append(frame[first : last + 1])
    return np.concatenate(pieces)


@pytest.mark.parametrize("name", CASES)
def test_bands_are_the_image(name: str, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kernels, "block", 97)  # several blocks, and bands that cut them
    whole = pair(CASES[name])
    found = [pair(f"{CASES[name]} --band {first} {last}") for first, last in BANDS]
    for engine in ("c", "py"):
        wanted = image(getattr(whole, engine))
        assert wanted.any()
        assert gathered(found, engine).tobytes() == wanted.tobytes()
        assert {str(getattr(both, engine).quirks()) for both in found} == {
            str(getattr(whole, engine).quirks())
        }


@pytest.mark.parametrize("name", ["carry_over", "latch"])
def test_regions_are_not(name: str, pair: Pair) -> None:
    """What --band is for."""
    whole = image(pair(CASES[name]).c)
    regions = [image(pair(f"{CASES[name]} -roi 0 {COLUMNS - 1} {a} {b}").c) for a, b in BANDS]
    assert sum(regions).tobytes() != whole.tobytes()


def test_only_blocks_that_hold_the_band_are_rendered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Kernels, "block", 97)
    experiment = parse(CASES["carry_over"].split(), tmp_path)
    scene = build_scene(experiment, Quirks.of("c-parity", None), torch.device("cpu"))
    history = find_history(scene)
    part = history.within(10 * COLUMNS, 11 * COLUMNS - 1, EAGER.block)
    assert part.raster.tolist() == list(range(2 * 97, 3 * 97))
    assert part.first is None
    assert history.within(0, 5, EAGER.block).first is not None
    assert len(history.within(ROWS * COLUMNS, ROWS * COLUMNS + 5, EAGER.block).raster) == 0


PARTS = {
    "domains_carry_over": (
        "domains",
        7,
        f"{PANEL} -default_F 10 -N 5 -phi 0 -osc 2 -phisteps 3 -mosaic 1 -mosaic_dom 7",
    ),
    "domains_latch": (
        "domains",
        7,
        f"{PANEL} -Xbeam 11 -hkl wilson_p1.hkl -interpolate -default_F 9 -N 5 -mosaic 2 -mosaic_dom 7",
    ),
    "domains_wet": (
        "domains",
        5,
        f"{PANEL} -default_F 10 -N 5 -mosaic 1 -mosaic_dom 5 -water 20 --mode spec",
    ),
    "sources": ("sources", 3, f"{PANEL} -default_F 10 -N 5 -sourcefile sources3.txt -water 20"),
    "sources_beyond_dmin": (
        "sources",
        9,
        f"{PANEL} -default_F 10 -N 5 -divergence 4 -hdivsteps 3 -vdivsteps 3 -square_div -dmin 18",
    ),
    "spectrum": (
        "sources",
        4,
        f"{PANEL} -hkl half.hkl -interpolate -default_F 9 -N 5 -dispersion 5 -dispsteps 4",
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_add_up_to_the_image(name: str, pair: Pair) -> None:
    """In two shares, added in their order; the whole in float64 is a part as well."""
    of, count, words = PARTS[name]
    whole = pair(f"{words} -oversample 2")
    asked = [(0, count - 1), (0, count // 2), (count // 2 + 1, count - 1)]
    found = [pair(f"{words} -oversample 2 --part {of} {first} {last}") for first, last in asked]
    sums = {}
    for engine in ("c", "py"):
        done = [getattr(both, engine) for both in found]
        assert [each.err for each in done] == [""] * 3
        exact, *parts = (np.frombuffer(each.file("floatimage.bin") or b"", "<f8") for each in done)
        assert exact.shape == (ROWS * COLUMNS,)
        assert all(part.any() for part in parts)
        assert np.abs(parts[0] + parts[1] - exact).max() <= 1e-12 * exact.max()
        assert exact.astype("<f4").tobytes() == getattr(whole, engine).file("floatimage.bin")
        sums[engine] = parts
    for c, py in zip(sums["c"], sums["py"], strict=True):
        assert np.abs(c - py).max() <= 1e-12 * c.max()


def test_parts_of_a_float32_run_are_float64_sums(pair: Pair) -> None:
    of, count, words = PARTS["domains_carry_over"]
    halves = [(0, count // 2), (count // 2 + 1, count - 1), (0, count - 1)]
    done = [main_py(pair, f"{words} --part {of} {a} {b}") for a, b in halves]
    first, second, exact = (np.frombuffer(each, "<f8") for each in done)
    assert np.abs(first + second - exact).max() <= 1e-12 * exact.max()


def main_py(pair: Pair, words: str) -> bytes:
    """What the PyTorch engine alone, in single precision, writes."""
    return pair(f"{words} --dtype float32").py.file("floatimage.bin") or b""


def test_the_files_of_given_photons(pair: Pair, tmp_path: Path) -> None:
    """--photons: nothing is rendered, every file comes out as if it had been; what is not the image is 0."""
    words = f"{CASES['region'].replace(' -nonoise -nopgm', '')} -seed 5"
    whole = pair(words)
    for engine in ("c", "py"):
        done = getattr(whole, engine)
        given = tmp_path / f"{engine}.bin"
        given.write_bytes(done.file("floatimage.bin") or b"")
        again = getattr(pair(f"{words} --photons {given}"), engine)
        assert again.status == 0, again.err
        for name in ("floatimage.bin", "intimage.img", "noiseimage.img", "image.pgm"):
            assert again.file(name) == done.file(name), (engine, name)

"""Blocks of an instrumented nanoBragg, found again in ours. Oracle: instrumented_*.txt."""

import contextlib
import io
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.traces import external
from evidence.traces.blocks import NO_BLOCK, NOT_TRACED, OTHER_SOURCE, aligned
from evidence.traces.divergence import compare
from evidence.traces.log import parse
from evidence.traces.pixel_trace import Entry, PixelTrace
from evidence.traces.tracing import compare_all, read_any
from simulator.cli import main as nanobragg_torch
from tests.helpers.places import GOLDEN
from tests.helpers.standins import stand_in
from tests.reference.conftest import engine  # noqa: F401  a fixture

LOGS = [path for path in sorted(GOLDEN.glob("instrumented_*.txt")) if path.read_text().startswith("$ ")]
BLOCKS = {"instrumented_oversample": 4, "instrumented_layers": 3}


def theirs(path: Path) -> PixelTrace:
    return external.read_instrumented(path.read_text(), str(path))


def ours(path: Path, folder: Path, *more: str) -> PixelTrace:
    words = path.read_text().splitlines()[0].split()[2:]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert nanobragg_torch([*words, "--trace-only", *more], folder) == 0
    (trace,) = parse(out.getvalue())
    return trace


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_every_printed_value_agrees(path: Path, tmp_path: Path) -> None:
    right = ours(path, tmp_path, "--trace-blocks")
    left = aligned(theirs(path), right, dmin="dmin" in path.stem)
    found = compare(left, right)
    assert found.ok, found.first_divergence
    assert len(found.rows) >= 49 * BLOCKS.get(path.stem, 1)
    assert OTHER_SOURCE not in found.not_compared.values()


def oversampled(folder: Path) -> tuple[PixelTrace, PixelTrace]:
    path = GOLDEN / "instrumented_oversample.txt"
    return theirs(path), ours(path, folder, "--trace-blocks")


def test_a_wrong_number_in_the_last_block_is_found(tmp_path: Path) -> None:
    left, right = oversampled(tmp_path)
    last = [
        replace(entry, values=(entry.values[0] + 1e-8, *entry.values[1:]))
        if entry.tap == "hkl_frac"
        else entry
        for entry in left.blocks[-1]
    ]
    found = compare(aligned(replace(left, blocks=(*left.blocks[:-1], tuple(last))), right), right)
    assert found.first_divergence is not None
    assert found.first_divergence["tap"] == "block_0_1_1_hkl_frac"
    assert "scattering" in found.first_divergence["function"]


def test_a_tap_missing_in_one_block_is_missed(tmp_path: Path) -> None:
    left, right = oversampled(tmp_path)
    last = tuple(entry for entry in left.blocks[-1] if entry.tap != "F_cell")
    found = compare(aligned(replace(left, blocks=(*left.blocks[:-1], last)), right), right)
    assert found.missing_c == ["block_0_1_1_F_cell"]


def test_a_block_left_out_is_told_by_its_place(tmp_path: Path) -> None:
    left, right = oversampled(tmp_path)
    found = compare(aligned(replace(left, blocks=(left.blocks[0], left.blocks[2])), right), right)
    assert found.ok, found.first_divergence
    assert found.not_compared["block_0_1_0_hkl_frac"] == NO_BLOCK
    assert "block_0_1_1_hkl_frac" not in found.not_compared


def test_another_source_counts_only_with_a_resolution_limit(tmp_path: Path) -> None:
    path = GOLDEN / "instrumented_sources.txt"
    left, right = theirs(path), ours(path, tmp_path, "--trace-blocks")
    other = replace(
        left,
        entries=tuple(
            Entry(entry.tap, (1.2e-10,), None, (0.0,)) if entry.tap == "lambda_meters" else entry
            for entry in left.entries
        ),
    )
    assert not compare(aligned(other, right), right).ok
    found = compare(aligned(other, right, dmin=True), right)
    assert found.ok
    assert found.not_compared["hkl_frac"] == OTHER_SOURCE
    assert len(found.rows) > 10


def test_ours_without_blocks_says_so(tmp_path: Path) -> None:
    path = GOLDEN / "instrumented_oversample.txt"
    right = ours(path, tmp_path)
    found = compare(aligned(theirs(path), right), right)
    assert found.ok, found.first_divergence
    assert NOT_TRACED in found.not_compared.values()


def test_a_tap_twice_in_one_block_is_refused() -> None:
    text = (GOLDEN / "instrumented_oversample.txt").read_text()
    doubled = re.sub(r"(TRACE_C: F_cell .*\n)", r"\1\1", text, count=1)
    with pytest.raises(external.InputError, match="F_cell once"):
        external.read_instrumented(doubled)


SUBPIXELS = (
    "-cell 70 80 90 90 90 90 -default_F 1 -N 5 -detpixels 8 -pixel 1 -oversample 2 -mosaic_spread 1 "
    "-mosaic_domains 2 -trace_pixel 3 3 --trace-only --trace-blocks"
).split()


def printed(program: Path, log: Path) -> Path:
    log.write_text(subprocess.check_output([str(program), *SUBPIXELS], text=True, cwd=log.parent))
    return log


def of_pytorch(folder: Path) -> list[PixelTrace]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert nanobragg_torch(SUBPIXELS, folder) == 0
    return parse(out.getvalue())


@pytest.mark.parametrize("dmin", [False, True])
def test_a_wrong_number_in_a_later_block_of_our_own_trace_is_found(
    engine: Path,  # noqa: F811
    tmp_path: Path,
    dmin: bool,
) -> None:
    """Our C engine names its blocks itself: nothing is aligned, nothing left out."""
    log, py = printed(engine, tmp_path / "c.log"), of_pytorch(tmp_path)
    (found,) = compare_all(read_any(log), py, 1e-9, dmin=dmin)
    assert found.ok, found.first_divergence
    assert not found.not_compared
    assert sum(row.tap.startswith("block_") for row in found.rows) > 3 * 49
    for tap in ("block_0_0_1_hkl_frac", "block_0_1_1_F_latt", "block_0_1_0_lambda_meters", "lambda_meters"):
        (wrong,) = parse(re.sub(rf"(TRACE_C: {tap}) \S+", r"\1 12345", log.read_text()))
        (found,) = compare_all([wrong], py, 1e-9, dmin=dmin)
        assert found.first_divergence is not None
        assert found.first_divergence["tap"] == tap
    (short,) = parse(re.sub(r"TRACE_C: block_0_1_.*\n", "", log.read_text()))
    (found,) = compare_all([short], py, 1e-9, dmin=dmin)
    assert "block_0_1_1_F_latt" in found.missing_c


def test_a_stand_in_that_names_no_block_is_still_aligned(engine: Path, tmp_path: Path) -> None:  # noqa: F811
    py = of_pytorch(tmp_path)
    for fault, tap in (("", None), ("trace", "block_0_1_1_hkl_frac")):
        program = stand_in(tmp_path / "instrumented", engine, "instrumented", fault)
        (found,) = compare_all(read_any(printed(program, tmp_path / "theirs.log")), py, 1e-9)
        compared = {row.tap for row in found.rows}
        assert {"block_0_0_1_F_latt", "block_0_1_0_F_latt", "block_0_1_1_F_latt"} <= compared
        if tap:
            assert tap in {row.tap for row in found.rows if not row.ok}
        else:
            assert found.ok, found.first_divergence

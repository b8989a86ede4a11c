"""Layers and subpixels of an external trace, found again in ours and named like ours."""

import math
from collections.abc import Sequence
from dataclasses import replace

from evidence.traces.pixel_trace import Entry, PixelTrace
from evidence.traces.taps import split_block

Block = tuple[Entry, ...]
PLACE = "pixel_pos_meters"
OF_A_SOURCE = (
    "incident_vec lambda_meters scattering_vec_m_inv rot_a_angstroms rot_b_angstroms rot_c_angstroms "
    "hkl_frac hkl_rounded F_latt_a F_latt_b F_latt_c F_latt F_cell"
).split()
OTHER_SOURCE = "it shows another source than the first, which lies beyond -dmin there"
NO_BLOCK = "no block of it lies there"
ONCE = "it prints it once, not for each layer and subpixel"
NOT_TRACED = "our trace has the first layer and subpixel alone (--trace-blocks has all)"


def aligned(theirs: PixelTrace, ours: PixelTrace, dmin: bool = False) -> PixelTrace:
    """`theirs` with each block under the prefix of ours at the same layer and subpixel.

    Both print in the order of the loops; where the external program left blocks out, the position tells.
    `dmin`: a resolution limit may hide a block's first source from it. A trace of our own engines leaves no
    tap out and names its blocks: it is compared as it is, and what it lacks is missed.
    """
    prefixes = _prefixes(ours)
    if not theirs.absent or not (theirs.blocks or len(prefixes) > 1 or dmin):
        return theirs
    if len(prefixes) == 1 and theirs.blocks:
        return replace(theirs, blocks=(), absent={**theirs.absent, "further blocks": NOT_TRACED})
    first = tuple(entry for entry in theirs.entries if entry.tap in set(_taps(ours, "")))
    blocks = [first, *theirs.blocks]
    entries = [entry for entry in theirs.entries if entry not in first]
    absent = dict(theirs.absent)
    printed = {entry.tap for block in theirs.blocks for entry in block}
    once = {tap: ONCE for tap in _taps(ours, prefixes[-1]) if tap not in printed}
    found = list(zip(prefixes, blocks, strict=True)) if len(prefixes) == len(blocks) else None
    for prefix, block in found or _by_place(prefixes, blocks, ours):
        entries += [replace(entry, tap=prefix + entry.tap) for entry in block]
        if prefix:
            why = {**once, **theirs.absent}
            absent |= {prefix + tap: why[tap] for tap in _taps(ours, prefix) if tap in why}
        if not block:
            absent |= {prefix + tap: NO_BLOCK for tap in _taps(ours, prefix)}
        elif dmin and _other_source(block, prefix, ours):
            absent |= {prefix + tap: OTHER_SOURCE for tap in OF_A_SOURCE}
    order = {entry.tap: n for n, entry in enumerate(ours.entries)}
    entries.sort(key=lambda entry: order.get(entry.tap, len(order)))
    return replace(theirs, entries=tuple(entries), blocks=(), absent=absent)


def _prefixes(ours: PixelTrace) -> list[str]:
    """The blocks of our trace, in order; the first has no prefix."""
    found = (split_block(entry.tap)[0] for entry in ours.entries if entry.phi_tic is None)
    return list(dict.fromkeys(["", *found]))


def _taps(ours: PixelTrace, prefix: str) -> list[str]:
    """Taps of one block of ours; those of the first are told by any other, or are all."""
    names = [split_block(entry.tap) for entry in ours.entries if entry.phi_tic is None]
    of_block = {tap for own, tap in names if own}
    return [tap for own, tap in names if own == prefix and (own or not of_block or tap in of_block)]


def _value(entries: Sequence[Entry], tap: str) -> tuple[float, ...] | None:
    return next((entry.values for entry in entries if entry.tap == tap and entry.phi_tic is None), None)


def _by_place(prefixes: Sequence[str], blocks: Sequence[Block], ours: PixelTrace) -> list[tuple[str, Block]]:
    """Each of ours with the block nearest to it, each block once; an empty one where none is left."""
    if _value(blocks[0], PLACE) is None:  # a program that does not say where: of the pixel as a whole
        return [(prefix, blocks[0] if n == 0 else ()) for n, prefix in enumerate(prefixes)]
    pairs = sorted(
        (math.dist(here, there), p, b)
        for p, prefix in enumerate(prefixes)
        for b, block in enumerate(blocks)
        if (here := _value(ours.entries, prefix + PLACE)) and (there := _value(block, PLACE))
    )
    taken: dict[int, int] = {}
    for _, p, b in pairs:
        if p not in taken and b not in taken.values():
            taken[p] = b
    return [(prefix, blocks[taken[p]] if p in taken else ()) for p, prefix in enumerate(prefixes)]


def _other_source(block: Block, prefix: str, ours: PixelTrace) -> bool:
    """Whether wavelength or direction are those of another source."""
    for tap in ("lambda_meters", "incident_vec"):
        here, there = _value(ours.entries, prefix + tap), _value(block, tap)
        if here and there and math.dist(here, there) > 1e-9 * math.hypot(*here):
            return True
    return False

"""A failing command line made short: flags first, then numbers, then the region, while the same gate fails.

Flags go by delta debugging (Zeller, Hildebrandt, IEEE Trans. Softw. Eng. 28 (2002) 183).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from evidence.campaigns.expand import Case
from evidence.campaigns.outcome import Picture
from evidence.engines.arguments import Group, flat, grouped, name_of
from evidence.records import Record

Run = Callable[[Case], tuple[Record, Record]]  # as batch.run_case
KEPT = ("-nonoise", "-nopgm")  # quiet outputs: they cost nothing and say nothing
ROUNDS = 6


@dataclass
class Reducer:
    """Asks whether a shorter command line still fails the same gate of one engine."""

    run: Run
    case: Case
    engine: str
    cost: Callable[[Sequence[str]], float] = lambda words: 0.0  # evaluations that a command line asks for
    kind: str = ""
    most: float = 0.0
    tried: int = 0
    seen: dict[tuple[str, ...], bool] = field(default_factory=dict)
    pictures: Record = field(default_factory=dict)

    def start(self) -> bool:
        """Whether the case fails at all; what fails is what must go on failing."""
        row, self.pictures = self.run(self.case)
        cell = row["cells"][self.engine]
        self.kind, self.most = kind_of(cell), self.cost(self.case.arguments)
        return bool(cell["verdict"] == "fail")

    def fails(self, groups: Sequence[Group]) -> bool:
        """Whether these flags fail the same way."""
        words = tuple(flat(groups))
        if words not in self.seen and self.cost(words) > self.most:
            self.seen[words] = False  # a larger detector is not a simpler command line
        if words not in self.seen:
            row, outcomes = self.run(replace(self.case, arguments=words))
            cell = row["cells"][self.engine]
            self.seen[words] = cell["verdict"] == "fail" and kind_of(cell) == self.kind
            self.tried += 1
            if self.seen[words]:
                self.pictures = outcomes
        return self.seen[words]

    def reduce(self) -> list[Group]:
        """The shortest command line found."""
        groups = [group for group in grouped(self.case.arguments) if group[0] not in KEPT]
        quiet: list[Group] = [(flag,) for flag in KEPT]
        groups = _flags(lambda kept: self.fails([*kept, *quiet]), groups)
        for _ in range(ROUNDS):
            before = list(groups)
            groups = self._better(groups, quiet, numbers)
            groups = self._better(groups, quiet, regions)
            groups = _flags(lambda kept: self.fails([*kept, *quiet]), groups)
            if groups == before:
                break
        self.fails([*groups, *quiet])
        return groups

    def _better(
        self, groups: list[Group], quiet: list[Group], offers: Callable[[list[Group]], Iterator[list[Group]]]
    ) -> list[Group]:
        """Take every simpler offer that still fails."""
        progress = True
        while progress:
            progress = False
            for offer in offers(groups):
                if self.fails([*offer, *quiet]):
                    groups, progress = offer, True
                    break
        return groups


def kind_of(cell: Record) -> str:
    """What failed: the first metric outside its limit, else the words of the reason without its numbers."""
    reason = str(cell["reason"])
    first = reason.split(";", maxsplit=1)[0]
    return first.split()[0] if cell["metrics"] else "".join(c for c in first if not c.isdigit())


def _flags(fails: Callable[[list[Group]], bool], groups: list[Group]) -> list[Group]:
    """So few flags that none of them can go alone: chunks are left out, halved when none can go."""
    size = max(len(groups) // 2, 1)
    while groups:
        starts = range(0, len(groups), size)
        shorter = next((rest for n in starts if fails(rest := [*groups[:n], *groups[n + size :]])), None)
        if shorter is not None:
            groups = shorter
            size = min(size, max(len(groups), 1))
        elif size == 1:
            break
        else:
            size = max(size // 2, 1)
    return groups


def numbers(groups: list[Group]) -> Iterator[list[Group]]:
    """Each number in turn made simpler: 0, 1, whole, two digits."""
    for place, group in enumerate(groups):
        for position, word in enumerate(group[1:], start=1):
            for simpler in _simpler(word):
                changed = (*group[:position], simpler, *group[position + 1 :])
                yield [*groups[:place], changed, *groups[place + 1 :]]


def _simpler(word: str) -> list[str]:
    try:
        value = float(word)
    except ValueError:
        return []
    if not np.isfinite(value):
        return []
    offers = ["0", "1", "2", f"{value:.0f}", f"{value:.1g}", f"{value:.2g}"]
    return [offer for offer in dict.fromkeys(offers) if len(offer) < len(word)] or (
        [offer for offer in ("0", "1") if abs(float(offer)) < abs(value)]
    )


def regions(groups: list[Group]) -> Iterator[list[Group]]:
    """Fewer pixels: half the detector, down to one."""
    for place, group in enumerate(groups):
        if name_of(group) in ("-detpixels", "-detpixels_f", "-detpixels_s"):
            for size in (1, int(group[1]) // 4, int(group[1]) // 2, int(group[1]) - 1):
                if 1 <= size < int(group[1]):
                    yield [*groups[:place], (group[0], str(size)), *groups[place + 1 :]]
    if not any(name_of(group).startswith("-detpixels") for group in groups):
        yield [*groups, ("-detpixels", "8")]


def furthest(a: Picture, b: Picture) -> tuple[int, int]:
    """Pixel (slow, fast) where two images differ most."""
    gap = np.abs(a.astype(np.float64) - b.astype(np.float64))
    gap = np.where(np.isfinite(gap), gap, np.inf)
    gap[(a == b) | (np.isnan(a) & np.isnan(b))] = 0.0
    slow, fast = np.unravel_index(int(gap.argmax()), gap.shape)
    return int(slow), int(fast)

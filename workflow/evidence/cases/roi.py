"""A rectangle of pixels, as nanoBragg's -roi has it: the one there is."""

from collections.abc import Sequence
from typing import NamedTuple, Self


class Roi(NamedTuple):
    """First and last pixel along fast (x) and slow (y); both ends belong to it."""

    x0: int
    x1: int
    y0: int
    y1: int

    @classmethod
    def of(cls, slow: Sequence[int], fast: Sequence[int]) -> Self:
        """From (first, last) along each axis."""
        return cls(fast[0], fast[1], slow[0], slow[1])

    @classmethod
    def whole(cls, shape: Sequence[int]) -> Self:
        """All of an image of this shape (slow, fast)."""
        return cls(0, shape[1] - 1, 0, shape[0] - 1)

    @classmethod
    def around(cls, slow: int, fast: int, margin: int) -> Self:
        """A square with `margin` pixels to each side of one."""
        return cls(fast - margin, fast + margin, slow - margin, slow + margin)

    def within(self, shape: Sequence[int]) -> Self:
        """The part of it that lies in an image of this shape (slow, fast)."""
        x1, y1 = min(self.x1, shape[1] - 1), min(self.y1, shape[0] - 1)
        return type(self)(max(self.x0, 0), x1, max(self.y0, 0), y1)

    @property
    def slow(self) -> tuple[int, int]:
        """First and last slow index."""
        return self.y0, self.y1

    @property
    def fast(self) -> tuple[int, int]:
        """First and last fast index."""
        return self.x0, self.x1

    @property
    def shape(self) -> tuple[int, int]:
        """Pixels along slow and fast."""
        return self.y1 - self.y0 + 1, self.x1 - self.x0 + 1

    @property
    def cut(self) -> tuple[slice, slice]:
        """Index of an image (slow, fast) that leaves this part of it."""
        return slice(self.y0, self.y1 + 1), slice(self.x0, self.x1 + 1)

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether it holds a pixel and lies in an image of this shape (slow, fast)."""
        return 0 <= self.x0 <= self.x1 < shape[1] and 0 <= self.y0 <= self.y1 < shape[0]

    def flags(self) -> list[str]:
        """As nanoBragg wants it."""
        return ["-roi", *map(str, self)]

    def pixels(self) -> list[tuple[int, int]]:
        """Every (slow, fast), raster order."""
        return [(slow, fast) for slow in range(self.y0, self.y1 + 1) for fast in range(self.x0, self.x1 + 1)]

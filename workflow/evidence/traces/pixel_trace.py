"""What one engine printed on the way to one pixel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Place = tuple[int | None, str]  # phi step or None, tap


@dataclass(frozen=True)
class Entry:
    """The numbers of one tap; `slack` is half a unit of each one's last printed digit (0 at 17 digits)."""

    tap: str
    values: tuple[float, ...]
    phi_tic: int | None = None
    slack: tuple[float, ...] = ()


@dataclass(frozen=True)
class PixelTrace:
    """What one engine printed of one pixel, in order, the cell's taps first.

    `pixel` is (slow, fast), or None for a fragment without a `trace_pixel` line. `absent`: taps that
    the program cannot print, and why; they are not compared and not missed. `blocks`: of an external
    program that prints one for each layer and subpixel, those after the first, in its order, unnamed.
    """

    pixel: tuple[int, int] | None
    entries: tuple[Entry, ...]
    absent: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[tuple[Entry, ...], ...] = ()

    def places(self) -> dict[Place, Entry]:
        return {(entry.phi_tic, entry.tap): entry for entry in self.entries}

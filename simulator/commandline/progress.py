"""A progress bar on a terminal, silence elsewhere. Twin: reference/commandline/progress.c."""

import sys
from types import TracebackType

WIDTH = 40


class Progress:
    """Counts shares of the work done; draws only on a terminal unless told to (True) or not to (False)."""

    def __init__(self, wanted: bool | None) -> None:
        self.shown = sys.stderr.isatty() if wanted is None else wanted
        self.done, self.drawn = 0.0, -1

    def __call__(self, share: float) -> None:
        """Add a share of the work."""
        self.done += share
        percent = int(100 * min(self.done, 1.0) + 0.5)
        if self.shown and percent != self.drawn:
            filled = percent * WIDTH // 100
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {percent:3d} %")
            sys.stderr.flush()
            self.drawn = percent

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.shown:
            sys.stderr.write("\n")

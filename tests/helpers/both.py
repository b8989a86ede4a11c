"""One command line through both engines, and where they differ."""

import io
import subprocess
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.cli import main
from tests.helpers.engine import fill

SAME_SHARE, WORST = 0.999, 1e-6  # of the pixels; of the image's maximum
SMV_HEADER = 512
THEIR_OWN = {"Fdump.bin", "image.pgm", "intimage.img"}  # besides the float and the noise image


@dataclass(frozen=True)
class Done:
    """What one engine did."""

    status: int
    out: str
    err: str
    folder: Path

    def file(self, name: str) -> bytes | None:
        """A file's bytes, None if it was not written."""
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def quirks(self) -> list[str]:
        """The lines that name quirks."""
        return [line for line in self.out.splitlines() if line.startswith("quirks that ")]


@dataclass(frozen=True)
class Both:
    """The C engine's run and the PyTorch engine's."""

    c: Done
    py: Done


def run_both(
    engine: Path,
    words: list[str],
    folder: Path,
    timeout: float = 60.0,
    files: Mapping[str, bytes] | None = None,
    mode: int = 0o644,
) -> Both:
    """Run both, one thread each, in fresh folders below this one, with these files (of this mode) beside."""
    homes = [folder / name for name in ("c", "py")]
    for home in homes:
        home.mkdir(parents=True)
        fill(home)
        for name, content in (files or {}).items():
            (home / name).write_bytes(content)
            (home / name).chmod(mode)
    words = [*words, "--threads", "1"]
    done = subprocess.run(
        [str(engine), *words], cwd=homes[0], capture_output=True, text=True, timeout=timeout, check=False
    )
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(words, homes[1])
    return Both(
        Done(done.returncode, done.stdout, done.stderr, homes[0]),
        Done(status, out.getvalue(), err.getvalue(), homes[1]),
    )


def differences(both: Both) -> list[str]:
    """Everything in which the engines differ and should not; empty if they agree."""
    c, py = both.c, both.py
    found = []
    if c.status != py.status:
        found.append(f"exit status {c.status} and {py.status}")
    if c.err != py.err:
        found.append(f"stderr {c.err!r} and {py.err!r}")
    if c.quirks() != py.quirks():
        found.append(f"quirks {c.quirks()} and {py.quirks()}")
    written = [sorted(path.name for path in done.folder.iterdir()) for done in (c, py)]
    if written[0] != written[1]:
        found.append(f"files {written[0]} and {written[1]}")
    elif not found and c.status == 0:
        found += _images(c, py)
    return found


def _images(c: Done, py: Done) -> list[str]:
    images = [np.frombuffer(done.file("floatimage.bin") or b"", "<f4") for done in (c, py)]
    if images[0].shape != images[1].shape or not images[0].size:
        return [f"float images of {images[0].size} and {images[1].size} pixels"]
    if images[0].tobytes() == images[1].tobytes():
        return [f"{name} differs" for name in sorted(THEIR_OWN) if c.file(name) != py.file(name)]
    heads = [(done.file("intimage.img") or b"")[:SMV_HEADER] for done in (c, py)]
    return _floats(images[0], images[1]) + (["intimage.img: header"] if heads[0] != heads[1] else [])


def _floats(a: np.ndarray, b: np.ndarray) -> list[str]:
    """Non-finite pixels must be the same; of the rest nearly all, or none far off."""
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(b[finite]).all():
        return [f"non-finite pixels: {(~finite).sum()} and {(~np.isfinite(b)).sum()}"]
    if not finite.any():
        return []
    a, b = a[finite].astype(np.float64), b[finite].astype(np.float64)
    share, worst = float((a == b).mean()), float(np.abs(a - b).max())
    if share >= SAME_SHARE or worst <= WORST * float(np.abs(a).max()):
        return []
    return [f"{share:.4f} of the pixels identical, worst {worst:g} of {np.abs(a).max():g}"]

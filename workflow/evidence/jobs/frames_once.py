"""The full frames of a bundle, kept once: C's whole, the others by their difference from it."""

from pathlib import Path

from evidence.images import packed_frame


def pack(bundle: Path) -> None:
    """After all that reads them has run; asked again, nothing is left to do."""
    frames = bundle / "phase_o"
    for folder in sorted(path.parent for path in frames.glob("*/run.json") if path.parent.name != "c"):
        print(packed_frame.pack(folder, frames / "c"), flush=True)

"""Command lines that nanoBragg itself rendered, each run once through both engines for all tests here."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.helpers.both import Both, Done, run_both
from tests.helpers.places import GOLDEN
from tests.reference.conftest import engine  # noqa: F401  a fixture

Pixels = npt.NDArray[np.float32]
EDGES: dict[str, str] = json.loads((GOLDEN / "edges.json").read_text())
RANDOM: dict[str, str] = json.loads((GOLDEN / "random.json").read_text())
SETS: dict[str, dict[str, str]] = {"edges": EDGES, "random": RANDOM}
SIDES = ("c", "py")
KEPT = ("floatimage.bin", "intimage.img", "image.pgm")


@dataclass(frozen=True)
class Rendered:
    """What one engine made of a command line; a file it did not write is absent."""

    status: int
    err: str
    files: Mapping[str, bytes]

    def pixels(self) -> Pixels:
        """The float image, flat."""
        return np.frombuffer(self.files.get("floatimage.bin", b""), "<f4")


def keep(done: Done) -> Rendered:
    """The files of a run, before its folder goes."""
    files = {name: content for name in KEPT if (content := done.file(name)) is not None}
    return Rendered(done.status, done.err.strip(), files)


@pytest.fixture(scope="session")
def rendered(engine: Path) -> dict[str, dict[str, Rendered]]:  # noqa: F811
    """By side and case."""
    threads = torch.get_num_threads()
    made: dict[str, dict[str, Rendered]] = {side: {} for side in SIDES}
    for name, arguments in (EDGES | RANDOM).items():
        with tempfile.TemporaryDirectory() as folder:
            both: Both = run_both(engine, [*arguments.split(), "-nonoise"], Path(folder))
            made["c"][name], made["py"][name] = keep(both.c), keep(both.py)
    torch.set_num_threads(threads)
    return made


@pytest.fixture(scope="session")
def truth() -> dict[str, Pixels]:
    """nanoBragg's own images by case, flat."""
    images: dict[str, Pixels] = {}
    for cases in SETS:
        with np.load(GOLDEN / f"{cases}.npz") as stored:
            images |= {name: stored[name].ravel() for name in stored.files}
    return images

"""Integer images and PGM files of 200 random command lines, byte for byte. Oracle: random_outputs.npz."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.places import GOLDEN
from tests.truth.conftest import SIDES, Rendered

SMV_HEADER = 512
with np.load(GOLDEN / "random_outputs.npz") as _stored:
    OUTPUTS: dict[str, npt.NDArray[np.generic]] = {key: _stored[key] for key in _stored.files}
NAMES = sorted(key.removesuffix("_int") for key in OUTPUTS if key.endswith("_int"))


def test_every_case_is_here() -> None:
    """Two files a case."""
    assert len(NAMES) == 200
    assert len(OUTPUTS) == 400


def counts(done: Rendered) -> bytes:
    """The pixels behind the header."""
    return done.files.get("intimage.img", b"")[SMV_HEADER:]


def greys(done: Rendered) -> bytes:
    """The whole file."""
    return done.files.get("image.pgm", b"")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("kind", "read"), [("int", counts), ("pgm", greys)])
def test_every_byte(kind: str, read, side: str, rendered: dict[str, dict[str, Rendered]]) -> None:
    """All files of a kind."""
    found = [
        name
        for name in NAMES
        if read(rendered[side][name])
        != OUTPUTS[f"{name}_{kind}"].astype("<u2" if kind == "int" else "u1").tobytes()
    ]
    assert not found, f"{len(found)} of {len(NAMES)} files differ: {' '.join(found)}"

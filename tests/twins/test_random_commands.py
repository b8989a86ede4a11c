"""Random experiments through both engines: the same images, files, messages and exit status."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.helpers.both import Both, Done, differences, run_both
from tests.helpers.strategies import commands

DRAWS = 500  # python -m tests.helpers.strategies --n 5000 for more


def test_engines_agree(engine: Path) -> None:
    """Whatever the experiment; a failure prints the shortest command line that shows it."""
    lit = []

    @seed(20261121)
    @settings(max_examples=DRAWS, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(command=commands())
    def agree(command: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            both = run_both(engine, command.split(), Path(folder))
            assert differences(both) == [], command
            lit.append(any(both.c.file("floatimage.bin") or b""))

    agree()
    assert sum(lit) > DRAWS / 2  # most draws are images with photons on them


def done(folder: Path, image: list[float], err: str = "", status: int = 0) -> Done:
    """A run that left this image."""
    folder.mkdir(exist_ok=True)
    (folder / "floatimage.bin").write_bytes(np.array(image, dtype="<f4").tobytes())
    (folder / "intimage.img").write_bytes(b"header")
    return Done(status, "", err, folder)


FINE = [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("image", "err", "status", "named"),
    [
        ([1.0, 2.0, 3.001], "", 0, "identical"),
        ([1.0, 2.0, float("nan")], "", 0, "non-finite"),
        ([1.0, 2.0, float("inf")], "", 0, "non-finite"),
        ([1.0, 2.0], "", 0, "pixels"),
        ([], "", 0, "pixels"),
        (FINE, "warning", 0, "stderr"),
        (FINE, "", 2, "exit status"),
    ],
)
def test_comparison_can_fail(image: list[float], err: str, status: int, named: str, tmp_path: Path) -> None:
    """Each kind of difference is seen, on either side."""
    fine, other = done(tmp_path / "a", FINE), done(tmp_path / "b", image, err, status)
    assert differences(Both(fine, fine)) == []
    for both in (Both(fine, other), Both(other, fine)):
        assert any(named in text for text in differences(both))

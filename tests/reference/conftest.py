"""The C engine, compiled for the tests, in a folder of golden inputs."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.engine import Run, compile_engine, fill
from tests.helpers.places import GOLDEN


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine as the workflow builds it, with OpenMP."""
    return compile_engine(tmp_path_factory.mktemp("engine"), "-fopenmp")


@pytest.fixture
def run(engine: Path, tmp_path: Path) -> Run:
    """`run(arguments)` in a fresh folder with the golden inputs, one thread unless told otherwise."""
    fill(tmp_path)

    def start(arguments: str | list[str], check: bool = True) -> subprocess.CompletedProcess[str]:
        words = arguments.split() if isinstance(arguments, str) else arguments
        done = subprocess.run(
            [str(engine), *words], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return start


@pytest.fixture(scope="session")
def golden_images() -> dict[str, npt.NDArray[np.float32]]:
    """Golden images by case."""
    with np.load(GOLDEN / "images.npz") as stored:
        return {name: stored[name] for name in stored.files}

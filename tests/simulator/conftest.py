"""Golden images for the PyTorch engine."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.places import GOLDEN


@pytest.fixture(scope="session")
def golden_images() -> dict[str, npt.NDArray[np.float32]]:
    """Golden images by case."""
    with np.load(GOLDEN / "images.npz") as stored:
        return {name: stored[name] for name in stored.files}

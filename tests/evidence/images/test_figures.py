"""Figures: drawn for any comparison, without a warning, the same bytes for the same images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from evidence.images.figures import _pool, draw_all
from evidence.images.metrics import compare_images

A = np.random.default_rng(3).random((50, 70)).astype(np.float32) ** 9 * 1e4


def draw(a: np.ndarray, b: np.ndarray, folder: Path) -> list[Path]:
    return draw_all(a, b, compare_images(a, b, (5, 64, 0, 49)), folder, names=("C", "PyTorch"), title="title")


def test_all_are_drawn_small_and_the_same_each_time(tmp_path: Path) -> None:
    b = A * np.float32(1.0001)
    paths = draw(A, b, tmp_path)
    assert [path.name for path in paths if path.suffix == ".svg"] == ["histogram.svg", "profile.svg"]
    for path in paths:
        assert 1000 < path.stat().st_size < 400_000
        if path.suffix == ".png":
            with Picture.open(path) as picture:
                assert np.asarray(picture.convert("L")).std() > 5
    for one, two in zip(paths, draw(A, b, tmp_path / "again"), strict=True):
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("b", [-A, np.where(A > 5, np.inf, np.nan)])
def test_hopeless_images_are_drawn_too(b: np.ndarray, tmp_path: Path) -> None:
    assert len(draw(b, A, tmp_path)) == 6


def test_pooling_loses_no_extreme() -> None:
    image = np.zeros((7, 9))
    image[6, 8], image[0, 1], image[3, 3] = 5.0, -3.0, np.nan
    pooled = _pool(image, 4)
    np.testing.assert_array_equal(pooled, [[-3, 0, 0], [0, 0, 5]])

"""Where images differ: every pixel is counted once, the worst is named, a shell sees its own pixels only."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evidence.images import difference_tables
from evidence.images.float32_steps import signed_steps

Frame = NDArray[np.float32]


@pytest.fixture
def image() -> Frame:
    return np.exp(np.random.default_rng(3).normal(0, 2, (40, 50))).astype(np.float32)


def up(image: Frame, steps: int, *at: int) -> Frame:
    """The pixel that many float32 numbers higher."""
    changed = image.copy()
    changed[at] = (changed[at].view(np.int32) + np.int32(steps)).view(np.float32)
    return changed


def test_equal_images_are_all_zero_steps_apart_and_have_no_worst_pixel(image: Frame) -> None:
    assert difference_tables.step_rows(image, image) == [{"steps_from": 0, "steps_to": 0, "pixels": 2000}]
    assert difference_tables.worst_rows(image, image) == []


@pytest.mark.parametrize(("steps", "low", "high"), [(1, 1, 1), (2, 2, 3), (3, 2, 3), (900, 512, 1023)])
def test_a_pixel_falls_in_the_bin_of_its_steps(image: Frame, steps: int, low: int, high: int) -> None:
    rows = difference_tables.step_rows(image, up(image, steps, 7, 9))
    assert sum(row["pixels"] for row in rows) == 2000
    assert rows[0]["pixels"] == 1999
    assert rows[-1] == {"steps_from": low, "steps_to": high, "pixels": 1}


def test_steps_have_the_sign_of_the_difference(image: Frame) -> None:
    assert signed_steps(image, up(image, 5, 7, 9))[7, 9] == 5
    assert signed_steps(up(image, 5, 7, 9), image)[7, 9] == -5
    zero = np.zeros((1, 1), np.float32)
    assert signed_steps(-zero, zero)[0, 0] == 0


def test_the_worst_pixels_are_named_with_both_values(image: Frame) -> None:
    bright = tuple(int(n) for n in np.unravel_index(int(image.argmax()), image.shape))
    faint = tuple(int(n) for n in np.unravel_index(int(image.argmin()), image.shape))
    other = up(up(image, 3, *bright), 5000, *faint)
    rows = difference_tables.worst_rows(image, other)
    assert [row["kind"] for row in rows] == ["photons"] * 2 + ["float32 steps"] * 2
    photons, steps = rows[0], rows[2]
    largest = max((bright, faint), key=lambda at: abs(float(other[at]) - float(image[at])))
    assert (photons["slow"], photons["fast"]) == largest
    assert photons["abs"] == abs(float(other[largest]) - float(image[largest]))
    assert (steps["slow"], steps["fast"], steps["ulp"]) == (*faint, 5000)
    assert (steps["c"], steps["py"]) == (float(image[faint]), float(other[faint]))


def test_what_is_not_finite_is_named_first_and_counted_nowhere_else(image: Frame) -> None:
    other = image.copy()
    other[4, 6] = np.nan
    rows = difference_tables.worst_rows(image, other)
    assert [(row["kind"], row["slow"], row["fast"], row["py"]) for row in rows] == [
        ("not finite", 4, 6, None)
    ]
    assert sum(row["pixels"] for row in difference_tables.step_rows(image, other)) == 1999


def test_a_shell_sees_its_own_pixels_only(image: Frame) -> None:
    spacing = np.broadcast_to(10.0 - np.arange(50) * 0.15, image.shape)
    other = image.copy()
    other[:, 45:] *= np.float32(1.01)  # the ten per cent of highest resolution
    rows = difference_tables.shell_rows(image, other, spacing)
    assert [row["pixels"] for row in rows] == [200] * 10
    assert [row["r"] == 0 for row in rows] == [True] * 9 + [False]
    assert rows[-1]["r"] == pytest.approx(0.01, rel=1e-5)
    assert rows[-1]["sum_ratio"] == pytest.approx(1.01, rel=1e-5)
    assert rows[-1]["d_min"] == pytest.approx(10 - 49 * 0.15)
    assert all(row["d_max"] > row["d_min"] for row in rows)


def test_a_shell_without_light_says_so(image: Frame) -> None:
    spacing = np.broadcast_to(10.0 - np.arange(50) * 0.15, image.shape)
    dark = np.zeros_like(image)
    assert {row["r"] for row in difference_tables.shell_rows(dark, image, spacing)} == {None}
    assert difference_tables.shell_rows(np.full_like(image, np.nan), image, spacing) == []

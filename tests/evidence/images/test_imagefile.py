"""Reading images: every format gives the pixels that were written; every other file one clear complaint."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import InputError
from evidence.images.imagefile import read_image, resample, smv_shape
from tests.helpers.places import GOLDEN

IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4) / 7


def test_raw_is_slow_major(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    IMAGE.tofile(path)
    np.testing.assert_array_equal(read_image(path, (3, 4)), IMAGE)


def test_numpy_files(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", IMAGE.astype(np.float64))
    np.savez(tmp_path / "a.npz", any_name=IMAGE)
    np.testing.assert_array_equal(read_image(tmp_path / "a.npy"), IMAGE)
    np.testing.assert_array_equal(read_image(tmp_path / "a.npz", (3, 4)), IMAGE)


def test_smv_holds_the_pixels_behind_its_header() -> None:
    path = GOLDEN / "mask.img"
    image = read_image(path)
    pixels = np.frombuffer(path.read_bytes()[512:], dtype="<u2").reshape(image.shape)
    np.testing.assert_array_equal(image, pixels)
    assert smv_shape(path) == image.shape == (44, 52)


def smv(width: int, height: int, pixels: bytes) -> bytes:
    keys = f"DIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1={width};\nSIZE2={height};\n"
    text = f"{{\nHEADER_BYTES=512;\n{keys}}}"
    return text.encode().ljust(512) + pixels


def test_smv_cut_short_is_no_dim_image(tmp_path: Path) -> None:
    path = tmp_path / "short.img"
    path.write_bytes(smv(4, 3, bytes(2 * 11)))
    with pytest.raises(InputError, match=r"short\.img: expected"):
        read_image(path)


@pytest.mark.parametrize(
    ("content", "shape", "message"),
    [
        (b"\0" * 48, None, "expected a shape"),
        (b"\0" * 47, (3, 4), "expected 48 bytes for 3 x 4 float32 pixels, got 47"),
        (b"\0" * 48, (4, 4), "expected 64 bytes"),
        (b"", (0, 0), "expected 0 bytes for 0 x 0"),
        (b"\x93NUMPY\x01\x00broken", None, "whole .npy"),
        (b"PK\x03\x04broken", None, "whole .npz"),
        (b"{\nHEADER_BYTES=512;\n}", None, "SIZE1"),
    ],
)
def test_one_clear_complaint(
    tmp_path: Path, content: bytes, shape: tuple[int, int] | None, message: str
) -> None:
    path = tmp_path / "image"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_image(path, shape)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_image(tmp_path / "none.bin", (3, 4))
    with pytest.raises(InputError, match="Is a directory"):
        read_image(tmp_path, (3, 4))


def test_arrays_that_are_no_image(tmp_path: Path) -> None:
    for name, array in {"cube": np.zeros((2, 2, 2)), "complex": np.zeros((2, 2), complex)}.items():
        np.save(tmp_path / f"{name}.npy", array)
        with pytest.raises(InputError):
            read_image(tmp_path / f"{name}.npy")
    np.savez(tmp_path / "two.npz", a=IMAGE, b=IMAGE)
    with pytest.raises(InputError, match="one array"):
        read_image(tmp_path / "two.npz")


def test_shape_slip_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", IMAGE)
    with pytest.raises(InputError, match=r"expected an image of 4 x 3, got 3 x 4"):
        read_image(tmp_path / "a.npy", (4, 3))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**31))
def test_resampling_keeps_the_photons(s: int, f: int, slow: int, fast: int, seed: int) -> None:
    image = np.random.default_rng(seed).random((s, f))
    spread = resample(image, (slow, fast))
    assert spread.shape == (slow, fast)
    assert spread.min() >= 0
    np.testing.assert_allclose(spread.sum(), image.sum(), rtol=1e-12)


def test_resampling_to_twice_and_back() -> None:
    double = resample(IMAGE, (6, 8))
    np.testing.assert_allclose(double, np.kron(IMAGE, np.full((2, 2), 0.25)), rtol=1e-12)
    np.testing.assert_allclose(resample(double, (3, 4)), IMAGE, rtol=1e-12)

"""A frame kept by its difference comes back bit for bit, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from evidence.errors import InputError
from evidence.images import packed_frame
from evidence.store.hashes import file_hash

HEADER = (
    "{{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1={};\nSIZE2={};\n}}"
)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """c and py_float64 beside each other; they differ in a bit, in a NaN's pattern, in a sign of zero."""
    c = np.exp(np.random.default_rng(5).normal(0, 3, (60, 70))).astype("<f4")
    c[0, :2] = [0.0, np.nan]
    py = c.copy()
    py[3, 4] = np.nextafter(py[3, 4], np.float32(np.inf))
    py[0, 0] = -0.0
    py.view("<u4")[0, 1] ^= 1
    for name, image in (("c", c), ("py_float64", py)):
        (tmp_path / name).mkdir()
        image.tofile(tmp_path / name / "floatimage.bin")
        head = HEADER.format(image.shape[1], image.shape[0]).ljust(512).encode()
        (tmp_path / name / "intimage.img").write_bytes(head + bytes(2 * image.size))
    return tmp_path


def test_it_comes_back_bit_for_bit(frames: Path) -> None:
    folder = frames / "py_float64"
    before = (folder / "floatimage.bin").read_bytes()
    digest = file_hash(folder / "intimage.img")
    assert not packed_frame.packed(folder)
    packed_frame.pack(folder, frames / "c")
    assert sorted(path.name for path in folder.iterdir()) == ["frame.json", "frame.npz"]
    assert packed_frame.packed(folder)
    assert packed_frame.frame(folder).tobytes() == before
    assert digest in (folder / "frame.json").read_text(encoding="utf-8")
    assert (folder / "frame.npz").stat().st_size < len(before) / 10


def test_asked_again_it_stays(frames: Path) -> None:
    folder = frames / "py_float64"
    packed_frame.pack(folder, frames / "c")
    kept = (folder / "frame.npz").read_bytes()
    assert packed_frame.pack(folder, frames / "c") == "py_float64: no whole frame"
    assert (folder / "frame.npz").read_bytes() == kept


def test_a_frame_of_another_shape_stays_whole(frames: Path) -> None:
    folder = frames / "py_float64"
    (frames / "c" / "floatimage.bin").write_bytes(b"\0" * 40)
    assert "stays as it is" in packed_frame.pack(folder, frames / "c")
    assert (folder / "floatimage.bin").is_file()


def test_a_new_whole_frame_wins_over_an_old_difference(frames: Path) -> None:
    folder = frames / "py_float64"
    whole = (folder / "floatimage.bin").read_bytes()
    packed_frame.pack(folder, frames / "c")
    (folder / "floatimage.bin").write_bytes(whole)
    assert not packed_frame.packed(folder)


@pytest.mark.parametrize("name", ["frame.npz", "frame.json", "../c/floatimage.bin"])
def test_a_missing_or_damaged_part_is_refused(frames: Path, name: str) -> None:
    folder = frames / "py_float64"
    packed_frame.pack(folder, frames / "c")
    path = folder / name
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(InputError):
        packed_frame.frame(folder)
    path.unlink()
    with pytest.raises(InputError):
        packed_frame.frame(folder)

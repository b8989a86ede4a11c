"""A frame shrunk to its region: only where nothing else is in it, and found again whole."""

import json
from pathlib import Path

import numpy as np
import pytest

from evidence.errors import InputError
from evidence.images import roi_image
from evidence.store.hashes import file_hash

ROI = (2, 4, 1, 5)  # x0, x1, y0, y1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of 8 x 6 pixels (slow, fast) of which ROI was rendered."""
    frame = np.zeros((8, 6), "<f4")
    frame[1:6, 2:5] = np.arange(15, dtype="<f4").reshape(5, 3)
    frame.tofile(tmp_path / roi_image.FLOAT_IMAGE)
    header = b"{\nHEADER_BYTES=512;\nSIZE1=6;\nSIZE2=8;\n}".ljust(512)
    (tmp_path / roi_image.INTEGER_IMAGE).write_bytes(header + bytes(96))
    return tmp_path


def test_the_region_stands_for_the_frame(folder: Path) -> None:
    whole = np.fromfile(folder / roi_image.FLOAT_IMAGE, "<f4").reshape(8, 6)
    digest = file_hash(folder / roi_image.FLOAT_IMAGE)
    assert roi_image.keep(folder, ROI) == "region kept: 3 x 5 of 6 x 8 pixels"
    assert sorted(path.name for path in folder.iterdir()) == [roi_image.RECORD, roi_image.PIXELS]
    again = roi_image.frame(folder)
    assert again is not None
    assert again.dtype == whole.dtype
    assert np.array_equal(again, whole)
    assert json.loads((folder / roi_image.RECORD).read_text())["sha256"][roi_image.FLOAT_IMAGE] == digest


@pytest.mark.parametrize("value", [1e-30, -1.0, float("nan")])
def test_nothing_outside_is_lost(folder: Path, value: float) -> None:
    frame = np.fromfile(folder / roi_image.FLOAT_IMAGE, "<f4").reshape(8, 6)
    frame[0, 0] = value
    frame.tofile(folder / roi_image.FLOAT_IMAGE)
    assert "something outside" in roi_image.keep(folder, ROI)
    assert (folder / roi_image.FLOAT_IMAGE).is_file()
    assert roi_image.frame(folder) is None


def test_a_region_beyond_the_frame_or_a_frame_cut_short_stays(folder: Path) -> None:
    assert "stays" in roi_image.keep(folder, (2, 6, 1, 5))
    (folder / roi_image.FLOAT_IMAGE).write_bytes(b"1234")
    assert "stays" in roi_image.keep(folder, ROI)
    assert not (folder / roi_image.PIXELS).exists()


@pytest.mark.parametrize("text", ["", "{}", '{"shape": [8, 6], "roi": [1, 2]}'])
def test_a_damaged_record_is_named(folder: Path, text: str) -> None:
    roi_image.keep(folder, ROI)
    (folder / roi_image.RECORD).write_text(text)
    with pytest.raises(InputError, match=r"region\.json"):
        roi_image.frame(folder)


def test_lost_pixels_are_named(folder: Path) -> None:
    roi_image.keep(folder, ROI)
    (folder / roi_image.PIXELS).unlink()
    with pytest.raises(InputError, match=r"region\.npy"):
        roi_image.frame(folder)


def test_by_hand(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In a copy of a sealed bundle too; the same bytes as the workflow writes."""
    (folder / "SEALED").write_text("", encoding="utf-8")
    monkeypatch.chdir(folder)
    assert roi_image.main(["2", "4", "1", "5"]) == 0
    assert "region kept" in capsys.readouterr().out
    assert roi_image.main(["2", "4", "1"]) == 2
    assert "expected x0 x1 y0 y1" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "keys"), [([], set()), (["--schema", "2"], {"kind"})])
def test_bundles_of_before_get_the_record_of_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], keys: set[str]
) -> None:
    """They run `python -m evidence.region x0 x1 y0 y1`, and the bytes of region.json are sealed."""
    monkeypatch.chdir(folder)
    assert roi_image.main([*words, *map(str, ROI)]) == 0
    record = json.loads((folder / "region.json").read_text(encoding="utf-8"))
    assert set(record) == {"schema", "shape", "roi", "outside", "sha256"} | keys
    assert record["schema"] == (2 if keys else 1)

"""The images that a report shows: the frames of phase O, the region, the spots and the traced pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from evidence.cases.roi import Roi
from evidence.engines.outputs import program_of
from evidence.images import packed_frame, roi_image
from evidence.images.imagefile import read_image
from evidence.records import Record
from evidence.report.facts import Entry, Facts
from evidence.report.viewer import Image

LABELS = {"c": "C", "py_float64": "PyTorch float64", "py_float32": "PyTorch float32"}
CLOSE_UPS = 20  # the brightest spots


@dataclass(frozen=True)
class Frames:
    """Images (slow, fast) under their titles, C first, and what to point at; pixels are (slow, fast)."""

    images: dict[str, Image]
    roi: Roi
    spots: list[Record]
    traced: list[tuple[int, int]]

    @property
    def points(self) -> list[tuple[int, int]]:
        return [tuple(spot["pixel"]) for spot in self.spots] + self.traced

    @property
    def in_roi(self) -> dict[str, Image]:
        return {name: image[self.roi.cut] for name, image in self.images.items()}


def gather(facts: Facts) -> Frames | None:
    """The full frames, else those of the region alone, or None if there are no two images to compare."""
    headline = facts.headline
    if headline is None:
        return None
    shape = (int(headline.data["shape"][0]), int(headline.data["shape"][1]))
    for phase in ("phase_o", "phase_n"):
        read = {title: _image(facts, folder, shape) for folder, title in _folders(facts, phase)}
        images = {title: image for title, image in read.items() if image is not None}
        if LABELS["c"] in images and len(images) > 1:
            return Frames(images, _roi(facts, shape), _spots(headline, shape), _traced(facts))
    return None


def _folders(facts: Facts, phase: str) -> Iterator[tuple[str, str]]:
    """Folder and title of each run of a phase: ours first, then other nanoBraggs, by what kind they are."""
    yield from ((f"{phase}/{label}", title) for label, title in LABELS.items())
    seen: list[str] = []
    for run in facts.runs:
        folder, _, label = run.file.removesuffix("/run.json").rpartition("/")
        kind = str(program_of(run.data))
        if folder == phase and label not in LABELS and kind != "ours":
            seen.append(kind)
            again = f", {seen.count(kind)}" if seen.count(kind) > 1 else ""
            yield f"{phase}/{label}", f"nanoBragg ({kind}{again})"


def _image(facts: Facts, folder: str, shape: tuple[int, int]) -> Image | None:
    """The float image of a run that went well; what a failed run left behind is not shown."""
    if not any(run.file == f"{folder}/run.json" and run.data["status"] == "ok" for run in facts.runs):
        return None
    path = facts.bundle / folder / roi_image.FLOAT_IMAGE
    if packed_frame.packed(path.parent):
        image: Image | None = packed_frame.frame(path.parent)
    elif path.is_file() and path.stat().st_size == 4 * shape[0] * shape[1]:
        image = read_image(path, shape)
    else:
        image = roi_image.frame(path.parent)
    return image.astype("<f4", copy=False) if image is not None and image.shape == shape else None


def case_of(bundle: Path) -> Record:
    """inputs/case.yaml of the bundle."""
    return dict(yaml.safe_load((bundle / "inputs" / "case.yaml").read_text(encoding="utf-8")))


def _roi(facts: Facts, shape: tuple[int, int]) -> Roi:
    roi = case_of(facts.bundle)["roi"]
    return Roi.of(roi["slow"], roi["fast"]).within(shape)


def _traced(facts: Facts) -> list[tuple[int, int]]:
    return [(int(slow), int(fast)) for slow, fast in case_of(facts.bundle)["trace_pixels"]]


def _spots(headline: Entry, shape: tuple[int, int]) -> list[Record]:
    """The brightest pairs of peaks, each with the pixel in its middle."""
    pairs: list[Record] = headline.data["peaks"]["pairs"]
    brightest = sorted(pairs, key=lambda pair: -float(pair["intensity_a"]))[:CLOSE_UPS]
    return [{**pair, "pixel": _nearest(pair["a"], shape)} for pair in brightest]


def _nearest(position: list[object], shape: tuple[int, int]) -> tuple[int, int]:
    slow, fast = np.rint(np.asarray(position, dtype=np.float64)).astype(int)
    return int(np.clip(slow, 0, shape[0] - 1)), int(np.clip(fast, 0, shape[1] - 1))

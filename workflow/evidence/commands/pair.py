"""Run both engines on one command line, each in a folder of its own."""

from dataclasses import dataclass
from pathlib import Path

from evidence.cases.roi import Roi
from evidence.engines.arguments import WRITES, input_files, last_values, without
from evidence.engines.found import find_c_engine
from evidence.engines.programs import Engine, RunRecord, py_engine, run
from evidence.errors import InputError
from evidence.images.imagefile import smv_shape
from evidence.records import Record

FLOAT, INTEGER = "floatimage.bin", "intimage.img"


@dataclass(frozen=True)
class Pair:
    """The two float images, their shape (slow, fast) and the region that was rendered."""

    images: tuple[Path, Path]
    shape: tuple[int, int]
    roi: Roi | None
    records: Record


def run_pair(arguments: list[str], folder: Path, threads: int = 1, timeout_s: float | None = None) -> Pair:
    """Images of both engines; a InputError if either has none to show."""
    inputs = input_files(arguments)
    words = without(arguments, WRITES | {"-nonoise", "-nopgm"})
    words += ["-floatfile", FLOAT, "-intfile", INTEGER, "-nonoise", "-nopgm"]
    records: dict[str, RunRecord] = {}
    for name, engine in engines().items():
        record = run(engine, words, folder / name, name, inputs, threads, timeout_s)
        if not record.ok:
            raise InputError(f"{name} engine", "an image", f"{record.status}: {record.reason}")
        records[name] = record
    shape = smv_shape(folder / "c" / INTEGER)
    paths = (folder / "c" / FLOAT, folder / "py" / FLOAT)
    return Pair(paths, shape, region(arguments), {name: r.to_dict() for name, r in records.items()})


def engines() -> dict[str, Engine]:
    """The C engine, found and probed, and the PyTorch engine."""
    return {"c": find_c_engine(), "py": py_engine()}


def region(arguments: list[str]) -> Roi | None:
    """The -roi of a command line: outside it both images are empty, which is no agreement to count."""
    values = last_values(arguments, "-roi")
    if values is None or len(values) != 4:
        return None
    try:
        return Roi(*map(int, values))
    except ValueError:
        return None

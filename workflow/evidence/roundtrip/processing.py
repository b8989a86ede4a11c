"""DIALS on a sweep: import, spots, index, refine, integrate; each step's words are kept."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

INSTALL = "apt-get install --no-install-recommends dials bitshuffle"
PYTHONS = ("dials.python", "/usr/bin/python3")  # the first that is there; Debian's DIALS has no own one
LAST_LINES = 5


@dataclass(frozen=True)
class Step:
    """One DIALS program, what it reads and writes besides its options."""

    program: str
    arguments: tuple[str, ...]
    stem: str | None = None  # of the .expt and .refl it writes


STEPS = (
    Step("dials.find_spots", ("imported.expt", "output.reflections=strong.refl")),
    Step("dials.index", ("imported.expt", "strong.refl"), "indexed"),
    Step("dials.refine", ("indexed.expt", "indexed.refl", "scan_varying=False"), "refined"),
    Step("dials.integrate", ("refined.expt", "refined.refl"), "integrated"),
)
PROGRAMS = ("dials.import", *(step.program for step in STEPS))


def present() -> bool:
    """Whether DIALS is installed here."""
    return shutil.which("dials.import") is not None


def importing(images: list[str], output: str) -> Step:
    """dials.import of images, or of a template with a reference geometry."""
    return Step("dials.import", (*images, f"output.experiments={output}"))


def run(step: Step, folder: Path, threads: int, *more: str) -> None:
    """One step in a folder; raises RuntimeError with its last lines where it fails."""
    extra = () if step.program == "dials.import" else (f"nproc={threads}",)
    written: tuple[str, ...] = ()
    if step.stem is not None:
        written = (f"output.experiments={step.stem}.expt", f"output.reflections={step.stem}.refl")
    log = folder / f"{step.program}.txt"
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "HDF5_USE_FILE_LOCKING": "FALSE"}
    with log.open("w", encoding="utf-8") as words:
        done = subprocess.run(
            [step.program, *step.arguments, *written, *extra, *more],
            cwd=folder,
            stdout=words,
            stderr=subprocess.STDOUT,
            env=environment,
            check=False,
        )
    if done.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-LAST_LINES:]
        raise RuntimeError(f"{step.program}: " + " | ".join(last))


def process(images: list[str], folder: Path, threads: int, dmin: float) -> None:
    """Everything from images (what dials.import is given; none: imported.expt is there) to intensities."""
    if images:
        run(importing(images, "imported.expt"), folder, threads)
    for step in STEPS:
        limit = (f"prediction.d_min={dmin:g}",) if step.stem == "integrated" else ()
        run(step, folder, threads, *limit)


def recovered(script: Path, folder: Path, truth: Path, hkl: Path) -> str:
    """What `recovered.py` says (JSON) of a processed folder, under DIALS's own Python."""
    python = next(filter(None, map(shutil.which, PYTHONS)), PYTHONS[-1])
    done = subprocess.run(
        [python, str(script), str(folder), str(truth), str(hkl)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{script.name}: {done.stderr.strip()[-400:]}")
    return done.stdout

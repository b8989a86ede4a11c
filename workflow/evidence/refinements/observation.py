"""The image that is refined against: of the C engine, with its Poisson noise."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evidence.refinements.refinement_case import RefinementCase
from simulator.experiment import Experiment
from simulator.files.smv import read_header, read_pixels
from simulator.formats.experiment_file import parse

IMAGE, MODE = "noise.img", "spec"


def observe(case: RefinementCase, engine: list[str], folder: Path) -> npt.NDArray[np.uint16]:
    """Counts (slow, fast) of one run of the engine (a command) in the folder. Raises RuntimeError."""
    case.structure.make(folder)
    outputs = ["-noisefile", IMAGE, "-seed", str(case.seed), "-adc", "0", "--mode", MODE]
    quiet = ["-nopgm", "-noprogress", "-floatfile", "float.bin", "-intfile", "int.img"]
    command = [*engine, *case.flags, *outputs, *quiet]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the image: {done.stderr.strip() or done.returncode}")
    header, raw = read_header(folder / IMAGE, IMAGE)
    return read_pixels(header, raw, (int(header.keys["SIZE2"]), int(header.keys["SIZE1"])))


def truth(case: RefinementCase, folder: Path) -> Experiment:
    """What was observed; the structure factors are in the folder."""
    return parse([*case.flags, "--mode", MODE], folder)

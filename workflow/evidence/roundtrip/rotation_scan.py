"""A sweep of noisy images of one crystal, one engine run an image, as SMV with a .expt beside and as NXmx."""

import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.experiment import Experiment
from simulator.files.smv import read_header, read_pixels
from simulator.formats.flag_file import experiment_of_flags
from simulator.formats.geometry import geometry_of
from simulator.formats.made import PROGRAM, Made, made
from simulator.formats.numbered_smv import write_expt
from simulator.formats.nxmx import write_nxmx

TEMPLATE, NEXUS, TRUTH = "sim_####.img", "sweep.nxs", "truth.expt"
SEED = 1
SAYS = re.compile(r"\S+ (\S+) \(commit (\S+)\)")  # of an engine of ours, asked for its version


@dataclass(frozen=True)
class Sweep:
    """Flags of every image, and how the crystal turns: from `start`, `width` deg an image, in `steps`."""

    flags: tuple[str, ...]
    images: int = 20
    start: float = 0.0
    width: float = 1.0
    steps: int = 20
    mode: str = "spec"

    def command(self, index: int, name: str) -> list[str]:
        """Flags of one image. nanoBragg's steps begin at phi; half a step on, each stands for its middle."""
        step = self.width / self.steps
        phi = self.start + index * self.width + step / 2
        return [
            *self.flags,
            *("-phi", f"{phi:.9g}", "-osc", f"{self.width:.9g}"),
            *("-phistep", f"{step:.9g}", "-phisteps", str(self.steps)),
            *("-noisefile", name, "-seed", str(SEED + index), "-adc", "0", "--mode", self.mode),
            *("-nopgm", "-noprogress", "-floatfile", f"{name}.bin", "-intfile", f"{name}.counts"),
        ]

    def experiment(self, folder: Path) -> Experiment:
        """What was simulated; the scan is that of the first image, from its edge."""
        experiment = experiment_of_flags([*self.flags, "--mode", self.mode], folder).note.experiment
        goniometer = replace(experiment.goniometer, phi=self.start, osc=self.width)
        return replace(experiment, goniometer=goniometer)


def render(sweep: Sweep, engine: list[str], folder: Path, threads: int = 1) -> npt.NDArray[np.uint16]:
    """Run the engine (a command) once an image, so many at a time, in the folder: (n, slow, fast).

    Raises RuntimeError for the first that fails.
    """
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

    def run(index: int) -> npt.NDArray[np.uint16]:
        name = TEMPLATE.replace("####", f"{index + 1:04d}")
        command = [*engine, *sweep.command(index, name)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"image {index + 1}: {done.stderr.strip() or done.returncode}")
        header, raw = read_header(folder / name, name)
        return read_pixels(header, raw, (int(header.keys["SIZE2"]), int(header.keys["SIZE1"])))

    with ThreadPoolExecutor(threads) as pool:
        return np.stack(list(pool.map(run, range(sweep.images))))


def made_by(sweep: Sweep, engine: list[str]) -> Made:
    """Which program renders, and its command line for the first image."""
    name = PROGRAM if engine[0] == sys.executable else Path(engine[0]).name
    asked = subprocess.run([*engine, "--version"], capture_output=True, text=True, check=False)
    said = SAYS.fullmatch(asked.stdout.strip())
    version, commit = said.groups() if said else ("unknown", "unknown")
    command = shlex.join([name, *sweep.command(0, TEMPLATE.replace("####", "0001"))])
    return replace(made([], sweep.mode), command=command, program=name, version=version, commit=commit)


def describe(sweep: Sweep, images: npt.NDArray[np.uint16], folder: Path, by: Made) -> None:
    """The truth as a .expt that has the SMV images, and the same images as NXmx."""
    experiment = sweep.experiment(folder)
    geometry = replace(geometry_of(experiment, sweep.mode), images=sweep.images)
    write_expt(folder / TRUTH, experiment, geometry, by, TEMPLATE)
    write_nxmx(folder / NEXUS, images, experiment, mode=sweep.mode, by=by)

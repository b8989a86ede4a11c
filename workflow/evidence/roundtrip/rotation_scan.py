"""A sweep of noisy images of one crystal, one engine run an image, as SMV with a .expt beside and as NXmx."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.experiment import Experiment
from simulator.files.smv import read_header, read_pixels
from simulator.formats.flag_file import experiment_of_flags
from simulator.formats.geometry import geometry_of
from simulator.formats.made import made
from simulator.formats.numbered_smv import write_expt
from simulator.formats.nxmx import write_nxmx

TEMPLATE, NEXUS, TRUTH = "sim_####.img", "sweep.nxs", "truth.expt"
SEED = 1


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
            *("-nopgm", "-noprogress", "-floatfile", "float.bin", "-intfile", "int.img"),
        ]

    def experiment(self, folder: Path) -> Experiment:
        """What was simulated; the scan is that of the first image, from its edge."""
        experiment = experiment_of_flags([*self.flags, "--mode", self.mode], folder).note.experiment
        goniometer = replace(experiment.goniometer, phi=self.start, osc=self.width)
        return replace(experiment, goniometer=goniometer)


def render(sweep: Sweep, engine: list[str], folder: Path) -> npt.NDArray[np.uint16]:
    """Run the engine (a command) once an image, in the folder: (n, slow, fast). Raises RuntimeError."""
    images = []
    for index in range(sweep.images):
        name = f"sim_{index + 1:04d}.img"
        command = [*engine, *sweep.command(index, name)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"image {index + 1}: {done.stderr.strip() or done.returncode}")
        header, raw = read_header(folder / name, name)
        shape = int(header.keys["SIZE2"]), int(header.keys["SIZE1"])
        images.append(read_pixels(header, raw, shape))
    return np.stack(images)


def describe(sweep: Sweep, images: npt.NDArray[np.uint16], folder: Path) -> None:
    """The truth as a .expt that has the SMV images, and the same images as NXmx."""
    experiment = sweep.experiment(folder)
    geometry = replace(geometry_of(experiment, sweep.mode), images=sweep.images)
    by = made(list(sweep.flags), sweep.mode)
    write_expt(folder / TRUTH, experiment, geometry, by, TEMPLATE)
    write_nxmx(folder / NEXUS, images, experiment, mode=sweep.mode, by=by)

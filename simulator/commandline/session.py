"""One run of the engine: scene, traces, image, files, summary. Twin: reference/commandline/session.c."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from simulator.commandline.printout import printout
from simulator.commandline.progress import Progress
from simulator.commandline.task import Task, check_part
from simulator.compiled.choice import choose, default_folder
from simulator.experiment import Experiment
from simulator.files.cache import write_cache
from simulator.files.disk import write_bytes
from simulator.files.outputs import (
    Floats,
    brightest,
    count_scale,
    integer_image,
    pgm_scale,
    roi_slices,
    smv_keys,
    statistics,
    write_float,
    write_pgm,
)
from simulator.files.smv import write_smv
from simulator.physics.noise import poisson_noise
from simulator.rendering.checks import find_device
from simulator.rendering.history import History, find_history, has_unlit
from simulator.rendering.image import render_image
from simulator.rendering.kernels import EAGER, Kernels
from simulator.rendering.quirks import NAMES, Quirks, active_quirks
from simulator.rendering.scene import Scene, build_scene
from simulator.rendering.trace import format_trace, trace_cell, trace_pixel

Pictures = Callable[[Scene, Task, Floats, float], None]  # writes other formats; last: the scale of counts


def run(experiment: Experiment, task: Task, started: float, pictures: Pictures | None = None) -> int:
    """Do what the command line asked for; returns the exit status. pictures: what writes the files of -o."""
    if task.threads:
        torch.set_num_threads(task.threads)
    dtype = getattr(torch, task.dtype)
    with torch.inference_mode():
        scene = build_scene(
            experiment, Quirks.of(task.mode, task.quirks), find_device("--device", task.device)
        )
        check_part(scene, task.part)
        crystal = experiment.crystal
        if task.cache and crystal.reflections:
            write_cache(task.cache, crystal.reflections, float(crystal.default_F))
        kernels, reason = EAGER, "as traces have it"
        if not task.trace_only and task.photons is None:
            kernels, reason = choose(scene, dtype, task.compile, evaluations(scene), default_folder(), say)
        history = find_history(scene, kernels)
        if task.trace_pixels:
            _trace(scene, task, dtype, history)
        sys.stdout.writelines(printout(scene, task, dtype, history))
        if task.trace_only:
            return 0
        with Progress(task.progress) as progress:
            if task.photons is None:
                image = render_band(scene, task, dtype, progress, kernels, history)
            else:
                image = torch.tensor(task.photons)
    rendered = time.perf_counter()
    pixels = image.to(device="cpu", dtype=torch.float32).numpy()
    _write(scene, task, pixels, pictures)
    if task.part:
        write_bytes(task.files["-floatfile"], image.cpu().numpy().tobytes())
    active = active_quirks(scene, history.leaves is not None, has_unlit(scene, history.raster))
    for on, text in ((True, "shaped this image"), (False, "would have changed this image")):
        names = [name for name in NAMES if name in active and scene.quirks.on(name) == on]
        print(f"quirks that {text}: {', '.join(names) or 'none'}")
    print(f"kernels: {kernels.name} ({reason})")
    print(f"rendered in {rendered - started:.2f} s, {torch.get_num_threads()} threads, {task.dtype}")
    return 0


def render_band(
    scene: Scene, task: Task, dtype: torch.dtype, progress: Progress, kernels: Kernels, history: History
) -> torch.Tensor:
    """The image (slow, fast), with --band 0 outside its rows, with --part that part of it in float64."""
    scene, stored = replace(scene, part=task.part), torch.float64 if task.part else dtype
    if task.band is None:
        return render_image(scene, dtype, progress, kernels, history, stored)
    (first, last), width = task.band, scene.experiment.detector.shape[1]
    within = history.within(first * width, (last + 1) * width - 1, kernels.block)
    if not len(within.raster):
        return torch.zeros(scene.experiment.detector.shape, dtype=stored)
    image = render_image(scene, dtype, progress, kernels, within, stored)
    image[:first], image[last + 1 :] = 0.0, 0.0
    return image


def say(text: str) -> None:
    """A line that is no result."""
    print(text, file=sys.stderr)


def evaluations(scene: Scene) -> float:
    """Evaluations ahead."""
    rows, columns = roi_slices(scene.experiment)
    pixels = (rows.stop - rows.start) * (columns.stop - columns.start)
    return float(pixels) * scene.steps * scene.layers


def _trace(scene: Scene, task: Task, dtype: torch.dtype, history: History) -> None:
    lines = trace_cell(scene)
    for slow, fast in task.trace_pixels:
        lines += trace_pixel(scene, slow, fast, dtype, history, blocks=task.trace_blocks)
    text = format_trace(lines)
    if task.trace:
        write_bytes(task.trace, text.encode())
    else:
        sys.stdout.write(text)


def _write(scene: Scene, task: Task, image: Floats, pictures: Pictures | None) -> None:
    experiment, files = scene.experiment, task.files
    mean, rms, rmsd = statistics(image, experiment)
    largest, slow, fast = brightest(image, experiment)
    print(f"max_I = {largest:g} at fast {fast} slow {slow}; mean = {mean:g} rms = {rms:g} rmsd = {rmsd:g}")
    write_float(files["-floatfile"], image)
    scale = count_scale(largest, task.scale)
    print(f"wrote {files['-floatfile'].name} as float32; {files['-intfile'].name} scaled by {scale:g}")
    keys = smv_keys(scene, task.adc)
    write_smv(files["-intfile"], keys, integer_image(image, experiment, scale, task.adc))
    if "-pgmfile" in files:
        write_pgm(files["-pgmfile"], image, experiment, pgm_scale(rmsd, scale, task.pgm_scale))
    if "-noisefile" in files:
        noisy, overloads = noisy_image(scene, task, image)
        write_smv(files["-noisefile"], keys, noisy)
        print(f"wrote {files['-noisefile'].name} with Poisson noise, {overloads} overloads")
    if pictures:
        pictures(scene, task, image, scale)


def noisy_image(scene: Scene, task: Task, image: Floats) -> tuple[npt.NDArray[np.uint16], int]:
    """Counts with Poisson noise in the ROI, 0 outside it, and how many overloaded."""
    rows, columns = roi_slices(scene.experiment)
    noisy = np.zeros(image.shape, dtype=np.uint16)
    noisy[rows, columns], overloads = poisson_noise(image[rows, columns], task.adc, task.seed)
    return noisy, overloads

"""A process that builds scenes once and renders them again and again: `python -m evidence.bench.worker`.

Reads requests from standard input and answers on standard output, one line of JSON each. Only what a request
names is timed: not Python's start, not the imports, not reading files.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from evidence.engines.talking import answer
from evidence.records import Record
from simulator.commandline.command import parse_command
from simulator.commandline.grammar import parse_flags
from simulator.commandline.session import evaluations
from simulator.compiled.choice import choose, default_folder
from simulator.files.hkl import read_hkl
from simulator.rendering.image import render_image
from simulator.rendering.kernels import Kernels
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import Scene, build_scene

Answer = Record
SCENES: dict[str, Scene] = {}
CHOSEN: dict[tuple[str, str, str], tuple[Kernels, str]] = {}


def prepare(name: str, argv: list[str], device: str = "cpu") -> Answer:
    """Build the scene of a command line in this folder."""
    experiment, task = parse_command(parse_flags(argv), Path.cwd())
    with torch.inference_mode():
        SCENES[name] = build_scene(experiment, Quirks.of(task.mode, task.quirks), torch.device(device))
    slow, fast = experiment.detector.shape
    return {"shape": [slow, fast], "pixels": slow * fast, "evaluations": evaluations(SCENES[name])}


def build(name: str, dtype: str, compiled: str) -> Answer:
    """Choose kernels, compiling what is missing where `compiled` is on; wall_s is what that took."""
    started = time.perf_counter()
    found, reason = _kernels(name, dtype, compiled)
    return {"wall_s": time.perf_counter() - started, "kernels": found.name, "reason": reason}


def render(name: str, dtype: str, compiled: str, threads: int, save: str | None = None) -> Answer:
    """Render one image."""
    torch.set_num_threads(threads)
    kernels, reason = _kernels(name, dtype, compiled)
    scene = SCENES[name]
    with torch.inference_mode():
        cpu, started = time.process_time(), time.perf_counter()
        image = render_image(scene, getattr(torch, dtype), None, kernels)
        _finish(image)
        wall, busy = time.perf_counter() - started, time.process_time() - cpu
    if save:
        np.save(save, image.to(device="cpu", dtype=torch.float32).numpy())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"wall_s": wall, "cpu_s": busy, "peak_rss_bytes": peak, "kernels": f"{kernels.name} ({reason})"}


def read(path: str) -> Answer:
    """Read a list of reflections."""
    started = time.perf_counter()
    found = read_hkl(Path(path), path, 0.0)
    return {"wall_s": time.perf_counter() - started, "reflections": found.data.numel()}


def devices() -> Answer:
    """CUDA devices that torch finds."""
    there = torch.cuda.is_available()
    names = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())] if there else []
    return {"cuda": names, "torch": torch.__version__}


def _kernels(name: str, dtype: str, compiled: str) -> tuple[Kernels, str]:
    key = (name, dtype, compiled)
    if key not in CHOSEN:
        scene = SCENES[name]
        with torch.inference_mode():
            CHOSEN[key] = choose(
                scene, getattr(torch, dtype), compiled, evaluations(scene), default_folder(), _report
            )
    return CHOSEN[key]


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _finish(image: torch.Tensor) -> None:
    """Wait for the device: a launch is not a result."""
    if image.device.type == "cuda":
        torch.cuda.synchronize(image.device)


REQUESTS: dict[str, Callable[..., Answer]] = {
    "prepare": prepare,
    "build": build,
    "render": render,
    "read": read,
    "devices": devices,
}


def respond(request: Answer) -> Answer:
    """What the worker answers; a mistake is an answer too."""
    try:
        return REQUESTS[request.pop("do")](**request)
    except Exception as problem:
        return {"error": f"{type(problem).__name__}: {str(problem).splitlines()[0][:300]}"}


if __name__ == "__main__":
    answer(respond)

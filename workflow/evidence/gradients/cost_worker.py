"""Time and memory of value and gradient of a frame: `python -m evidence.gradients.cost_worker TASK ARGV`.

A process of its own for each task, because the peak of memory is of the process. Prints one line of JSON.
Value and gradient: misset, A matrix (or cell) and distance, gradient of the sum of all photons.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import psutil
import torch
from torch import Tensor

from evidence.derivatives.every_field import with_tensors
from evidence.records import Record
from simulator import Experiment, parse, simulate
from simulator.compiled.choice import choose, default_folder
from simulator.rendering.image import render_image
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import build_scene


def with_leaves(experiment: Experiment) -> tuple[Experiment, list[Tensor]]:
    """The experiment with misset, A matrix or cell, and distance as tensors that ask for gradients."""
    crystal = experiment.crystal
    misset = crystal.misset or (0.0, 0.0, 0.0)
    placed, asked = with_tensors(
        replace(experiment, crystal=replace(crystal, misset=misset)),
        [
            "crystal.misset",
            "crystal.cell" if crystal.a_star is None else "crystal.a_star",
            "detector.distance",
        ],
    )
    return placed, [tensor for tensors in asked.values() for tensor in tensors]


def gradient(experiment: Experiment, dtype: torch.dtype, compiled: str) -> None:
    """Value and gradient, once."""
    made, leaves = with_leaves(experiment)
    found = torch.autograd.grad(simulate(made, dtype=dtype, compile=compiled).sum(), leaves)
    if not all(bool(torch.isfinite(grad).all()) and bool(grad.any()) for grad in found):
        raise ValueError("a gradient that is not finite, or none")


def memory(argv: list[str], dtype: torch.dtype, compiled: str) -> Record:
    """Peak of memory of a value and gradient, and how much of it is the interpreter with its imports."""
    before = psutil.Process().memory_info().rss  # of now: reading the experiment has a peak of its own
    experiment = parse(argv, Path.cwd())
    started = time.perf_counter()
    gradient(experiment, dtype, compiled)
    return {
        "interpreter_bytes": before,
        "above_bytes": _peak() - before,
        "wall_s": time.perf_counter() - started,
    }


def times(experiment: Experiment, dtype: torch.dtype, rounds: int) -> Record:
    """CPU and wall seconds, medians of interleaved rounds: steady render, `simulate`, value and gradient."""
    scene = build_scene(experiment, Quirks.of("c-parity"), torch.device("cpu"))
    with torch.inference_mode():
        kernels, _ = choose(scene, dtype, "on", 0.0, default_folder(), _report)

    def steady() -> None:
        with torch.inference_mode():
            render_image(scene, dtype, None, kernels)

    def forward() -> None:
        with torch.no_grad():
            simulate(experiment, dtype=dtype, compile="on")

    tasks: dict[str, Callable[[], None]] = {
        "steady": steady,
        "forward": forward,
        "gradient": lambda: gradient(experiment, dtype, "on"),
    }
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for turn in range(rounds + 1):
        for name, task in tasks.items():
            cpu, wall = time.process_time(), time.perf_counter()
            task()
            if turn:  # the first warms up
                seen[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    found: Record = {"kernels": kernels.name, "rounds": rounds, "threads": torch.get_num_threads()}
    for name, pairs in seen.items():
        found |= {f"{name}_cpu_s": median(c for c, _ in pairs), f"{name}_wall_s": median(w for _, w in pairs)}
    for name in ("forward", "gradient"):
        ratios = [one[0] / other[0] for one, other in zip(seen[name], seen["steady"], strict=True)]
        found[f"{name}_over_steady"] = median(ratios)
    return found


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(request: Record, argv: list[str]) -> Record:
    """What a task found."""
    torch.set_num_threads(request["threads"])
    dtype = getattr(torch, request["dtype"])
    if request["do"] == "times":
        return times(parse(argv, Path.cwd()), dtype, request["rounds"])
    return memory(argv, dtype, request["compiled"])


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]), sys.argv[2:])))

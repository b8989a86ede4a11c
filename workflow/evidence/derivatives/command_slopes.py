"""The PyTorch engine's derivative of pixels by every continuous number of a command line."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from evidence.derivatives import movable
from evidence.derivatives.every_field import with_tensors
from evidence.derivatives.extrapolation import STEPS, Pixels, base_step
from evidence.derivatives.movable import Number, Parse
from evidence.errors import MissingError
from simulator import Experiment, simulate
from simulator.errors import InputError
from simulator.physics.rotations import carryover_index
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import build_scene

CANCELS = 1e-9  # what is left of fields that make up for one another, of their sizes: rounding
BENT = 0.02  # of what the longest step changes, the part that is not linear
SEEN = 3e-5  # of the brightest pixel without its water, a change that rounding does not blur
TRIES = 20  # shorter steps in a row
UNKNOWN = 1e-7  # relative step where no derivative gives one


@dataclass(frozen=True)
class Slope:
    """Of the pixels by one number, and the step for differences; or the reason why there is none."""

    number: Number
    pixels: Pixels  # photons per unit of the flag
    step: float
    reason: str | None = None


def slopes(
    argv: Sequence[str], parse: Parse, pixels: Sequence[tuple[int, int]], mode: str = "c-parity",
    only: Sequence[Number] | None = None,
) -> tuple[Pixels, list[Slope]]:  # fmt: skip
    """Photons of pixels (slow, fast), and their slope by each number, in the command line's order.

    By the chain rule: how each field moves with the number, from the command line read beside it, times the
    gradient of the fields.
    """
    experiment = parse(list(argv))
    chosen = movable.numbers(argv) if only is None else list(only)
    tangents = [(number, *movable.refused(argv, number, parse)) for number in chosen]
    fields = {name for _, tangent, _ in tangents for name in tangent}
    image, found = jacobian(experiment, fields, pixels, mode)
    seen = SEEN * _brightest(experiment, mode, pixels)
    made = []
    for number, tangent, reason in tangents:
        parts = [np.zeros_like(image), *((found[name] @ moves).numpy() for name, moves in tangent.items())]
        slope, size = np.sum(parts, axis=0), np.sum(np.abs(parts), axis=0)
        if (
            np.abs(slope).max() <= CANCELS * size.max()
        ):  # as -lambda beside an A matrix, which is scaled by it
            slope = np.zeros_like(image)
        made.append(_slope(argv, parse, mode, number, slope, image, seen, reason, pixels))
    return image, made


def jacobian(
    experiment: Experiment, fields: set[str], pixels: Sequence[tuple[int, int]], mode: str
) -> tuple[Pixels, dict[str, Tensor]]:
    """Photons of pixels (n), and their derivative (n, k) by the k numbers of each field."""
    placed, asked = with_tensors(experiment, fields)
    flat = [tensor for field in asked.values() for tensor in field]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a field without derivative: differences will tell
        image = _photons(placed, mode, pixels)
    rows: list[Tensor] = []
    for value in image if image.requires_grad else ():
        grads = torch.autograd.grad(value, flat, retain_graph=True, allow_unused=True)
        rows.append(
            torch.cat(
                [
                    torch.zeros(x.numel(), dtype=x.dtype) if g is None else g.reshape(-1)
                    for x, g in zip(flat, grads, strict=True)
                ]
            )
        )
    sizes = [sum(tensor.numel() for tensor in field) for field in asked.values()]
    whole = torch.stack(rows) if rows else torch.zeros(len(pixels), sum(sizes), dtype=torch.float64)
    return image.detach().numpy(), dict(zip(asked, torch.split(whole, sizes, dim=1), strict=True))


def _photons(experiment: Experiment, mode: str, pixels: Sequence[tuple[int, int]]) -> Tensor:
    """Pixels as they are in the whole image, whose first has another history (quirk phi-carryover)."""
    return simulate(experiment, mode=mode, pixels=torch.tensor([(0, 0), *pixels]))[1:]


def _brightest(experiment: Experiment, mode: str, pixels: Sequence[tuple[int, int]]) -> float:
    """Photons of the brightest of the pixels, without those that water scatters: they do not bend."""
    dry = replace(experiment, beam=replace(experiment.beam, water_size=0.0))
    with torch.no_grad():
        return float(_photons(dry, mode, pixels).abs().max())


def _slope(
    argv: Sequence[str],
    parse: Parse,
    mode: str,
    number: Number,
    slope: Pixels,
    image: Pixels,
    seen: float,
    reason: str | None,
    pixels: Sequence[tuple[int, int]],
) -> Slope:
    """The slope with its step, or with the reason why differences say nothing about it."""
    try:
        step = 0.0 if reason else base_step(image, slope)
        if not np.isfinite(step):  # a derivative that is no number is compared, and fails
            step = UNKNOWN * (abs(number.value) or 1.0)
        elif step:
            step = _bent_little(argv, parse, mode, pixels, number, slope, image, seen, step)
        reason = reason or corner(argv, number, step, parse, mode)
    except (MissingError, InputError) as problem:
        step, reason = 0.0, str(problem)
    return Slope(number, slope, step, reason)


def _bent_little(
    argv: Sequence[str],
    parse: Parse,
    mode: str,
    pixels: Sequence[tuple[int, int]],
    number: Number,
    slope: Pixels,
    image: Pixels,
    seen: float,
    step: float,
) -> float:
    """The step, or a shorter one: the change of our own image over the longest one bends by `BENT` at most.

    A slope may be small by chance, on top of a spot: bending is then measured by `seen`, since a step that
    keeps to such a slope is lost in rounding.
    """
    for _ in range(TRIES):
        far = step * STEPS[-1]
        with torch.no_grad():
            there = _photons(parse(movable.moved(argv, number, far)), mode, pixels)
        straight = max(float(np.abs(slope * far).max()), seen)
        error = float(np.abs(there.numpy() - image - slope * far).max()) / straight
        if error <= BENT:
            break
        step *= float(2.0 ** np.floor(np.log2(BENT / error) / 2))  # what bends goes with the square
    return step


def corner(argv: Sequence[str], number: Number, step: float, parse: Parse, mode: str) -> str | None:
    """What changes at once between the number and the longest step from it, None if nothing does."""
    ends = [parse(movable.moved(argv, number, by)) for by in (0.0, step * STEPS[-1])]
    here, there = (choices(experiment, mode) for experiment in ends)
    changed = [name for name in here if here[name] != there[name]]
    return f"a corner: {', '.join(changed)} beside it is another" if changed else None


def choices(experiment: Experiment, mode: str) -> dict[str, object]:
    """What is decided once for an image: a change of it is a jump, of which no derivative tells."""
    with torch.no_grad():
        scene = build_scene(experiment, Quirks.of(mode), torch.device("cpu"))
    angles = [float(angle) for angle in scene.phi]
    return {
        "size of the image": experiment.detector.shape,
        "oversampling": scene.oversample,
        "number of sources": len(scene.sources.weight),
        "number of orientations": len(scene.orientations),
        "sensor layers": scene.layers,
        "interpolation": scene.interpolate,
        "orientation that is carried over": carryover_index(angles) if scene.quirks.phi_carryover else [],
    }

"""The door: experiments and images in, refined experiments with errors out."""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from simulator.experiment import Experiment
from simulator.refinement.model import Model, Picture
from simulator.refinement.optimizers import METHODS
from simulator.refinement.parameters import OWN, Parameter, Unknown, expected_errors, initial_values, unknowns
from simulator.refinement.pictures import Image, pictures
from simulator.refinement.result import Refinement
from simulator.refinement.search import Found, search
from simulator.rendering.quirks import DEFAULT_MODE, Quirks
from simulator.rendering.rules import COUNT, one_of, require

EAGERNESS = (1.0, 2.0, 0.5)  # of the first attempt, and of those that follow where one is stuck


def refine(
    experiment: Experiment | Sequence[Experiment],
    image: Image | Sequence[Image],
    parameters: Sequence[str | Parameter],
    *,
    mask: Image | Sequence[Image] | None = None,
    weights: Image | Sequence[Image] | None = None,
    own: Sequence[str] = OWN,
    starts: int = 1,
    seed: int = 0,
    attempts: int = 2,
    method: str = "levenberg-marquardt",
    mode: str = DEFAULT_MODE,
    quirks: str | None = None,
    progress: bool = True,
) -> Refinement:
    """Find the parameters' likeliest values, given photon counts with Poisson noise.

    experiment: where to start; one for each image, or one for all. image: counts (slow, fast). parameters:
    see `Parameter`; `scale` multiplies the simulated image, `background` is added (photons a pixel; one for
    each box, if `sampling.roi` is a list of boxes). mask: zero where a pixel is not trusted; weights: of each
    pixel's likelihood. With many images, parameters named in `own` are each image's own, all others
    shared. starts: how many random ones to try within the scales of the parameters (1: the experiment as
    given); the likeliest is returned and holds the others. attempts: with broader spots, where one is stuck.
    method: levenberg-marquardt, or l-bfgs for hundreds of parameters. Raises InputError for
    parameters, images, masks or weights that do not fit the experiment.

    Coarse to fine: a crystal of few cells, whose broad spots overlap with the image's, whatever its scale;
    then of more, 1.8 times as many at most, up to its own number; then Poisson's likelihood.

    >>> from dataclasses import replace
    >>> from simulator import Crystal, Detector, Experiment, Sampling, refine, simulate
    >>> crystal = Crystal(cell=(50.0, 60.0, 70.0, 90.0, 90.0, 90.0), n_cells=(3, 3, 3), default_F=100.0)
    >>> panel = Detector(shape=(24, 24), pixel_size=2e-3)
    >>> true = Experiment(crystal=crystal, detector=panel, sampling=Sampling(oversample=1))
    >>> start = replace(true, detector=replace(panel, distance=0.1001))  # metres
    >>> found = refine(start, simulate(true), ["distance"], progress=False)
    >>> round(found["distance"][0], 6)
    0.1
    """
    switches = Quirks.of(mode, quirks)
    require("method", method, one_of(*METHODS))
    require("starts", starts, COUNT)
    require("attempts", attempts, COUNT)
    seen = pictures(experiment, image, mask, weights)
    boxes = max(int(one.box.max()) for one in seen) + 1
    found = unknowns(parameters, [one.experiment for one in seen], boxes, own, switches)
    models = [Model(one, number, found, mode, quirks) for number, one in enumerate(seen)]
    results = []
    bar = tqdm(total=starts, disable=None if progress else True, unit="start", leave=False)
    for start in _starts(found, starts, seed):
        began = time.monotonic()
        best: Found | None = None
        for eager in EAGERNESS[:attempts]:

            def report(stage: str, loss: float) -> None:
                bar.set_postfix_str(f"{stage}, loss {loss:.6g}")

            one = search(models, found, start, METHODS[method], eager, report)
            best = one if best is None or one.fit.deviance < best.fit.deviance else best
            if best.verdict == "converged":
                break
        assert best is not None
        bar.update()
        results.append(_result(seen, models, found, start, best, time.monotonic() - began))
    bar.close()
    likeliest = min(results, key=lambda each: each.fit.deviance)
    return replace(likeliest, starts=tuple(results)) if starts > 1 else likeliest


def _starts(found: Sequence[Unknown], count: int, seed: int) -> list[Tensor]:
    """The experiment as given if that is all, else values drawn within the scales around it."""
    middle, width = initial_values(found), expected_errors(found)
    if count == 1:
        return [middle]
    generator = np.random.default_rng(seed)
    bounds = [torch.tensor([getattr(one, name) for one in found]) for name in ("lower", "upper")]
    drawn = [middle + width * torch.as_tensor(generator.uniform(-1, 1, len(found))) for _ in range(count)]
    return [torch.minimum(torch.maximum(x, bounds[0]), bounds[1]) for x in drawn]


def _result(
    seen: Sequence[Picture],
    models: Sequence[Model],
    found: Sequence[Unknown],
    start: Tensor,
    best: Found,
    seconds: float,
) -> Refinement:
    x = torch.as_tensor(best.values)
    means, residuals = [], []
    for one, mean in zip(seen, best.objective.means(best.values), strict=True):
        empty = torch.zeros(one.experiment.detector.shape, dtype=torch.float64)
        where = one.pixels.unbind(1)
        left = (one.counts - mean) / mean.clamp(min=1e-6).sqrt()
        means.append(empty.index_put(where, mean))
        residuals.append(empty.index_put(where, left))
    return Refinement(
        unknowns=tuple(found),
        start=start.numpy(),
        values=best.values,
        information=best.information,
        fit=best.fit,
        verdict=best.verdict,
        history=best.history,
        experiments=tuple(model.experiment(x) for model in models),
        models=tuple(means),
        residuals=tuple(residuals),
        seconds=seconds,
    )

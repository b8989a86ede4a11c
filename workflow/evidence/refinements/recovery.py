"""Many wrong starts from one image: where each one ended, as figures and pictures."""

import io
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from evidence.cases.structure import HKL
from evidence.records import Record
from evidence.refinements.observation import IMAGE, MODE, observe, truth
from evidence.refinements.refinement_case import RefinementCase
from evidence.store import atomic
from simulator.compiled.simulation import simulate
from simulator.experiment import Experiment
from simulator.physics.noise import LARGEST_COUNT
from simulator.refinement.fields import components, with_numbers
from simulator.refinement.naming import BACKGROUND, SCALE
from simulator.refinement.parameters import Unknown, unknowns
from simulator.refinement.refine import refine
from simulator.refinement.result import Refinement
from simulator.rendering.quirks import Quirks

MOST_SIGMA = 3.5  # standard errors from the truth that each unknown may be off
PICTURES = "pictures.npz"


def recover(case: RefinementCase, engine: list[str], folder: Path) -> None:
    """Write found.json, the image and pictures of the first start into the folder; a failure is on record."""
    folder.mkdir(parents=True, exist_ok=True)
    record: Record = {"schema": 1, "engine": engine, "status": "ok", "reason": None, "starts": []}
    with tempfile.TemporaryDirectory(prefix="braggproof-refinement-") as scratch:
        work = Path(scratch)
        try:
            counts = observe(case, engine, work)
            for name in (IMAGE, HKL):
                atomic.copy_file(work / name, folder / name)
            record |= {
                "image": list(counts.shape),
                "photons": int(counts.sum()),
                "brightest": int(counts.max()),
            }
            record |= _refined(case, truth(case, work), counts, folder)
        except (RuntimeError, OSError, ValueError) as problem:
            record |= {"status": "failed", "reason": str(problem).strip()[:400]}
    atomic.write_json(folder / "found.json", record)


def clean(folder: Path) -> None:
    """Nothing of an earlier attempt stays."""
    shutil.rmtree(folder, ignore_errors=True)


def _refined(case: RefinementCase, true: Experiment, counts: npt.NDArray[np.uint16], folder: Path) -> Record:
    generator = np.random.default_rng(case.seed)
    found: Record = {"starts": [], "unknowns": []}
    for number in range(case.starts):
        began = time.monotonic()
        start = wrong(case, true, generator)
        one = refine(start, counts, case.parameters, mask=counts < LARGEST_COUNT, mode=MODE)
        seconds = time.monotonic() - began
        real = [true_value(unknown, true) for unknown in one.unknowns]
        found["unknowns"] = [
            {"name": u.name, "true": t, "geometric": u.field not in (SCALE, BACKGROUND)}
            for u, t in zip(one.unknowns, real, strict=True)
        ]
        found["starts"].append(described(one, np.array(real), seconds))
        print(
            f"start {number}: {one.verdict}, {found['starts'][-1]['worst']:.2f} sigma, {seconds:.1f} s",
            flush=True,
        )
        if number == 0:
            pictures(folder / PICTURES, start, counts, one)
    return found


def wrong(case: RefinementCase, true: Experiment, generator: np.random.Generator) -> Experiment:
    """The experiment with every perturbed number off by its expected error, up or down."""
    named = unknowns(case.perturbed, [true], 1, (), Quirks.of(MODE))
    made = true
    for field in dict.fromkeys(unknown.field for unknown in named):
        rows = [unknown for unknown in named if unknown.field == field]
        off = [torch.tensor(u.start + u.scale * generator.choice((-1.0, 1.0))) for u in rows]
        made = with_numbers(made, field, [u.index for u in rows], off)
    return made


def true_value(unknown: Unknown, true: Experiment) -> float:
    """What it is in the experiment that was observed."""
    image = {SCALE: 1.0, BACKGROUND: 0.0}
    return (
        image[unknown.field]
        if unknown.field in image
        else float(components(true, unknown.field)[unknown.index])
    )


def described(one: Refinement, real: npt.NDArray[np.float64], seconds: float) -> Record:
    """Figures of one start."""
    pulls = (one.values - real) / one.information.errors
    worst = float(np.abs(pulls).max())
    return {
        "verdict": one.verdict,
        "true": bool(worst <= MOST_SIGMA),
        "worst": worst,
        "seconds": seconds,
        "deviance": one.fit.deviance,
        "expected": one.fit.expected,
        "surplus": one.fit.surplus,
        "start": one.start.tolist(),
        "values": one.values.tolist(),
        "errors": one.information.errors.tolist(),
        "pulls": pulls.tolist(),
        "correlations": one.information.correlations.tolist(),
        "eigenvalues": one.information.eigenvalues.tolist(),
        "steps": len(one.history),
        "history": [
            {"stage": step.stage, "cells": step.cells, "loss": step.loss, "values": step.values.tolist()}
            for step in one.history
        ],
    }


def pictures(path: Path, start: Experiment, counts: npt.NDArray[np.uint16], one: Refinement) -> None:
    """Image, prediction before and after, what is left: arrays (slow, fast) of one start."""
    with torch.no_grad():
        before = simulate(start, mode=MODE)
    arrays: dict[str, Any] = {
        "image": counts,
        "before": before.numpy().astype(np.float32),
        "after": one.models[0].numpy().astype(np.float32),
        "left": one.residuals[0].numpy().astype(np.float32),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    atomic.write_bytes(path, buffer.getvalue())

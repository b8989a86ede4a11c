"""One job of a campaign: its share of the cases through all engines, judged, on record."""

import json
import shlex
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evidence.campaigns.contenders import Contender
from evidence.campaigns.expand import Case
from evidence.campaigns.judge import Policy, Verdict, image_hash, judge
from evidence.campaigns.outcome import PICTURED, Outcome, is_compared
from evidence.campaigns.progress import Progress
from evidence.campaigns.runners import Runners
from evidence.campaigns.suite import Suite
from evidence.campaigns.summary import WORST, distance
from evidence.records import Record
from evidence.store import atomic

Row = Record
LARGEST = 1 << 22  # pixels of a failing image that is kept


def run_batch(
    bundle: Path, suite: Suite, engines: Sequence[Contender], share: tuple[int, int], progress: Progress
) -> Record:
    """Cases n, n + of, n + 2 of ... of the bundle's list; returns what batches/NN.json holds."""
    number, of = share
    listed = json.loads((bundle / "inputs" / "cases.json").read_text(encoding="utf-8"))["cases"]
    mine = [(index, Case.from_dict(each)) for index, each in enumerate(listed)][number::of]
    kept = set(sampled(len(listed), suite.sample))
    rows: list[Row] = []
    furthest: list[tuple[tuple[bool, float], Case, dict[str, Outcome]]] = []
    started = time.monotonic()
    with Runners(bundle / "inputs", suite.timeout_s) as runners:
        for index, case in mine:
            row, outcomes = run_case(suite, engines, runners, case)
            chosen = index in kept or row["verdict"] != "pass"
            keep_images(bundle, case, outcomes, chosen)
            far = max(
                (distance(each) for each in row["cells"].values() if each["metrics"]), default=(False, 0.0)
            )
            if not chosen and case.expect in PICTURED and (False, 0.0) < far < (True, 0.0):
                furthest = sorted([*furthest, (far, case, outcomes)], key=lambda each: each[0])[-WORST:]
            rows.append({"index": index, **row})
            progress.done(row["verdict"] == "pass", case.name)
        for _, case, outcomes in furthest:
            keep_images(bundle, case, outcomes, True)
        about = {"starts": runners.warm.starts, **getattr(runners.warm, "about", {})}
    return {
        "schema": 1,
        "kind": "campaign batch",
        "wall_s": time.monotonic() - started,
        "engines": [engine.name for engine in engines],
        "worker": about,
        "rows": rows,
    }


def run_case(
    suite: Suite, engines: Sequence[Contender], runners: Runners, case: Case
) -> tuple[Row, dict[str, Outcome]]:
    """One case through all engines: its row, and the outcomes by engine."""
    if suite.speed:  # the first run of a scene may compile its kernels: the second one is timed
        for engine in engines:
            runners.run(engine, case)
    started = time.monotonic()
    outcomes = {engine.name: runners.run(engine, case) for engine in engines}
    policy, reference = Policy(suite.black, suite.nonfinite), outcomes[suite.reference]
    cells = {}
    for engine in engines:
        found = outcomes[engine.name]
        limits = suite.limits(engine.name) or suite.limits("torch-float64")
        verdict = judge(case, found, reference, limits, policy, engine.name == suite.reference)
        cells[engine.name] = cell(engine, case, found, verdict)
    found_of = [each["verdict"] for each in cells.values()]
    blocked = "blocked" in found_of or not is_compared(case.expect, found_of)
    worst = "fail" if "fail" in found_of else "blocked" if blocked else "pass"
    quirks = next((each.quirks for each in outcomes.values() if each.quirks is not None), None)
    engine_s = sum(each.wall_s for each in outcomes.values())
    row = {
        "case": case.name,
        "arguments": shlex.join(case.arguments),
        "expect": case.expect,
        "values": dict(case.values),
        "verdict": worst,
        "quirks": quirks,
        "wall_s": time.monotonic() - started,
        "overhead_s": max(time.monotonic() - started - engine_s, 0.0),
        "cells": cells,
    }
    return row, outcomes


def cell(engine: Contender, case: Case, found: Outcome, verdict: Verdict) -> Row:
    """One engine's part of the row."""
    shape = list(found.picture.shape) if found.picture is not None else None
    return {
        "verdict": verdict.status,
        "reason": verdict.reason,
        "metrics": dict(verdict.metrics),
        "black": verdict.black,
        "nonfinite": verdict.nonfinite,
        "exit_code": found.exit_code,
        "shape": shape,
        "image_sha256": image_hash(found.picture),
        "wall_s": found.wall_s,
        "peak_rss_bytes": found.peak_rss_bytes,
        "added": shlex.join(engine.arguments),
    }


def sampled(count: int, wanted: int) -> list[int]:
    """Evenly spread places in a list of `count`."""
    return sorted({(2 * n + 1) * count // (2 * wanted) for n in range(wanted)}) if wanted and count else []


def keep_images(bundle: Path, case: Case, outcomes: dict[str, Outcome], wanted: bool) -> None:
    """images/CASE.npz, an array an engine; what an earlier attempt left is taken away."""
    path = bundle / "images" / f"{case.name}.npz"
    path.unlink(missing_ok=True)
    pictures = {
        name.replace("-", "_"): found.picture
        for name, found in outcomes.items()
        if found.picture is not None and found.picture.size <= LARGEST
    }
    if wanted and pictures:
        with atomic.staged(path) as temporary, temporary.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **pictures)

"""Every golden and edge configuration backward, with every field at once, in both modes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from evidence.campaigns.campaign_inputs import stage_inputs
from evidence.campaigns.suite import load_suite
from evidence.derivatives.exactness import judge_fields
from evidence.errors import InputError
from evidence.records import Record
from simulator import Experiment, parse
from simulator.rendering.quirks import MODES

SUITES = ("golden", "edges")


def measure() -> Record:
    """A row a configuration and mode, and the configurations that our command line refuses."""
    rows, refused = [], []
    for suite, name, experiment in _experiments():
        if experiment is None:
            refused.append(f"{suite} {name}")
            continue
        for mode in MODES:
            rows.append({"suite": suite, "case": name, "mode": mode, **backward(experiment, mode)})
            print(f"{suite} {name} {mode}: {rows[-1]['without']}", flush=True)
    return {"configurations": rows, "refused": refused}


def backward(experiment: Experiment, mode: str) -> Record:
    """Fields with a gradient, without, not finite, and those that nothing explains; or what was raised."""
    try:
        found = judge_fields(experiment, mode)
    except (
        Exception
    ) as problem:  # whatever a broken engine raises is a failure, the others are still measured
        return dict.fromkeys(("with", "without"), 0) | {
            "not_finite": [], "unexplained": [], "reason": f"{type(problem).__name__}: {problem}"
        }  # fmt: skip
    return {
        "with": sum(row["gradient"] for row in found),
        "without": sum(not row["gradient"] for row in found),
        "not_finite": [row["field"] for row in found if not row["finite"]],
        "unexplained": [f"{row['field']}: {row['reason']}" for row in found if not row["explained"]],
        "reason": None,
    }


def _experiments() -> Iterator[tuple[str, str, Experiment | None]]:
    """Suite, name and experiment of each; None where it is refused."""
    for name in SUITES:
        suite = load_suite(name)
        with tempfile.TemporaryDirectory(prefix="braggproof-gradients-") as scratch:
            folder = Path(scratch)
            stage_inputs(suite, folder)
            for case in suite.all_cases():
                try:
                    yield name, case.name, parse(list(case.arguments), folder)
                except InputError:
                    yield name, case.name, None

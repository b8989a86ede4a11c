"""Records read themselves back from JSON, say what they are, and those of before are still understood."""

import json
from typing import Any

import numpy as np

from evidence.engines.outputs import program_of
from evidence.engines.programs import RunRecord
from evidence.images.metrics import Comparison, compare_images
from evidence.phases.job import RunEntry
from evidence.traces.divergence import TraceComparison, compare
from evidence.traces.tracing import read_any
from tests.helpers.places import DATA, GOLDEN


def stored(record: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from a file."""
    found: dict[str, Any] = json.loads(json.dumps(record, allow_nan=False))
    return found


def test_image_comparison() -> None:
    image = np.random.default_rng(1).random((30, 40))
    for roi in (None, (3, 20, 4, 25)):
        made = compare_images(image, image * 1.01, roi)  # type: ignore[arg-type]
        found = stored(made.to_dict())
        assert (found["kind"], found["schema"]) == ("image_comparison", 1)
        assert Comparison.from_dict(found) == made


def test_trace_comparison() -> None:
    (one,) = read_any(GOLDEN / "instrumented_stdout.txt")
    (other,) = read_any(GOLDEN / "stock_stdout.txt")
    for right in (one, other):
        made = compare(one, right)
        found = stored(made.to_dict())
        assert (found["kind"], found["schema"]) == ("trace_comparison", 1)
        assert TraceComparison.from_dict(found) == made


def test_run_record_of_before_called_the_program_its_kind() -> None:
    old = json.loads((DATA / "report" / "run.json").read_text(encoding="utf-8"))
    old |= {"engine": "c", "label": "c", "cwd": "phase_o/c", "log": "c.log", "dtype": "double", "outputs": []}
    assert "program" not in old
    made = RunRecord.from_dict(old)
    assert made.program == program_of(old) == old["kind"]
    found = stored(made.to_dict())
    assert (found["kind"], found["schema"], found["program"]) == ("run", 1, old["kind"])
    assert RunRecord.from_dict(found) == made
    assert program_of(found) == old["kind"]


def test_run_entry() -> None:
    made = RunEntry("c", "blocked", "why", ["c_1_2"], [[1, 2]], "c", "spec", "float64")
    assert RunEntry.from_dict(stored(made.to_dict())) == made

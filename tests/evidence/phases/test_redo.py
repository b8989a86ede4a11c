"""What circumstances ended is done again, once it can be; what fails by itself is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from evidence.engines.child import End
from evidence.engines.programs import RunRecord
from evidence.phases import redo


def records(*causes: str | None) -> Any:
    return [(f"run{n}", cast(RunRecord, SimpleNamespace(cause=cause))) for n, cause in enumerate(causes)]


def test_an_attempt_counts_up_only_while_something_is_to_be_redone(tmp_path: Path) -> None:
    assert redo.number(tmp_path) == 1
    redo.note(tmp_path, 1, records(None, "time"))
    assert redo.number(tmp_path) == 2
    redo.note(tmp_path, 2, records(None, "signal"))
    assert redo.number(tmp_path) == 3
    redo.note(tmp_path, 3, records(None, None))
    assert redo.number(tmp_path) == 3


def test_a_damaged_record_is_the_first_attempt(tmp_path: Path) -> None:
    (tmp_path / redo.RECORD).write_text("{")
    assert redo.number(tmp_path) == 1


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        (End(0, None, 0, 0, 0), None),
        (End(3, "exit status 3: no beam", 0, 0, 0), None),
        (End(-9, "signal SIGKILL", 0, 0, 0), "signal"),
        (End(-9, "it was ended after 5 s", 0, 0, 0, late=True), "time"),
        (
            End(2, "exit status 2: error: x: expected to be written, got 'No space left on device'", 0, 0, 0),
            "room",
        ),
    ],
)
def test_causes(end: End, cause: str | None) -> None:
    assert end.cause == cause

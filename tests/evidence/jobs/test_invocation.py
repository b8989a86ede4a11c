"""What an invocation leaves in the ledger: one start for each bundle at stake, an end for those left open."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evidence import gates
from evidence.cases.settings import Settings
from evidence.jobs import invocation
from evidence.ledger import attempts
from evidence.provenance import metadata
from tests.helpers.project import ROOT, STAMP, settings


def jobs(*wildcards: dict[str, str]) -> list[Any]:
    return [SimpleNamespace(wildcards=each) for each in wildcards]


BOTH = jobs(
    {"bundle": f"tiny/{STAMP}", "phase": "k"},
    {"bundle": f"tiny/{STAMP}", "made": "few.hkl"},
    {"bundle": "other/20260203T000000Z"},
    {},
)


def records(project: Path) -> list[tuple[str, str, str | None]]:
    lines = (project / "results" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    return [(r["record"], r["case"], r.get("verdict")) for r in map(json.loads, lines)]


def test_start_and_end(project: Path) -> None:
    invocation.begin(BOTH)
    invocation.leave(BOTH, "incomplete")
    assert records(project) == [
        ("start", "other", None),
        ("start", "tiny", None),
        ("end", "other", "incomplete"),
        ("end", "tiny", "incomplete"),
    ]


def test_targets_alone_leave_no_record(project: Path) -> None:
    invocation.begin(jobs({}))
    invocation.leave(jobs({}), "error")
    assert not (project / "results").exists()


def test_sealed_bundle_has_its_end_already(project: Path) -> None:
    one = BOTH[:1]
    invocation.begin(one)
    folder = project / "results" / "tiny" / STAMP
    folder.mkdir(parents=True)
    (folder / "SEALED").touch()
    invocation.leave(one, "error")
    assert records(project) == [("start", "tiny", None)]


def test_bundle_at_work_elsewhere_stops_the_run(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise attempts.BusyError("tiny", "nobody at work on it", "process 1")

    monkeypatch.setattr(attempts, "append_start", busy)
    with pytest.raises(SystemExit) as left:
        invocation.begin(BOTH)
    assert left.value.code == 2
    assert capsys.readouterr().err == "error: tiny: expected nobody at work on it, got process 1\n"


def test_a_run_of_which_nothing_is_left_is_judged_blocked(project: Path) -> None:
    """No phase wrote anything: gates.json, env.json and run_metadata.json are written and say so."""
    bundle = project / "results" / "tiny" / STAMP
    (bundle / "logs").mkdir(parents=True)
    step = {
        "rule": "stage_inputs",
        "started": "2026-01-02T03:04:06+00:00",
        "wall_s": 0.5,
        "peak_rss_bytes": 1,
    }
    (bundle / "logs" / "stage_inputs.json").write_text(json.dumps(step), encoding="utf-8")
    metadata.write(bundle, Settings(**settings()), ROOT)
    judged = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    assert judged["verdict"] == "blocked"
    assert len(judged["gates"]) == len(gates.GATES)
    assert all("could not be read" in gate["reason"] for gate in judged["gates"])
    found = json.loads((bundle / "run_metadata.json").read_text(encoding="utf-8"))
    assert found["started"] == step["started"]
    assert found["steps"] == [step]
    assert found["engines"]["c"]["reason"] == "it rendered no full frame"
    assert "python" in json.loads((bundle / "env.json").read_text(encoding="utf-8"))

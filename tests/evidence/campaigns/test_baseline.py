"""Verdicts are flips: against a committed table, both ways, and never silently moved."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from evidence.campaigns import baseline, rebaseline
from evidence.campaigns.baseline import BaselineError, flips
from evidence.errors import InputError, StoreError
from evidence.ledger import book, seal

STAMP = "20260102T030405Z"
LATER = "20260102T030406Z"


def row(case: str, **verdicts: str) -> dict[str, Any]:
    bare = {"reason": "", "metrics": {}, "black": False, "added": "", "image_sha256": None}
    cells = {engine: {"verdict": word, **bare} for engine, word in verdicts.items()}
    asked = {"arguments": "-N 1", "expect": "image", "quirks": None}
    return {"index": 0, "case": case, **asked, "cells": cells}


def kinds(
    rows: list[dict[str, Any]], known: baseline.Verdicts | None, guests: tuple[str, ...] = ()
) -> list[str]:
    return [flip.kind for flip in flips(rows, known, guests, whole=True)]


def test_flips_both_ways() -> None:
    known = {"a": {"c": "pass", "py": "fail"}, "b": {"c": "fail", "py": "pass"}}
    assert kinds([row("a", c="pass", py="fail"), row("b", c="fail", py="pass")], known) == []
    now = [row("a", c="fail", py="pass"), row("b", c="blocked", py="blocked")]
    assert kinds(now, known) == ["worse", "better", "changed", "worse"]


def test_new_and_gone_cases_are_flips() -> None:
    known = {"a": {"c": "pass"}}
    assert kinds([row("a", c="pass"), row("b", c="pass")], known) == ["new"]
    assert kinds([row("b", c="fail")], known) == ["worse", "gone"]
    assert [flip.kind for flip in flips([], known, [], whole=False)] == []


def test_without_a_baseline_everything_must_pass() -> None:
    assert kinds([row("a", c="pass", py="absent")], None) == []
    assert kinds([row("a", c="pass", py="blocked")], None) == ["worse"]


def test_an_engine_from_elsewhere_may_be_blocked_but_not_fail() -> None:
    assert kinds([row("a", c="pass", guest="blocked")], None, ("guest",)) == []
    assert kinds([row("a", c="pass", guest="fail")], {"a": {"c": "pass"}}, ("guest",)) == ["worse"]


def test_an_engine_that_goes_absent_flips() -> None:
    assert kinds([row("a", c="absent")], {"a": {"c": "pass"}}) == ["worse"]
    optional = flips([row("a", c="absent")], {"a": {"c": "pass"}}, [], True, ["c"])
    assert optional == []  # a machine without the device
    failing = flips([row("a", c="fail")], {"a": {"c": "absent"}}, [], True, ["c"])
    assert [flip.kind for flip in failing] == ["worse"]


def test_a_table_reads_back_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "one.tsv"
    verdicts = {"b": {"c": "pass", "py": "fail"}, "a": {"c": "blocked", "py": "absent"}}
    baseline.write(path, verdicts)
    assert baseline.read(path) == verdicts
    assert path.read_text().splitlines()[1].startswith("a\t")
    assert baseline.read(tmp_path / "none.tsv") is None
    path.write_text("case\tc\na\tmaybe\n")
    with pytest.raises(InputError, match="line 2"):
        baseline.read(path)


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one suite and one sealed campaign, in which case b fails."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config" / "suites").mkdir(parents=True)
    suite = (
        "{title: T, engines: [c], reference: c, batches: 1, gates: {default: {correlation: 1}}, "
        "cases: [{name: a, list: {b: -N 1}}]}"
    )
    (tmp_path / "config" / "suites" / "one.yaml").write_text(suite)
    seal_campaign(tmp_path / "results", STAMP, None, a="pass", b="fail")
    return tmp_path


def seal_campaign(results: Path, stamp: str, selection: str | None, **verdicts: str) -> None:
    """A campaign of these cases through one engine."""
    bundle = results / "campaign_one" / stamp
    (bundle / "batches").mkdir(parents=True)
    (bundle / "inputs").mkdir()
    staged = {"selection": selection, "cases": [{"name": name} for name in verdicts]}
    (bundle / "inputs" / "cases.json").write_text(json.dumps(staged))
    rows = [row(name, c=word) for name, word in verdicts.items()]
    (bundle / "batches" / "000-001.json").write_text(json.dumps({"engines": ["c"], "rows": rows}))
    seal.seal(bundle, results / "ledger.jsonl", {"verdict": "pass"})


def bark(monkeypatch: pytest.MonkeyPatch, *cases: str | None) -> None:
    rows = [
        {"name": str(n), "rule": "r", "case": case, "reason": "", "tried": 1} for n, case in enumerate(cases)
    ]
    monkeypatch.setattr(rebaseline, "canary", lambda package: rows)


def test_a_baseline_needs_a_reason_force_and_a_canary(
    campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, path = campaign / "results", Path("config/baselines/one.tsv")
    bark(monkeypatch, "golden/a", "golden/b", "golden/c")
    with pytest.raises(BaselineError, match="--reason"):
        rebaseline.rebaseline(results, "one", None, False)
    rebaseline.rebaseline(results, "one", "the first", False)
    assert baseline.read(path) == {"a": {"c": "pass"}, "b": {"c": "fail"}}
    baseline.write(path, {"a": {"c": "pass"}, "b": {"c": "pass"}})
    kept = path.read_text()
    with pytest.raises(BaselineError, match="--force, got 1 changed"):
        rebaseline.rebaseline(results, "one", "b is known to fail", False)
    bark(monkeypatch, "golden/a", None, "golden/c")
    with pytest.raises(BaselineError, match="canary"):
        rebaseline.rebaseline(results, "one", "b is known to fail", True)
    bark(monkeypatch)
    with pytest.raises(BaselineError, match="canary"):
        rebaseline.rebaseline(results, "one", "b is known to fail", True)
    assert path.read_text() == kept
    bark(monkeypatch, "golden/a", "golden/b", "golden/c")
    rebaseline.rebaseline(results, "one", "b is known to fail", True)
    last = book.records(results)[-1]
    assert (last["record"], last["reason"], last["changed"], last["forced"]) == (
        "baseline", "b is known to fail", 1, True,
    )  # fmt: skip


def test_a_bundle_that_was_edited_gives_no_baseline(campaign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bark(monkeypatch, "golden/a", "golden/b", "golden/c")
    batch = campaign / "results" / "campaign_one" / STAMP / "batches" / "000-001.json"
    batch.write_text(batch.read_text().replace("fail", "pass"))
    with pytest.raises(StoreError, match="as it was sealed, got flipped"):
        rebaseline.rebaseline(campaign / "results", "one", "why", True)
    assert not Path("config/baselines/one.tsv").exists()


def test_a_campaign_of_some_cases_is_not_the_suite(campaign: Path) -> None:
    """It gives no baseline and no coverage; a case is looked for in the newest campaign that holds it."""
    results = campaign / "results"
    seal_campaign(results, LATER, "a*", a="fail")
    assert rebaseline.newest(results, "one").stamp == STAMP
    assert rebaseline.newest(results, "one", "a").stamp == LATER
    assert rebaseline.newest(results, "one", "b").stamp == STAMP
    shutil.rmtree(results / "campaign_one" / STAMP)
    with pytest.raises(StoreError, match="whole suite, got none"):
        rebaseline.newest(results, "one")
    with pytest.raises(StoreError, match="holds b, got none"):
        rebaseline.newest(results, "one", "b")

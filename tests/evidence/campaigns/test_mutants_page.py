"""config/MUTANTS.md is about the rules of today, and none of them goes unnoticed."""

import pytest

from evidence.campaigns import mutants
from evidence.campaigns.suite import load_suite
from tests.helpers.places import ROOT


def test_every_rule_has_a_row_and_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "config" / "MUTANTS.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert [(row[0].strip("| `"), row[1]) for row in rows] == [
        (each.name, each.rule) for each in mutants.load()
    ]
    assert len(rows) >= 30
    cases = {
        name: {case.name for case in load_suite(name).all_cases()} for name in ("golden", "edges", "pairwise")
    }
    for row in rows:
        suite, _, case = row[2].partition("/")
        assert case in cases[suite], row

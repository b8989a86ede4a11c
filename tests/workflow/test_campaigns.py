"""Campaigns as a user runs them: dry, whole, again, of some cases, with mistakes."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.evidence.campaigns.test_campaign import SUITE
from tests.helpers.places import ROOT
from tests.workflow.test_snakemake import snakemake

BARE = {".snakemake", "config"}


@pytest.fixture
def campaigns(project: Path) -> Path:
    """The small project with a suite and the engines' list."""
    (project / "config" / "suites").mkdir()
    (project / "config" / "suites" / "small.yaml").write_text(yaml.safe_dump(SUITE, sort_keys=False))
    shutil.copy(ROOT / "config" / "engines.yaml", project / "config" / "engines.yaml")
    return project


def test_a_project_without_suites_still_works(project: Path) -> None:
    assert snakemake(project, "-n", "parity_tiny").returncode == 0


def test_a_dry_run_creates_nothing_and_needs_no_checkpoint(campaigns: Path) -> None:
    done = snakemake(campaigns, "-n", "campaign_small")
    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).count("rule run_batch:") == 2
    assert {path.name for path in campaigns.iterdir()} <= BARE


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["suite=nothing"], "error: --config suite: expected one of small, got 'nothing'"),
        (["cases=a*"], "error: --config cases: expected --config suite beside it, got none"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(words: list[str], line: str, campaigns: Path) -> None:
    done = snakemake(campaigns, "-n", "campaign", "--config", *words)
    assert done.returncode == 2
    assert line in done.stderr.splitlines()
    assert {path.name for path in campaigns.iterdir()} <= BARE


def test_a_suite_with_a_mistake_ends_its_campaign_and_no_other_target(campaigns: Path) -> None:
    wrong = {**SUITE, "inputs": {"few.hkl": "nowhere/few.hkl"}}
    (campaigns / "config" / "suites" / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    done = snakemake(campaigns, "--cores", "1", "campaign_wrong")
    assert done.returncode == 2
    line = "error: config/suites/wrong.yaml: expected readable files, got 'nowhere/few.hkl'"
    assert [said for said in done.stderr.splitlines() if said.startswith("error")] == [line]
    assert "Traceback" not in done.stderr
    assert {path.name for path in campaigns.iterdir()} <= BARE
    assert snakemake(campaigns, "-n", "campaign_small", "parity_tiny").returncode == 0


def test_a_campaign_is_sealed_once_and_some_cases_are_a_bundle_of_their_own(campaigns: Path) -> None:
    done = snakemake(campaigns, "--cores", "2", "campaign_small")
    assert done.returncode == 0, done.stderr
    assert "small: 7 cases, reference c" in done.stdout + done.stderr
    (bundle,) = (campaigns / "results" / "campaign_small").glob("2*")
    assert (bundle / "SEALED").is_file()
    done = snakemake(campaigns, "--cores", "2", "campaign", "--config", "suite=small", "cases=shape1,more_*")
    assert done.returncode == 0, done.stderr
    _, second = sorted((campaigns / "results" / "campaign_small").glob("2*"))
    found = json.loads((second / "campaign.json").read_text())
    assert (found["cases"], found["selection"]) == (4, "shape1,more_*")
    assert len(list((second / "batches").iterdir())) == 1
    ledger = [json.loads(line) for line in (campaigns / "results" / "ledger.jsonl").read_text().splitlines()]
    assert [record["record"] for record in ledger] == ["start", "end"] * 2

"""What one invocation asks of campaigns, and what ends it before anything is written."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from evidence.campaigns import campaign_plan
from evidence.campaigns.campaign_check import check
from evidence.campaigns.campaign_plan import Campaigns, settle
from evidence.campaigns.suite import load_suite
from evidence.errors import InputError
from tests.evidence.campaigns.test_campaign import SUITE
from tests.helpers.places import ROOT

ENGINES = (ROOT / "config" / "engines.yaml").read_text(encoding="utf-8")


@pytest.fixture
def suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """config/suites of a folder with two suites."""
    folder = tmp_path / "config" / "suites"
    folder.mkdir(parents=True)
    (tmp_path / "config" / "engines.yaml").write_text(ENGINES)
    for name in ("small", "other"):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(SUITE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB_C_BIN", raising=False)
    return folder


def of(found: Campaigns, suite: str) -> Any:
    return SimpleNamespace(bundle=found.bundles[suite])


@pytest.mark.parametrize(
    ("change", "selection", "told"),
    [
        ({"optional": ["torch-cdua"]}, None, "small.yaml engine: expected one of c .*, got 'torch-cdua'"),
        ({"inputs": {"A.mat": "nowhere/A.mat"}}, None, "small.yaml: expected readable files, got 'nowhere/A"),
        ({"inputs": {"A.mat": "config"}}, None, "small.yaml: expected readable files, got 'config'"),
        (
            {"cases": [{"name": "a", "stored": {"arguments": "no.json", "images": "no.npz"}}]},
            None,
            "small.yaml cases 0 key stored: expected JSON in no.json",
        ),
        ({"cases": [SUITE["cases"][0]] * 2}, None, "case shape1: expected a name of its own, got it twice"),
        ({"cases": [{"name": "a", "list": {"b": '-N "1'}}]}, None, "case b arguments: expected shell words"),
        ({}, "nope", "--config cases: expected names of cases or patterns that match some, got 'nope'"),
    ],
)
def test_what_a_campaign_stumbles_over_is_found_before(
    suites: Path, change: dict[str, Any], selection: str | None, told: str
) -> None:
    check(load_suite("small"), None)
    (suites / "small.yaml").write_text(yaml.safe_dump({**SUITE, **change}))
    with pytest.raises(InputError, match=told):
        check(load_suite("small"), selection)


def test_images_that_are_not_there_are_found_before(suites: Path) -> None:
    Path("one.json").write_text(json.dumps({"a": "-N 1"}))
    cases = [{"name": "a", "stored": {"arguments": "one.json", "images": "no.npz"}}]
    (suites / "small.yaml").write_text(yaml.safe_dump({**SUITE, "cases": cases}))
    with pytest.raises(InputError, match=r"expected readable files, got 'no\.npz'"):
        check(load_suite("small"), None)


@pytest.mark.parametrize("damage", [b"", b"case\tc\nshape1\tmaybe\n", b"\xff\xfe", b"case\tc\nshape1\n"])
def test_a_damaged_baseline_is_found_before(suites: Path, damage: bytes) -> None:
    path = suites.parent / "baselines" / "small.tsv"
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(InputError, match=r"config/baselines/small\.tsv"):
        check(load_suite("small"), None)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"title: a\ntitle: b\n",
        b"\xff",
        b"enginess: 1\n",
        yaml.safe_dump({**SUITE, "cases": []}).encode(),
    ],
)
def test_a_suite_that_is_asked_for_ends_the_invocation(
    suites: Path, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an input function of Snakemake an exception would be a traceback and status 1."""

    def left(problem: InputError) -> None:
        raise SystemExit(str(problem))

    monkeypatch.setattr(campaign_plan, "leave", left)
    (suites / "small.yaml").write_bytes(text)
    found = settle({}, ROOT, {})
    assert found.batches_of(of(found, "other"))
    with pytest.raises(SystemExit, match=r"config/suites/small\.yaml"):
        found.batches_of(of(found, "small"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("My Suite.yaml", "My Suite.yaml: expected a name of a-z, 0-9 and _ that starts with a letter"),
        ("large.yml", "large.yml: expected a name that ends in .yaml"),
    ],
)
def test_a_suite_whose_name_is_no_target(suites: Path, name: str, told: str) -> None:
    (suites / name).touch()
    with pytest.raises(InputError, match=told):
        settle({}, ROOT, {})


def test_a_job_does_not_look_again(suites: Path) -> None:
    (suites / "small.yaml").write_text(yaml.safe_dump({**SUITE, "optional": ["torch-cdua"]}))
    environ: dict[str, str] = {}
    assert settle({}, ROOT, environ).first
    job = settle({}, ROOT, environ)
    assert job.suite_name(of(job, "small")) == "small"


def test_a_selection_is_of_the_suite_that_was_asked_for(suites: Path) -> None:
    found = settle({"suite": "small", "cases": "shape*"}, ROOT, {})
    assert [found.selection_of(of(found, name)) for name in ("small", "other")] == ["shape*", None]
    assert [len(found.batches_of(of(found, name))) for name in ("small", "other")] == [1, SUITE["batches"]]


def test_a_program_that_cannot_be_started_is_found_before(
    suites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del suites
    monkeypatch.setenv("NB_C_BIN", "/nowhere/nanoBragg")
    with pytest.raises(InputError, match="NB_C_BIN: expected a nanoBragg that starts and answers"):
        check(load_suite("small"), None)

"""The bundle as a Workflow Run RO-Crate: written offline, whole, and checked by a checker that can fail."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from evidence.provenance import crate
from evidence.store import atomic
from tests.helpers import crate_check
from tests.helpers.places import BUNDLE


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle with its crate, made where every connection is refused."""

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    folder = tmp_path / "results" / "toy" / "20261121T120000Z"
    shutil.copytree(BUNDLE, folder)
    crate.build(folder)
    return folder


def graph(bundle: Path) -> dict[str, dict[str, Any]]:
    """Entities by @id."""
    content = json.loads((bundle / crate.METADATA).read_bytes())
    return {entity["@id"]: entity for entity in content["@graph"]}


def test_whole(bundle: Path) -> None:
    assert crate_check.check(bundle) == []


def test_rocrate_reads_it_back(bundle: Path) -> None:
    read = ROCrate(bundle)
    assert read.mainEntity.id == crate.WORKFLOW
    image = read.get("phase_o/c/floatimage.bin")
    assert image["contentSize"] == "64"
    assert len(image["sha256"]) == 64
    actions = {action.id: action for action in read.root_dataset["mentions"]}
    assert set(actions) == {"#run", "#phase_o/c", "#phase_o/py_float64"}
    assert actions["#phase_o/c"]["endTime"] == "2026-11-21T12:00:05.500+00:00"
    assert image.id in [entity.id for entity in actions["#phase_o/c"]["result"]]


def test_building_again_gives_the_same_bytes(bundle: Path) -> None:
    first = (bundle / crate.METADATA).read_bytes()
    crate.build(bundle)
    assert (bundle / crate.METADATA).read_bytes() == first


def test_it_is_sealed_with_the_rest(bundle: Path) -> None:
    results = bundle.parents[1]
    seal(bundle, results / "ledger.jsonl", {"verdict": "pass"})
    assert verify(results) == []
    assert crate_check.check(bundle) == []
    before = (bundle / crate.METADATA).stat()
    crate.build(bundle)  # as when a seal is completed after a kill
    assert (bundle / crate.METADATA).stat() == before


def test_without_a_workflow_file_it_is_a_process_run(bundle: Path) -> None:
    (bundle / crate.WORKFLOW).unlink()
    crate.build(bundle)
    assert crate_check.check(bundle) == []
    assert [item["@id"] for item in graph(bundle)["./"]["conformsTo"]] == [crate.PROCESS[0]]
    crate.build(bundle, BUNDLE / crate.WORKFLOW)
    assert graph(bundle)["./"]["mainEntity"] == {"@id": crate.WORKFLOW}
    assert crate_check.check(bundle) == []


def test_the_workflow_brings_its_rules(bundle: Path, tmp_path: Path) -> None:
    rules = tmp_path / crate.RULES
    rules.mkdir(parents=True)
    (rules / "seal.smk").write_text("rule seal:", encoding="utf-8")
    (tmp_path / "Snakefile").write_text('include: "workflow/rules/seal.smk"', encoding="utf-8")
    crate.build(bundle, tmp_path / "Snakefile")
    found = graph(bundle)
    rule = {"@id": "inputs/workflow/rules/seal.smk"}
    assert found[crate.WORKFLOW]["hasPart"] == [rule]
    assert rule not in found["#run"]["object"]
    assert (bundle / "inputs" / "Snakefile").read_text() == 'include: "workflow/rules/seal.smk"'
    assert crate_check.check(bundle) == []


def test_a_failed_engine_is_a_failed_action_and_a_blocked_one_none(bundle: Path) -> None:
    for label, status in (("c", "failed"), ("py_float64", "blocked")):
        path = bundle / "phase_o" / label / "run.json"
        run = json.loads(path.read_bytes())
        run.update(status=status, reason="died of signal 9", exit_code=None, env={"OMP_NUM_THREADS": "1"})
        atomic.write_json(path, run)
    crate.build(bundle)
    assert crate_check.check(bundle) == []
    found = graph(bundle)
    assert found["#phase_o/c"]["error"] == "died of signal 9"
    assert found["#phase_o/c"]["environment"] == [{"@id": "#env-OMP_NUM_THREADS=1"}]
    assert "#phase_o/py_float64" not in found


def test_odd_file_names_are_found_again(bundle: Path) -> None:
    (bundle / "phase_k/a b #1 %20.txt").write_text("x", encoding="utf-8")
    crate.build(bundle)
    assert crate_check.check(bundle) == []


def _set(entity: str, key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda found: found[entity].__setitem__(key, value)


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "size": _set("memo.md", "contentSize", "13"),
    "hash": _set("memo.md", "sha256", "0" * 64),
    "file not listed": lambda found: found["./"]["hasPart"].remove({"@id": "memo.md"}),
    "file not there": lambda found: found["./"]["hasPart"].append({"@id": "./"}),
    "dangling reference": _set("#run", "instrument", {"@id": "nowhere"}),
    "no instrument": lambda found: found["#phase_o/c"].pop("instrument"),
    "no result": lambda found: found["#phase_o/c"].pop("result"),
    "no end": lambda found: found["#phase_o/c"].pop("endTime"),
    "odd time": _set("#phase_o/c", "startTime", "yesterday"),
    "status": _set("#run", "actionStatus", "done"),
    "error without failure": _set("#run", "error", "none"),
    "not mentioned": _set("./", "mentions", []),
    "no licence": _set("./", "license", ""),
    "profile": _set("./", "conformsTo", []),
    "main entity": lambda found: found["./"].pop("mainEntity"),
    "main type": _set(crate.WORKFLOW, "@type", "File"),
    "language": lambda found: found[crate.WORKFLOW].pop("programmingLanguage"),
    "version": _set(crate.METADATA, "conformsTo", {"@id": "https://w3id.org/ro/crate/9"}),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_the_checker_fails(name: str, bundle: Path) -> None:
    content = json.loads((bundle / crate.METADATA).read_bytes())
    WRONG[name]({entity["@id"]: entity for entity in content["@graph"]})
    atomic.write_json(bundle / crate.METADATA, content)
    assert crate_check.check(bundle) != []


def test_the_checker_fails_without_a_crate(tmp_path: Path) -> None:
    assert crate_check.check(tmp_path) != []

"""Named references: pinned once, moved only by force, all in the ledger; and what moved against them."""

import json
import shutil
from pathlib import Path

import pytest

from evidence.errors import StoreError
from evidence.ledger import attempts, bundles, pins
from evidence.ledger.deltas import deltas
from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from evidence.store import atomic
from tests.helpers.places import BUNDLE

FIRST, SECOND, OPEN = "20261121T120000Z", "20261121T130000Z", "20261121T140000Z"


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sealed bundles, the second with a failing gate and a slower engine, and one that is not sealed."""
    monkeypatch.setattr(atomic, "fsync", lambda descriptor: None)  # for speed: nothing loses power here
    monkeypatch.setattr(atomic, "sync_folder", lambda folder: None)
    folder = tmp_path / "results"
    for stamp in (FIRST, SECOND, OPEN):
        bundle = Path(shutil.copytree(BUNDLE, folder / "toy" / stamp))
        if stamp == SECOND:
            _worsen(bundle)
        if stamp != OPEN:
            seal(bundle, folder / attempts.LEDGER, {"verdict": "pass"})
    return folder


def _worsen(bundle: Path) -> None:
    gates = json.loads((bundle / "gates.json").read_bytes())
    gates["verdict"] = gates["gates"][1]["status"] = "fail"
    gates["gates"][1]["checks"][0].update(measured=0.5, status="fail")
    gates["gates"][1]["checks"][1].update(measured=None, status="blocked", reason="no image")
    atomic.write_json(bundle / "gates.json", gates)
    run = json.loads((bundle / "phase_o/c/run.json").read_bytes())
    atomic.write_json(bundle / "phase_o/c/run.json", {**run, "wall_s": 1.0})


def test_a_pin_is_kept_and_in_the_ledger(results: Path) -> None:
    kept = pins.pin(results, "base", "toy", FIRST)
    assert pins.read_pins(results) == {"base": kept}
    assert pins.pinned(results, "base").stamp == FIRST
    assert [record["record"] for record in attempts.records(results)] == ["end", "end", "pin"]
    assert pins.pin(results, "base", "toy", FIRST) == kept
    assert len(attempts.records(results)) == 3
    assert {finding.kind for finding in verify(results)} == {"unsealed"}


def test_the_newest_sealed_bundle_is_pinned_by_default(results: Path) -> None:
    assert pins.pin(results, "latest")["stamp"] == SECOND


def test_moving_a_pin_needs_force_and_says_from_where(results: Path) -> None:
    pins.pin(results, "base", "toy", FIRST)
    with pytest.raises(pins.PinError, match=f"expected --force to move it, got none; it keeps toy/{FIRST}"):
        pins.pin(results, "base", "toy", SECOND)
    assert pins.pinned(results, "base").stamp == FIRST
    pins.pin(results, "base", "toy", SECOND, force=True)
    assert pins.pinned(results, "base").stamp == SECOND
    last = attempts.records(results)[-1]
    assert (last["stamp"], last["previous"]["stamp"]) == (SECOND, FIRST)


def test_what_is_not_sealed_or_not_there_or_badly_named_is_refused(results: Path) -> None:
    with pytest.raises(StoreError, match="expected a sealed bundle"):
        pins.pin(results, "base", "toy", OPEN)
    with pytest.raises(StoreError, match="stamp: expected one of"):
        pins.pin(results, "base", "toy", "20200101T000000Z")
    with pytest.raises(StoreError, match="expected a name of letters"):
        pins.pin(results, "../base")
    with pytest.raises(StoreError, match="pin: expected one of none there, got 'base'"):
        pins.pinned(results, "base")
    assert not (results / pins.PINS).exists()


def test_a_pinned_bundle_that_was_replaced_is_not_used(results: Path) -> None:
    pins.pin(results, "base", "toy", FIRST)
    (results / "toy" / FIRST / "SHA256SUMS").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match=f"pin base: expected toy/{FIRST} as it was pinned"):
        pins.pinned(results, "base")


def test_deltas_name_flips_figures_and_speed(results: Path) -> None:
    found = deltas(bundles.at(results / "toy" / FIRST), bundles.at(results / "toy" / SECOND))
    assert found["flipped"] == [{"gate": "VG-5", "before": "pass", "after": "fail"}]
    assert found["moved"] == ["VG-5 correlation", "VG-5 sum ratio"]
    rows = {row["name"]: row for row in found["measured"]}
    assert rows["VG-5 correlation"]["change"] == pytest.approx(-0.4999999)
    assert (rows["VG-5 sum ratio"]["after"], rows["VG-5 sum ratio"]["change"]) == (None, None)
    assert {row["name"]: row["ratio"] for row in found["speed"]} == {
        "phase_o/c": 2.0,
        "phase_o/py_float64": 1.0,
    }
    assert found["machines"]["same"] is True


def test_deltas_of_a_bundle_with_itself_are_none(results: Path) -> None:
    one = bundles.at(results / "toy" / FIRST)
    found = deltas(one, one)
    assert (found["flipped"], found["moved"]) == ([], [])


def test_a_gate_that_vanished_is_a_flip(results: Path) -> None:
    path = results / "toy" / OPEN / "gates.json"
    gates = json.loads(path.read_bytes())
    del gates["gates"][0]
    atomic.write_json(path, gates)
    found = deltas(bundles.at(results / "toy" / FIRST), bundles.at(results / "toy" / OPEN))
    assert found["flipped"] == [{"gate": "VG-0", "before": "pass", "after": "absent"}]

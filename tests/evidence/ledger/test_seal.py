"""Sealing: what it writes, what it refuses, what it completes."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from evidence.errors import SealedError, StoreError
from evidence.ledger import attempts, sums
from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from evidence.store import atomic
from tests.helpers.places import BUNDLE

SUMMARY = {"verdict": "pass", "gates": {"VG-0": "pass"}}


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle that is not sealed."""
    monkeypatch.setattr(atomic, "fsync", lambda descriptor: None)  # for speed: nothing loses power here
    monkeypatch.setattr(atomic, "sync_folder", lambda folder: None)
    return Path(shutil.copytree(BUNDLE, tmp_path / "results" / "toy" / "20261121T120000Z"))


def close(bundle: Path) -> dict[str, object]:
    """Seal with the usual summary."""
    return seal(bundle, bundle.parents[1] / "ledger.jsonl", dict(SUMMARY))


def test_sha256sum_accepts_and_every_file_is_listed(bundle: Path) -> None:
    close(bundle)
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", sums.SUMS], cwd=bundle, capture_output=True, text=True, check=True
    )
    there = sorted(p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file())
    listed = [line.removesuffix(": OK") for line in done.stdout.splitlines()]
    assert sorted([*listed, "SEALED", "SHA256SUMS"]) == there
    assert listed == sorted(listed)


def test_seal_and_ledger_hold_the_hash(bundle: Path) -> None:
    end = close(bundle)
    digest = sums.measure(bundle / sums.SUMS).sha256
    sealed = json.loads((bundle / atomic.SEALED).read_bytes())
    assert (sealed["case"], sealed["stamp"], sealed["sha256sums"]) == ("toy", "20261121T120000Z", digest)
    assert sealed["bytes"]["phase_o/c/floatimage.bin"] == 64
    assert end["sha256sums"] == digest
    assert end["verdict"] == "pass"
    assert attempts.records(bundle.parents[1]) == [end]


def test_sealing_again_changes_nothing(bundle: Path) -> None:
    first = close(bundle)
    before = {path: path.stat().st_mtime_ns for path in bundle.rglob("*")}
    assert close(bundle) == first
    assert {path: path.stat().st_mtime_ns for path in bundle.rglob("*")} == before


@pytest.mark.parametrize("cut", ["SEALED", "ledger"])
def test_a_cut_seal_is_told_apart_and_completed_with_the_same_bytes(cut: str, bundle: Path) -> None:
    results = bundle.parents[1]
    close(bundle)
    whole = (bundle / atomic.SEALED).read_bytes()
    (results / "ledger.jsonl").unlink()
    if cut == "SEALED":
        (bundle / atomic.SEALED).unlink()
    kinds = [finding.kind for finding in verify(results)]
    assert kinds == [{"SEALED": "half-sealed", "ledger": "unlisted"}[cut]]
    close(bundle)
    assert verify(results) == []
    assert (bundle / atomic.SEALED).read_bytes() == whole


def test_a_file_made_again_after_a_cut_seal_is_sealed_as_it_is(bundle: Path) -> None:
    close(bundle)
    (bundle / atomic.SEALED).unlink()
    (bundle.parents[1] / "ledger.jsonl").unlink()
    (bundle / "memo.md").write_text("# another\n", encoding="utf-8")
    close(bundle)
    assert verify(bundle.parents[1]) == []


def test_once_in_the_ledger_other_files_are_refused(bundle: Path) -> None:
    close(bundle)
    (bundle / atomic.SEALED).unlink()
    (bundle / "memo.md").write_text("# another\n", encoding="utf-8")
    with pytest.raises(SealedError, match="expected the files that were sealed, got others"):
        close(bundle)
    assert not (bundle / atomic.SEALED).exists()


def test_links_and_pipes_are_refused(bundle: Path) -> None:
    (bundle / "phase_k" / "link.txt").symlink_to(bundle / "memo.md")
    with pytest.raises(StoreError, match=r"link\.txt: expected a regular file, got a link or special file"):
        close(bundle)
    (bundle / "phase_k" / "link.txt").unlink()
    (bundle / "linked").symlink_to(bundle / "phase_k")
    with pytest.raises(StoreError, match="linked: expected a regular file"):
        close(bundle)
    (bundle / "linked").unlink()
    os.mkfifo(bundle / "pipe")
    with pytest.raises(StoreError, match="pipe: expected a regular file"):
        close(bundle)
    assert not (bundle / sums.SUMS).exists()


@pytest.mark.parametrize("name", ["line\nend.txt", "back\\slash.txt", "bell\a.txt"])
def test_names_that_sha256sum_would_escape_are_refused(name: str, bundle: Path) -> None:
    (bundle / name).write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="expected a printable file name"):
        close(bundle)


def test_names_with_blanks_stars_and_letters_of_the_world_are_fine(bundle: Path) -> None:
    for name in ("a b.txt", "*star.txt", "-dash.txt", "Ångström.txt"):
        (bundle / name).write_text(name, encoding="utf-8")
    close(bundle)
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", sums.SUMS], cwd=bundle, check=True)
    assert verify(bundle.parents[1]) == []


def test_an_empty_or_absent_bundle_and_a_summary_without_verdict_are_refused(
    tmp_path: Path, bundle: Path
) -> None:
    (tmp_path / "results" / "toy" / "empty").mkdir()
    with pytest.raises(StoreError, match="expected at least one file"):
        close(tmp_path / "results" / "toy" / "empty")
    with pytest.raises(StoreError, match="expected a folder"):
        close(tmp_path / "results" / "toy" / "absent")
    with pytest.raises(StoreError, match="expected a summary with a verdict"):
        seal(bundle, bundle.parents[1] / "ledger.jsonl", {})
    with pytest.raises(StoreError, match="expected one of pass, fail, blocked"):
        seal(bundle, bundle.parents[1] / "ledger.jsonl", {"verdict": "great"})


def test_a_living_writer_keeps_the_bundle_open(bundle: Path) -> None:
    with atomic.staged(bundle / "late.txt") as temporary:
        temporary.write_text("late", encoding="utf-8")
        with pytest.raises(StoreError, match="expected nobody at work on it, got the temporary file"):
            close(bundle)
    close(bundle)


def test_an_edited_seal_is_not_entered_in_the_ledger(bundle: Path) -> None:
    close(bundle)
    (bundle.parents[1] / "ledger.jsonl").unlink()
    (bundle / sums.SUMS).write_text("0" * 64 + "  memo.md\n", encoding="utf-8")
    with pytest.raises(StoreError, match="expected SEALED to hold the hash"):
        close(bundle)
    assert attempts.records(bundle.parents[1]) == []

"""Each kind of damage to a sealed bundle or to the ledger is named, alone, and has its own exit code."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.ledger import attempts, chain, pins, sums
from evidence.ledger.findings import KINDS, SEVERAL, exit_code
from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from tests.helpers.places import BUNDLE

FIRST, SECOND = "20261121T120000Z", "20261121T130000Z"
SUMMARY = {"verdict": "pass", "gates": {"VG-0": "pass"}, "metrics": {"correlation": 0.9999999}}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two sealed bundles, each with a start and an end record."""
    folder = tmp_path / "results"
    for stamp in (FIRST, SECOND):
        attempts.append_start(folder, "toy", stamp)
        shutil.copytree(BUNDLE, folder / "toy" / stamp)
        seal(folder / "toy" / stamp, folder / attempts.LEDGER, dict(SUMMARY))
    assert verify(folder) == []
    return folder


def flip(path: Path, at: int = 0) -> None:
    """Flip one bit and put the times back."""
    times = path.stat()
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def swap(one: Path, other: Path) -> None:
    """Exchange two names."""
    middle = one.with_name("middle")
    one.rename(middle)
    other.rename(one)
    middle.rename(other)


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def extend(path: Path) -> None:
    """Add a byte."""
    path.write_bytes(path.read_bytes() + b"\0")


def drop_last_line(path: Path) -> None:
    """Remove one line cleanly."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def relink(bundle: Path) -> None:
    """Put a link with the very same content in the place of a file."""
    outside = bundle.parents[2] / "same"
    (bundle / "memo.md").rename(outside)
    (bundle / "memo.md").symlink_to(outside)


def reseal(bundle: Path) -> None:
    """What an insider would do: change a file and write its SHA256SUMS and SEALED anew."""
    edit(bundle / "gates.json", '"pass"', '"fail"')
    measured = {name: sums.measure(bundle / name) for name in sums.entries(bundle).files}
    listed = sums.format_sums(measured)
    content = json.loads((bundle / "SEALED").read_bytes())
    content["sha256sums"] = hashlib.sha256(listed).hexdigest()
    (bundle / "SHA256SUMS").write_bytes(listed)
    (bundle / "SEALED").write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


IMAGE, OTHER = "phase_o/c/floatimage.bin", "phase_o/py_float64/floatimage.bin"
EMPTY = "phase_o/figures/empty.txt"
DAMAGE: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "bit flipped, mtime kept": ("flipped", IMAGE, lambda b: flip(b / IMAGE, 17)),
    "cut": ("truncated", IMAGE, lambda b: os.truncate(b / IMAGE, 60)),
    "emptied": ("truncated", "memo.md", lambda b: os.truncate(b / "memo.md", 0)),
    "extended": ("extended", IMAGE, lambda b: extend(b / IMAGE)),
    "empty file filled": ("extended", EMPTY, lambda b: extend(b / EMPTY)),
    "deleted": ("missing", "gates.json", lambda b: (b / "gates.json").unlink()),
    "added": ("added", "phase_k/more.txt", lambda b: (b / "phase_k/more.txt").write_text("more")),
    "added, hidden": ("added", ".hidden", lambda b: (b / ".hidden").write_text("more")),
    "swapped": ("swapped", IMAGE, lambda b: swap(b / IMAGE, b / OTHER)),
    "one image copied over the other": ("flipped", OTHER, lambda b: shutil.copy(b / IMAGE, b / OTHER)),
    "renamed": ("renamed", "memo.md", lambda b: (b / "memo.md").rename(b / "memo.txt")),
    "moved into a folder": ("renamed", "env.json", lambda b: (b / "env.json").rename(b / "inputs/env.json")),
    "link to the same bytes": ("link", "memo.md", relink),
    "link added": ("link", "phase_x", lambda b: (b / "phase_x").symlink_to(b / "phase_k")),
    "pipe added": ("link", "pipe", lambda b: os.mkfifo(b / "pipe")),
    "bundle replaced by a link": ("link", "", lambda b: (b.rename(b.parent / "away"), b.symlink_to("away"))),
    "hash edited": ("sums", "SHA256SUMS", lambda b: flip(b / "SHA256SUMS", 0)),
    "line removed": ("sums", "SHA256SUMS", lambda b: drop_last_line(b / "SHA256SUMS")),
    "sums cut": ("sums", "SHA256SUMS", lambda b: os.truncate(b / "SHA256SUMS", 100)),
    "sums gone": ("sums", "SHA256SUMS", lambda b: (b / "SHA256SUMS").unlink()),
    "seal bit flipped": ("seal", "SEALED", lambda b: flip(b / "SEALED", 20)),
    "seal's hash edited": (
        "seal",
        "SEALED",
        lambda b: edit(b / "SEALED", '"sha256sums": "', '"sha256sums": "0'),
    ),
    "a sealed size edited": (
        "seal",
        "SEALED",
        lambda b: edit(b / "SEALED", '"memo.md": 12', '"memo.md": 13'),
    ),
    "seal gone": ("seal", "SEALED", lambda b: (b / "SEALED").unlink()),
    "resealed": ("resealed", "SHA256SUMS", reseal),
    "bundle gone": ("lost", "", shutil.rmtree),
    "bundle renamed": ("renamed", "", lambda b: b.rename(b.with_name("20261121T125959Z"))),
}


@pytest.mark.parametrize("name", list(DAMAGE))
def test_damage_to_a_bundle_is_named(name: str, results: Path) -> None:
    kind, where, damage = DAMAGE[name]
    damage(results / "toy" / FIRST)
    found = verify(results)
    if name == "bundle replaced by a link":  # the folder it points to is a bundle under another name
        found = [finding for finding in found if not finding.path.startswith("toy/away")]
    assert [finding.kind for finding in found] == [kind], found
    stamp = "20261121T125959Z" if name == "bundle renamed" else FIRST
    assert found[0].path == f"toy/{stamp}/{where}".rstrip("/")
    assert exit_code(found) == KINDS[kind][0] >= 10


def ledger_lines(results: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Rewrite the ledger's lines."""
    path = results / attempts.LEDGER
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


LEDGER_DAMAGE: dict[str, tuple[str, str, Callable[[list[bytes]], list[bytes]]]] = {
    "verdict edited": (
        "ledger",
        "line 2",
        lambda old: [old[0], old[1].replace(b'"pass"', b'"fail"'), *old[2:]],
    ),
    "blank added": ("ledger", "line 2", lambda old: [old[0], old[1].replace(b",", b", ", 1), *old[2:]]),
    "last line edited": ("ledger", "line 4", lambda old: [*old[:3], old[3].replace(b'"pass"', b'"fail"')]),
    "first line removed": ("ledger", "line 1", lambda lines: lines[1:]),
    "middle line removed": ("ledger", "line 3", lambda old: [*old[:2], old[3]]),
    "line doubled": ("ledger", "line 3", lambda old: [*old[:2], old[1], *old[2:]]),
    "garbage in the middle": ("ledger", "line 2", lambda old: [old[0], b"garbage\n", *old[1:]]),
    "torn": ("torn", "line 5", lambda old: [*old, b'{"case":"to']),
    "nul bytes, as after a power loss": ("torn", "line 5", lambda old: [*old, b"\0" * 40]),
    "line end missing": ("torn", "line 4", lambda old: [*old[:3], old[3].rstrip(b"\n")]),
}


@pytest.mark.parametrize("name", list(LEDGER_DAMAGE))
def test_damage_to_the_ledger_is_named(name: str, results: Path) -> None:
    kind, where, change = LEDGER_DAMAGE[name]
    ledger_lines(results, change)
    found = verify(results)
    assert {finding.kind for finding in found} == {kind}, found
    assert found[0].message.startswith(where)
    assert exit_code(found) == KINDS[kind][0]


def test_a_rewritten_line_shows_in_the_line_after_it(results: Path) -> None:
    """An insider who computes the line's own hash anew still breaks the chain."""

    def rewrite(lines: list[bytes]) -> list[bytes]:
        record = json.loads(lines[1])
        record["verdict"] = "fail"
        return [lines[0], chain.encode(record), *lines[2:]]

    ledger_lines(results, rewrite)
    assert [(f.kind, f.message[:6]) for f in verify(results)] == [("ledger", "line 3")]


def test_any_bit_of_the_ledger_counts(results: Path) -> None:
    """Every byte of the ledger, one flipped bit at a time."""
    whole = (results / attempts.LEDGER).read_bytes()
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << (at % 8)
        faults, _ = chain.check(chain.split(bytes(damaged)))
        assert faults, (at, whole[at - 20 : at + 20])


@pytest.mark.parametrize("name", ["SHA256SUMS", "SEALED"])
def test_any_bit_of_the_seal_counts(name: str, results: Path) -> None:
    path = results / "toy" / FIRST / name
    for at in range(0, path.stat().st_size, 13):
        flip(path, at)
        assert exit_code(verify(results, "toy", FIRST)) in (KINDS["sums"][0], KINDS["seal"][0]), at
        flip(path, at)
    assert verify(results) == []


def test_an_edited_time_does_not_stop_the_next_append(results: Path) -> None:
    ledger_lines(results, lambda lines: [*lines[:3], re.sub(rb'"time":"[^"]*"', b'"time":"z"', lines[3])])
    attempts.append_start(results, "toy", "20261121T140000Z")
    assert {(f.kind, f.message[:6]) for f in verify(results) if f.code} == {("ledger", "line 4")}


def test_last_records_removed_with_their_seal_missing_shows_as_unlisted(results: Path) -> None:
    ledger_lines(results, lambda lines: lines[:3])
    assert [(f.kind, f.path) for f in verify(results)] == [("unlisted", f"toy/{SECOND}/SEALED")]


def test_removing_the_newest_attempt_whole_needs_an_anchor(results: Path) -> None:
    """The stated limit: without a hash kept elsewhere nothing shows; with it, it does."""
    _, anchor = attempts.head(results)
    assert verify(results, anchor=anchor) == []
    ledger_lines(results, lambda lines: lines[:2])
    shutil.rmtree(results / "toy" / SECOND)
    assert verify(results) == []
    assert [finding.kind for finding in verify(results, anchor=anchor)] == ["anchor"]


def test_a_file_that_the_disk_cannot_read_is_named(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sums.measure

    def measure(path: Path, to_disk: bool = False) -> sums.Measured:
        if path.name == "env.json":
            raise OSError(5, "Input/output error", str(path))
        return real(path, to_disk)

    monkeypatch.setattr(sums, "measure", measure)
    found = verify(results, "toy", FIRST)
    assert [str(finding) for finding in found] == [f"unreadable: toy/{FIRST}/env.json: Input/output error"]


def test_two_kinds_at_once(results: Path) -> None:
    flip(results / "toy" / FIRST / IMAGE)
    (results / "toy" / SECOND / "memo.md").unlink()
    found = verify(results)
    assert [finding.kind for finding in found] == ["flipped", "missing"]
    assert exit_code(found) == SEVERAL


def test_edited_pins_are_named(results: Path) -> None:
    pins.pin(results, "base", "toy", FIRST)
    assert verify(results) == []
    edit(results / pins.PINS, FIRST, SECOND)
    assert [finding.kind for finding in verify(results)] == ["pins"]


def test_subsets_together_read_every_file(results: Path) -> None:
    names = sums.entries(results / "toy" / FIRST).files
    for name in names:
        path = results / "toy" / FIRST / name
        if path.stat().st_size:
            flip(path)
            hits = [n for n in (1, 2, 3) if verify(results, subset=(n, 3))]
            assert len(hits) == 1, name
            flip(path)
    assert verify(results) == []


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [code for code, _ in KINDS.values() if code]
    assert len(codes) == len(set(codes))
    assert not {0, 1, 2, SEVERAL} & set(codes)

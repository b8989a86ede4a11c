"""The layer that writes artifacts: whole, in order, never into a sealed folder, nothing left behind."""

import json
import math
import os
from pathlib import Path

import pytest

from evidence.errors import SealedError, StoreError
from evidence.store import atomic, process
from evidence.store.sweep import FOREIGN_AGE_S, sweep, writer


def test_json_is_sorted_indented_and_ended(tmp_path: Path) -> None:
    atomic.write_json(tmp_path / "a.json", {"b": 1, "a": "Å"})
    assert (tmp_path / "a.json").read_bytes() == '{\n  "a": "Å",\n  "b": 1\n}\n'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, {1, 2}])
def test_json_refuses_what_is_no_number(value: object, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"a\.json: expected finite numbers and plain values, got "):
        atomic.write_json(tmp_path / "a.json", {"deep": [value]})
    assert list(tmp_path.iterdir()) == []


def test_steps_come_in_the_safe_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    for name in ("create", "write", "fsync", "rename", "sync_folder"):
        real = getattr(atomic, name)
        monkeypatch.setattr(atomic, name, lambda *a, _n=name, _r=real, **k: (seen.append(_n), _r(*a, **k))[1])
    atomic.write_text(tmp_path / "new" / "a.txt", "x")
    assert seen == ["sync_folder", "create", "write", "fsync", "rename", "sync_folder"]


def test_file_and_folder_are_really_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    atomic.write_text(tmp_path / "a.txt", "x")
    assert synced[0].startswith(f"{tmp_path}/{atomic.TEMPORARY}")
    assert synced[1:] == [str(tmp_path)]


def test_a_staged_figure_keeps_its_suffix_and_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "figure.png"
    target.write_bytes(b"old")
    with atomic.staged(target) as temporary:
        assert temporary.suffix == ".png"
        assert temporary.parent == tmp_path
        temporary.write_bytes(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def interrupted(path: Path) -> None:
    """A block that fails half-way."""
    with atomic.staged(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError


def overtaken(path: Path) -> None:
    """A block that takes so long that the bundle is sealed meanwhile."""
    with atomic.staged(path) as temporary:
        temporary.write_text("late", encoding="utf-8")
        (path.parent / atomic.SEALED).touch()


def test_a_failing_block_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError):
        interrupted(tmp_path / "a.txt")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_large_file_is_copied_in_pieces(tmp_path: Path) -> None:
    data = os.urandom((1 << 20) + 7)
    (tmp_path / "a.bin").write_bytes(data)
    atomic.copy_file(tmp_path / "a.bin", tmp_path / "deep" / "b.bin")
    assert (tmp_path / "deep" / "b.bin").read_bytes() == data


def test_sealed_folders_take_nothing_more(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    atomic.write_text(bundle / "phase_k" / "a.txt", "old")
    (bundle / atomic.SEALED).touch()
    for path in (bundle / "new.txt", bundle / "phase_k" / "a.txt", bundle / "phase_k" / "deep" / "b.txt"):
        with pytest.raises(SealedError, match="expected a bundle that is still open, got one that is sealed"):
            atomic.write_text(path, "new")
    assert (bundle / "phase_k" / "a.txt").read_text(encoding="utf-8") == "old"
    assert not (bundle / "phase_k" / "deep").exists()
    atomic.write_text(tmp_path / "beside.txt", "fine")
    atomic.write_text(bundle / ".." / "beside.txt", "fine")
    (tmp_path / "way").symlink_to(bundle / "phase_k")
    with pytest.raises(SealedError):
        atomic.write_text(tmp_path / "way" / "c.txt", "new")


def test_a_bundle_sealed_while_a_file_was_being_written_stays_closed(tmp_path: Path) -> None:
    with pytest.raises(SealedError):
        overtaken(tmp_path / "late.txt")
    assert [path.name for path in tmp_path.iterdir()] == [atomic.SEALED]


def test_long_names_get_a_temporary_name_that_fits(tmp_path: Path) -> None:
    name = "n" * 240 + ".json"
    atomic.write_json(tmp_path / name, {})
    assert json.loads((tmp_path / name).read_bytes()) == {}


def left_by(folder: Path, **changes: object) -> Path:
    """A temporary file whose writer is this process, but for the changes."""
    me = {**process.identity(), **changes}
    name = "~".join(str(me[key]) for key in ("host", "boot_id", "pid", "pid_started"))
    path = folder / f"{atomic.TEMPORARY}{name}~00000000~a.txt"
    path.write_text("half", encoding="utf-8")
    return path


def test_sweep_takes_what_the_dead_left_and_nothing_else(tmp_path: Path) -> None:
    mine = left_by(tmp_path)
    dead = [
        left_by(tmp_path, pid=2**22 + 1),
        left_by(tmp_path, pid_started=1),
        left_by(tmp_path, boot_id="old"),
    ]
    abroad = left_by(tmp_path, host="elsewhere")
    (tmp_path / ".tmp~mine").write_text("a user's file", encoding="utf-8")
    assert sweep(tmp_path) == sorted([mine, abroad])
    assert not any(path.exists() for path in dead)
    assert (tmp_path / ".tmp~mine").exists()
    old = abroad.stat().st_mtime - FOREIGN_AGE_S - 1
    os.utime(abroad, (old, old))
    assert sweep(tmp_path) == [mine]


def test_the_writer_of_a_real_temporary_file_is_this_process(tmp_path: Path) -> None:
    found = writer(tmp_path / atomic.temporary_name("a~b.txt"))
    assert found
    assert process.same(found, process.identity())

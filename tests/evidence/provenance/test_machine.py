"""env.json: what it says of machine and source, with and without git."""

import json
import subprocess
from pathlib import Path

import pytest

from evidence.provenance import machine


def make_tree(root: Path) -> Path:
    """A source tree with one file."""
    (root / "simulator").mkdir(parents=True)
    (root / "simulator/cell.py").write_text("VOLUME = 1\n", encoding="utf-8")
    return root


def git(root: Path, *arguments: str) -> None:
    """Run git with an identity of its own."""
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, "-C", str(root), *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean checkout."""
    root = make_tree(tmp_path / "house")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    return root


def test_environment_is_whole_and_json(tmp_path: Path) -> None:
    found = machine.environment(make_tree(tmp_path))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["cpu"]["model"]
    assert found["cpu"]["cores_usable"] >= 1
    assert found["memory_bytes"] > 1 << 27
    assert found["packages"]["torch"]
    assert found["packages"]["snakemake"]
    assert set(found["environment"]) == set(machine.HONOURED)


def test_outside_a_checkout_the_reason_and_the_source_hash_stand(tmp_path: Path) -> None:
    found = machine.environment(make_tree(tmp_path))
    assert found["git"] == {
        "commit": None,
        "dirty": None,
        "diff_sha256": None,
        "reason": "not a git checkout",
    }
    assert len(found["source_sha256"]) == 64


def test_a_folder_inside_another_checkout_is_not_that_checkout(checkout: Path) -> None:
    assert machine.git(make_tree(checkout / "copy"))["commit"] is None


def test_clean_changed_and_untracked(checkout: Path) -> None:
    clean = machine.git(checkout)
    assert len(clean["commit"]) == 40
    assert (clean["dirty"], clean["diff_sha256"], clean["reason"]) == (False, None, None)
    (checkout / "new.txt").write_text("one", encoding="utf-8")
    one = machine.git(checkout)
    (checkout / "new.txt").write_text("two", encoding="utf-8")
    two = machine.git(checkout)
    (checkout / "new.txt").unlink()
    (checkout / "simulator/cell.py").write_text("VOLUME = 2\n", encoding="utf-8")
    three = machine.git(checkout)
    assert [state["dirty"] for state in (one, two, three)] == [True, True, True]
    assert len({state["diff_sha256"] for state in (one, two, three)}) == 3


def test_source_hash_follows_names_and_bytes(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    first = machine.source_hash(root)
    (root / "simulator/__pycache__").mkdir()
    (root / "simulator/__pycache__/cell.pyc").write_bytes(b"x")
    assert machine.source_hash(root) == first
    (root / "simulator/cell.py").rename(root / "simulator/lattice.py")
    assert machine.source_hash(root) != first


def test_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert machine.compiler()["version"] is None
    assert machine.compiler()["reason"]

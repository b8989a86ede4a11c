"""The workflow as a user runs it: dry, whole, with a broken engine, with mistakes."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from evidence.ledger.findings import KINDS
from tests.helpers import crate_check
from tests.helpers.project import ROOT, TINY

BROKEN = "#!/bin/sh\necho 'no beam today' >&2\nexit 3\n"


def snakemake(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The exit status and the output of one call in `folder`."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("BRAGGPROOF_", "NB_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-d", str(folder), *words],
        capture_output=True,
        text=True,
        env={**inherited, **environ},
        timeout=300,
        check=False,
    )


def bundles(folder: Path) -> list[Path]:
    return sorted((folder / "results" / "tiny").glob("2*"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_dry_run_creates_nothing(project: Path) -> None:
    done = snakemake(project, "-n", "parity_tiny")
    assert done.returncode == 0, done.stderr
    assert "seal_bundle" in done.stdout + done.stderr
    assert sorted(path.name for path in project.iterdir() if path.name != ".snakemake") == ["config"]


def test_every_case_and_phase_is_a_target(project: Path) -> None:
    """A user's new file in config/cases is a target with nothing else to edit."""
    (project / "config" / "cases" / "second.yaml").write_text(yaml.safe_dump(TINY), encoding="utf-8")
    done = snakemake(project, "--list-target-rules")
    names = set((done.stdout + done.stderr).split())
    assert {"all", "verify", "parity_tiny", "parity_second"} <= names
    assert {f"phase_{letter}" for letter in "klmno"} <= names


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--config", "case=nope"], "error: --config key case: expected one of tiny, got 'nope'"),
        (["--config", "stamp=20261321T000000Z"], "error: --config stamp: expected a UTC time"),
        (["--config", "thread=4"], "(is it threads?)"),
    ],
)
def test_mistakes_end_with_one_line_and_status_2(project: Path, words: list[str], message: str) -> None:
    done = snakemake(project, "phase_k", *words)
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 2
    assert len(said) == 1
    assert message in said[0]
    assert not (project / "results").exists()


def test_broken_engine_leaves_evidence_and_a_blocked_gate(project: Path) -> None:
    """The engine fails in every run: logs and reasons stay, the gate is blocked, the exit status is 1."""
    engine = project / "broken"
    engine.write_text(BROKEN, encoding="utf-8")
    engine.chmod(0o755)
    done = snakemake(project, "phase_l", "--config", f"c_engine={engine}")
    assert done.returncode == 1, done.stderr
    (bundle,) = bundles(project)
    metrics = json.loads((bundle / "phase_l" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["status"] == "blocked"
    assert {check["status"] for check in metrics["checks"]} == {"blocked"}
    assert all("run c" in check["reason"] for check in metrics["checks"] if check["name"].endswith("dk"))
    assert (bundle / "phase_l" / "commands.txt").is_file()
    runs = json.loads((bundle / "phase_l" / "runs.json").read_text(encoding="utf-8"))["runs"]
    assert {run["label"]: run["status"] for run in runs if run["role"] == "py"} == {
        "py_float64": "ok",
        "py_float64_spec": "ok",
    }
    # the attempt is on record; the open bundle is what the next call continues
    records = [json.loads(line) for line in (project / "results" / "ledger.jsonl").read_text().splitlines()]
    assert [(record["record"], record.get("verdict")) for record in records] == [
        ("start", None),
        ("end", "error"),
    ]
    again = snakemake(project, "-n", "phase_l", "--config", f"c_engine={engine}")
    assert bundle.name in again.stdout + again.stderr


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder in which parity_tiny has run."""
    from tests.helpers import project as tiny  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("whole")
    (folder / "config" / "cases").mkdir(parents=True)
    (folder / "config" / "inputs").mkdir()
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(tiny.settings()), encoding="utf-8")
    (folder / "config" / "inputs" / "few.hkl").write_text(tiny.SPOTS, encoding="utf-8")
    (folder / "config" / "cases" / "tiny.yaml").write_text(yaml.safe_dump(TINY), encoding="utf-8")
    done = snakemake(folder, "parity_tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VG-5  pass" in done.stdout
    return folder


def test_whole_case_is_sealed_and_every_gate_passes(sealed: Path) -> None:
    (bundle,) = bundles(sealed)
    gates = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    assert gates["verdict"] == "pass", gates
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=bundle, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    listed = {line.split("  ")[1] for line in (bundle / "SHA256SUMS").read_text().splitlines()}
    assert {"report.html", "memo.md", "fix_checklist.md", "env.json", "ro-crate-metadata.json"} <= listed
    assert {
        f"phase_{letter}/{name}" for letter in "klmno" for name in ("metrics.json", "commands.txt")
    } <= listed
    for name in ("index.html", "ledger.md", "build/build.json"):
        assert (sealed / "results" / name).is_file()
    assert crate_check.check(bundle) == []
    described = json.loads((bundle / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    root = next(entity for entity in described["@graph"] if entity["@id"] == "./")
    assert root["mainEntity"] == {"@id": "inputs/Snakefile"}
    assert digest(bundle / "inputs" / "Snakefile") == digest(ROOT / "Snakefile")
    metadata = json.loads((bundle / "run_metadata.json").read_text(encoding="utf-8"))
    assert {step["rule"] for step in metadata["steps"]} >= {f"run_phase_{letter}" for letter in "klmno"}
    assert all(step["wall_s"] > 0 and step["peak_rss_bytes"] > 1e6 for step in metadata["steps"])


def test_sealed_stamp_is_not_run_again(sealed: Path) -> None:
    (bundle,) = bundles(sealed)
    before = {path: path.stat().st_mtime_ns for path in bundle.rglob("*")}
    done = snakemake(sealed, "parity_tiny", "--forceall", "--config", f"stamp={bundle.name}")
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in bundle.rglob("*")} == before
    assert bundles(sealed) == [bundle]


def test_snakemakes_own_report_is_about_the_newest_sealed_bundle(sealed: Path, tmp_path: Path) -> None:
    (bundle,) = bundles(sealed)
    done = snakemake(sealed, "parity_tiny", "--report", str(tmp_path / "report.html"))
    assert done.returncode == 0, done.stderr
    assert f"tiny/{bundle.name}" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert bundles(sealed) == [bundle]


def test_verify_finds_a_flipped_bit(sealed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(sealed, folder, ignore=shutil.ignore_patterns(".snakemake"))
    assert snakemake(folder, "verify").returncode == 0
    image = bundles(folder)[0] / "phase_o" / "c" / "floatimage.bin"
    data = bytearray(image.read_bytes())
    data[100] ^= 1
    image.write_bytes(data)
    done = snakemake(folder, "verify")
    assert done.returncode == KINDS["flipped"][0]
    assert "phase_o/c/floatimage.bin" in done.stdout
    image.unlink()
    assert snakemake(folder, "verify").returncode == KINDS["missing"][0]


def test_verify_without_a_bundle_is_no_pass(project: Path) -> None:
    done = snakemake(project, "verify")
    assert done.returncode == KINDS["nothing"][0]
    assert "no sealed bundle" in done.stdout


def test_commands_replay_to_the_same_bytes(sealed: Path, tmp_path: Path) -> None:
    (bundle,) = bundles(sealed)
    copy = tmp_path / "elsewhere" / bundle.name
    shutil.copytree(bundle, copy)
    kept = {path.relative_to(copy): digest(path) for path in copy.glob("phase_n/*/region.*")}
    assert len(kept) == 4
    for path in kept:
        (copy / path).unlink()
    done = subprocess.run(["bash", str(copy / "phase_n" / "commands.txt")], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path: digest(copy / path) for path in kept} == kept

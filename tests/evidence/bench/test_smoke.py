"""`snakemake benchmark` from end to end, with little to measure."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.places import ROOT


def snakemake(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("BRAGGPROOF_", "NB_"))}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-d", str(folder), *words],
        capture_output=True,
        text=True,
        env=inherited,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    shutil.copytree(ROOT / "config", folder / "config")
    done = snakemake(folder, "benchmark", "--config", "bench=smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed:" not in done.stdout, done.stdout
    return folder


def test_sealed_shown_and_in_the_ledger(project: Path) -> None:
    (bundle,) = (project / "results" / "benchmark").glob("2*")
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=bundle, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    listed = {line.split("  ")[1] for line in (bundle / "SHA256SUMS").read_text().splitlines()}
    parts = {f"timings/{name}.json" for name in "frame features scaling tasks cuda".split()}
    assert parts | {"benchmark.json", "benchmark.html", "gates.json", "env.json"} <= listed
    records = [json.loads(line) for line in (project / "results" / "ledger.jsonl").read_text().splitlines()]
    assert [(r["record"], r["case"], r.get("verdict")) for r in records] == [
        ("start", "benchmark", None),
        ("end", "benchmark", "blocked"),
    ]
    assert records[1]["sha256sums"] == hashlib.sha256((bundle / "SHA256SUMS").read_bytes()).hexdigest()
    index = (project / "results" / "index.html").read_text(encoding="utf-8")
    assert f'href="benchmark/{bundle.name}/benchmark.html"' in index
    assert snakemake(project, "verify").returncode == 0


def test_every_contender_was_measured(project: Path) -> None:
    (bundle,) = (project / "results" / "benchmark").glob("2*")
    for path in (bundle / "timings").glob("*.json"):
        part = json.loads(path.read_text(encoding="utf-8"))
        measured = {sample["contender"] for sample in part["samples"] if not sample["problem"]}
        assert measured == {contender["name"] for contender in part["contenders"]}, path.name
        assert all(sample["wall_s"] > 0 for sample in part["samples"])
    found = json.loads((bundle / "benchmark.json").read_text(encoding="utf-8"))
    assert found["frame"]["likeness"][0]["identical_share"] > 0.999
    assert all(row["identical_share"] > 0.999 for row in found["features"])


def test_other_rules_do_not_notice(project: Path) -> None:
    """The size of the benchmark is no setting of a case: nothing there is redone for it."""
    done = snakemake(project, "-n", "phase_k", "--config", "bench=smoke")
    assert done.returncode == 0, done.stderr
    assert "run_benchmark" not in done.stdout + done.stderr


def test_unknown_size_is_one_line(project: Path) -> None:
    done = snakemake(project, "benchmark", "--config", "bench=tiny")
    assert done.returncode == 2
    assert "error: --config key bench: expected" in done.stderr

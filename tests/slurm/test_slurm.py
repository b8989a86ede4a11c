"""A campaign and a frame in bands on a real SLURM, jobs killed midway: where BRAGGPROOF_SLURM_TESTS is 1."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.campaigns import table
from evidence.ledger import attempts, verify
from evidence.store.atomic import TEMPORARY
from tests.helpers.places import ROOT

pytestmark = pytest.mark.skipif(
    os.environ.get("BRAGGPROOF_SLURM_TESTS") != "1",
    reason="BRAGGPROOF_SLURM_TESTS=1 after apt-get install --no-install-recommends slurm-wlm munge",
)
CLUSTER = ROOT / "tests" / "slurm" / "cluster"
BANDS = 4
LONGEST_S = 1200.0  # against hanging; minutes on a quiet machine
COMMON = "-cell 50 60 70 80 95 105 -lambda 1.2 -distance 60 -default_F 10 -oversample 2 -nonoise -nopgm"
SUITE: dict[str, Any] = {
    "title": "A hundred cases in four jobs",
    "engines": ["c", "torch-float64", "torch-float32"],
    "reference": "c",
    "batches": 4,
    "sample": 1,
    "gates": {"default": {"identical_share": 1.0}, "torch-float32": {"correlation": 0.9999}},
    "cases": [
        {
            "name": "shape",
            "common": f"{COMMON} -detpixels 96 -pixel 0.2 -mosaic 1 -mosaic_dom 3",
            "axes": {
                "shape": ["-square_xtal", "-round_xtal", "-gauss_xtal", "-tophat_spots"],
                "size": [f"-N {n}" for n in (2, 3, 4, 6, 9)],
                "tilt": [f"-detector_rotx {angle}" for angle in (0, 3, 6, 9, 12)],
            },
        }
    ],
}


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    subprocess.run([str(CLUSTER), "start"], check=True, timeout=60)
    yield
    subprocess.run([str(CLUSTER), "stop"], check=True, timeout=60)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The supervisor case in bands, and a suite."""
    folder = tmp_path_factory.mktemp("slurm")
    for name in ("cases", "inputs", "suites"):
        (folder / "config" / name).mkdir(parents=True)
    for name in ("config.yaml", "engines.yaml", "inputs/A.mat", "inputs/hewl_2vb1_fc.mtz"):
        shutil.copy(ROOT / "config" / name, folder / "config" / name)
    case = yaml.safe_load((ROOT / "config" / "cases" / "supervisor.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({**case, "shards": BANDS}, sort_keys=False)
    (folder / "config" / "cases" / "supervisor.yaml").write_text(text, encoding="utf-8")
    text = yaml.safe_dump(SUITE, sort_keys=False)
    (folder / "config" / "suites" / "hundred.yaml").write_text(text, encoding="utf-8")
    return folder


class Queue:
    """What squeue says."""

    def __init__(self) -> None:
        self.jobs: dict[str, tuple[str, str]] = {}  # id -> state, rule and wildcards

    def look(self, check: bool = False) -> None:
        """A controller that is busy for a moment is asked again by the caller, unless it must answer."""
        command = ["squeue", "-h", "-t", "all", "-o", "%i|%T|%k"]
        told = subprocess.run(command, capture_output=True, text=True, check=check)
        if told.returncode:
            return
        rows = [line.split("|") for line in told.stdout.splitlines()]
        self.jobs = {number: (state, comment) for number, state, comment in rows}

    def cancel_running(self, rule: str, midway: Callable[[str], bool]) -> bool:
        """End the first running job of a rule that is midway."""
        for number, (state, comment) in self.jobs.items():
            if state == "RUNNING" and f"rule_{rule}_" in comment and midway(comment):
                subprocess.run(["scancel", number], check=True)
                return True
        return False


@pytest.fixture(scope="session")
def done(cluster: None, project: Path) -> tuple[str, Queue]:
    """One invocation for both, during which a batch and a band are cancelled; what it said, and the queue."""
    del cluster
    command = [
        sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-d", str(project),
        "--profile", str(ROOT / "profiles" / "slurm"), "--slurm-init-seconds-before-status-checks", "3",
        "campaign_hundred", "phase_o", "--config", "threads=1",
    ]  # fmt: skip
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("BRAGGPROOF_", "NB_"))}
    queue, waiting = Queue(), {"run_batch": batch_midway, "run_shard": band_midway}
    end = time.monotonic() + LONGEST_S
    with (project / "said.txt").open("w", encoding="utf-8") as out:
        driver = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=kept)
        try:
            while driver.poll() is None:
                assert time.monotonic() < end, (project / "said.txt").read_text(encoding="utf-8")[-3000:]
                queue.look()
                for rule, midway in list(waiting.items()):
                    if queue.cancel_running(rule, lambda comment, midway=midway: midway(project, comment)):
                        del waiting[rule]
                time.sleep(0.2)
        finally:
            if driver.poll() is None:
                driver.kill()
                driver.wait()
    queue.look(check=True)
    said = (project / "said.txt").read_text(encoding="utf-8")
    assert driver.returncode == 0, said[-5000:]
    assert not waiting, f"never seen midway: {list(waiting)}"
    return said, queue


def batch_midway(project: Path, comment: str) -> bool:
    """Some of its cases are done."""
    del comment
    return (
        sum(len(path.read_text().splitlines()) for path in project.glob("results/logs/*/*/progress.txt")) > 5
    )


def band_midway(project: Path, comment: str) -> bool:
    """Its first engine is done."""
    number = re.findall(r"\d{3}", comment.removeprefix("rule_run_shard"))
    logs = [
        path for each in number for path in project.glob(f"results/supervisor/*/logs/run_shard_{each}_*.log")
    ]
    return any("c_" in path.read_text(encoding="utf-8") for path in logs)


def only(folder: Path) -> Path:
    """The one bundle in a folder: every job, parsing anew seconds later, worked on the same stamp."""
    (bundle,) = folder.glob("2*")
    return bundle


def test_jobs_that_were_cancelled_are_run_again(done: tuple[str, Queue]) -> None:
    said, queue = done
    states = Counter(
        (rule, state)
        for state, comment in queue.jobs.values()
        for rule in re.findall(r"rule_(run_\w+?)_", comment)
    )
    assert states["run_batch", "CANCELLED"] == 1
    assert states["run_batch", "COMPLETED"] == SUITE["batches"]
    assert states["run_shard", "CANCELLED"] == 1
    assert states["run_shard", "COMPLETED"] == BANDS
    assert said.count("SLURM status is: 'CANCELLED'") == 2


def test_a_campaign_is_whole_and_sealed(done: tuple[str, Queue], project: Path) -> None:
    del done
    results = project / "results"
    bundle = only(results / "campaign_hundred")
    rows = table.read_batches(bundle)
    assert [row["index"] for row in rows] == list(range(100))
    assert {cell["verdict"] for row in rows for cell in row["cells"].values()} == {"pass"}
    assert json.loads((bundle / "gates.json").read_text(encoding="utf-8"))["verdict"] == "pass"
    assert (bundle / "SEALED").is_file()
    assert not list(bundle.rglob(f"{TEMPORARY}*"))
    (open_one,) = verify.verify(results)  # of the case one phase was asked for
    assert str(open_one).startswith("unsealed: supervisor/")
    (attempt,) = [one for one in attempts.attempts(results) if one.case == "campaign_hundred"]
    assert (attempt.status, attempt.stamp) == ("pass", bundle.name)


def test_a_frame_in_bands_has_the_bits_of_one_run(done: tuple[str, Queue], project: Path) -> None:
    """commands.txt of the phase renders each frame in one run."""
    del done
    bundle = only(project / "results" / "supervisor")
    assert not list((bundle / "phase_o").rglob(f"{TEMPORARY}*"))
    assert not list((bundle / "phase_o" / "shards").glob("*.npz"))
    metrics = json.loads((bundle / "phase_o" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["status"] == "pass"
    assert metrics["tables"]["float64"]["identical_float32_share"] == 1.0
    copy = project / "copy"
    shutil.copytree(bundle, copy)
    frames = [copy / "phase_o" / label / "floatimage.bin" for label in ("c", "py_float64", "py_float32")]
    found = [path.read_bytes() for path in frames]
    for path in frames:
        path.unlink()
    subprocess.run(["bash", str(copy / "phase_o" / "commands.txt")], check=True, timeout=300)
    assert [path.read_bytes() for path in frames] == found

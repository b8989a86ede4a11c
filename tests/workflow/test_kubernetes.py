"""Every step as a Job of Kubernetes: what kubectl is asked and told, with one of our own in its place."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.places import ROOT
from tests.workflow.test_campaigns import campaigns
from tests.workflow.test_snakemake import snakemake

__all__ = ["campaigns"]
PROFILE = ROOT / "profiles" / "kubernetes"

# A cluster in a folder: a Job is a process, and the first Job of the rule `evicted` names is killed at once.
KUBECTL = """#!{python}
import json, os, signal, subprocess, sys, yaml
from pathlib import Path
verb, *words = sys.argv[1:]
jobs = Path({jobs!r})
with (jobs / "asked.txt").open("a") as asked:
    print(verb, *words, file=asked)
if verb == "create":
    job = yaml.safe_load(sys.stdin)
    name = job["metadata"]["generateName"] + str(len(list(jobs.glob("*.yaml"))))
    (jobs / (name + ".yaml")).write_text(yaml.safe_dump(job))
    command = job["spec"]["template"]["spec"]["containers"][0]["command"]
    with (jobs / "scripts.txt").open("a") as scripts:
        scripts.write(Path(command[1]).read_text())
    end = str(jobs / name) + ".end"
    line = 'shift; "$@"; echo $? > "$0.part"; mv "$0.part" "$0"'
    out = open(jobs / (name + ".out"), "w")
    pod = ["sh", "-c", line, end, "--", *command]
    pod = subprocess.Popen(pod, stdout=out, stderr=out, start_new_session=True)
    evicted = jobs / "evicted"
    if evicted.exists() and evicted.read_text() == job["metadata"]["labels"]["rule"]:
        evicted.unlink()
        os.killpg(pod.pid, signal.SIGKILL)
        Path(end).write_text("137")
    print(name, end="")
elif verb == "get":
    end = jobs / (words[1] + ".end")
    states = " SuccessCriteriaMet Complete", " FailureTarget Failed"
    print(words[1] + (states[end.read_text() != "0\\n"] if end.exists() else ""), end="")
"""


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a cluster whose kubectl comes first on PATH."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    place_kubectl(folder, KUBECTL.format(python=sys.executable, jobs=str(folder)), monkeypatch)
    return folder


def place_kubectl(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "kubectl").write_text(text, encoding="utf-8")
    (folder / "kubectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_dry_run_plans_campaigns_and_frames(tmp_path: Path) -> None:
    for name in ("config", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = snakemake(tmp_path, "--profile", str(PROFILE), "-n", "campaign_grid", "campaign_golden", "phase_o")
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    for rule in ("run_batch", "seal_campaign", "run_frames", "measure_phase"):
        assert f"\nrule {rule}:" in said, rule
    assert "runtime=60" in said
    assert {path.name for path in tmp_path.iterdir()} <= {"config", "tests", ".snakemake"}


def test_a_campaign_whose_pod_was_evicted_is_sealed(campaigns: Path, jobs: Path) -> None:
    (jobs / "evicted").write_text("run_batch", encoding="utf-8")
    words = ["--profile", str(PROFILE), "--seconds-between-status-checks", "1", "campaign_small"]
    done = snakemake(campaigns, *words, CC="gcc")
    assert done.returncode == 0, done.stdout + done.stderr
    (bundle,) = (campaigns / "results" / "campaign_small").glob("2*")  # every pod worked on one stamp
    assert (bundle / "SEALED").is_file()
    assert json.loads((bundle / "gates.json").read_text(encoding="utf-8"))["verdict"] == "pass"
    made = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in jobs.glob("*.yaml")]
    rules = [job["metadata"]["labels"]["rule"] for job in made]
    assert rules.count("run_batch") == 3  # two, and one again
    assert set(rules) >= {"build_c_engine", "stage_campaign", "write_campaign", "seal_campaign"}
    asked = (jobs / "scripts.txt").read_text(encoding="utf-8")
    assert asked.count("CC='gcc'") == len(made)  # what the user has set reaches every pod


def submitted(jobs: Path, tmp_path: Path, **properties: Any) -> dict[str, Any]:
    """What the cluster is given for a job script with these properties."""
    script = tmp_path / "snakejob.sh"
    script.write_text(f"#!/bin/sh\n# properties = {json.dumps(properties)}\nexit 0\n", encoding="utf-8")
    done = subprocess.run([PROFILE / "submit", script], capture_output=True, text=True, check=True)
    job: dict[str, Any] = yaml.safe_load((jobs / f"{done.stdout}.yaml").read_text(encoding="utf-8"))
    return job


def test_a_job_asks_for_what_its_step_needs(jobs: Path, tmp_path: Path) -> None:
    resources = {"mem_mb": 8000, "runtime": 30}
    spec = submitted(jobs, tmp_path, rule="run_frames", threads=4, resources=resources)["spec"]
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"]) == (0, 1800)
    pod = spec["template"]["spec"]
    (step,) = pod["containers"]
    assert step["command"] == ["/bin/sh", str(tmp_path / "snakejob.sh")]
    assert step["resources"] == {"requests": {"cpu": "4", "memory": "8000M"}, "limits": {"memory": "8000M"}}
    assert pod["restartPolicy"] == "Never"
    assert [mount["name"] for mount in step["volumeMounts"]] == [volume["name"] for volume in pod["volumes"]]


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ("job-1", "running"),
        ("job-1 FailureTarget", "running"),  # its pod has yet to end
        ("job-1 SuccessCriteriaMet Complete", "success"),
        ("job-1 FailureTarget Failed", "failed"),
        ("", "failed"),  # gone: deleted by hand, or kept no longer
    ],
)
def test_states_are_told_in_the_words_of_snakemake(
    told: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_kubectl(tmp_path, f"#!/bin/sh\nprintf '{told}'\n", monkeypatch)
    done = subprocess.run([PROFILE / "status", "job-1"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [word]


def test_a_cluster_that_does_not_answer_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_kubectl(tmp_path, "#!/bin/sh\necho refused >&2\nexit 1\n", monkeypatch)
    (tmp_path / "sleep").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "sleep").chmod(0o755)
    done = subprocess.run([PROFILE / "status", "job-1"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("refused")) == (1, "", 6)


def test_cancelled_jobs_are_deleted_without_waiting(jobs: Path) -> None:
    subprocess.run([PROFILE / "cancel", "job-1", "job-2"], check=True)
    asked = (jobs / "asked.txt").read_text(encoding="utf-8")
    assert asked == "delete job --ignore-not-found --wait=false job-1 job-2\n"

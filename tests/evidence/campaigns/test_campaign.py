"""A whole campaign: staged, run in two batches, judged, shown, sealed, replayed; and what can go wrong."""

import json
import os
import select
import shutil
import signal
import sqlite3
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.campaigns import batch, campaign_inputs, campaign_results, table
from evidence.campaigns.contenders import contenders
from evidence.campaigns.progress import Progress
from evidence.campaigns.replay import replay
from evidence.campaigns.suite import Suite, load_suite
from evidence.campaigns.warm import Warm
from evidence.jobs import close
from evidence.ledger import bundles, verify
from evidence.paths import ROOT
from tests.reference.conftest import compile_engine

STAMP = "20260102T030405Z"
COMMON = "-cell 50 60 70 80 95 105 -lambda 1.2 -distance 60 -pixel 0.6 -oversample 1 -nonoise -nopgm"
SUITE: dict[str, Any] = {
    "title": "A small campaign",
    "engines": ["c", "torch-float64", "torch-float32"],
    "reference": "c",
    "batches": 2,
    "sample": 1,
    "inputs": {"few.hkl": {"text": "0 0 0 1\n1 2 3 50\n-1 0 2 30\n"}},
    "gates": {"default": {"identical_share": 1.0}, "torch-float32": {"correlation": 0.9999}},
    "cases": [
        {
            "name": "shape",
            "common": f"{COMMON} -default_F 10 -detpixels 12",
            "axes": {"shape": ["-square_xtal", "-gauss_xtal"], "size": ["-N 2", "-N 5"]},
        },
        {
            "name": "more",
            "list": {
                "files": f"{COMMON} -hkl few.hkl -default_F 3 -N 4 -detpixels 10 -nointerpolate",
                "refused": {"arguments": "-N x", "refuse": "-N: expected an integer, got 'x'"},
                "help": {"arguments": "-help", "says": ["^  -mat FILE"]},
            },
        },
    ],
}


@pytest.fixture(scope="session")
def engine_c(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture
def project(tmp_path: Path, engine_c: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one suite, the engines' list, and a C engine."""
    (tmp_path / "config" / "suites").mkdir(parents=True)
    (tmp_path / "config" / "suites" / "small.yaml").write_text(yaml.safe_dump(SUITE, sort_keys=False))
    engines = yaml.safe_load((ROOT / "config" / "engines.yaml").read_text())
    engines["c"]["path"] = str(engine_c)
    (tmp_path / "config" / "engines.yaml").write_text(yaml.safe_dump(engines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB_C_BIN", raising=False)
    return tmp_path


def run(project: Path, suite: Suite) -> Path:
    """The bundle before it is judged."""
    bundle = project / "results" / "campaign_small" / STAMP
    campaign_inputs.stage(suite, suite.all_cases(), None, bundle / "inputs")
    for number in range(suite.batches):
        progress = Progress.of(bundle, StringIO())
        found = batch.run_batch(bundle, suite, contenders(suite), (number, suite.batches), progress)
        path = bundle / "batches" / f"{number:03d}-{suite.batches:03d}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found))
    return bundle


def judged(bundle: Path, suite: Suite) -> dict[str, Any]:
    batches = [bundle / "batches" / f"{n:03d}-{suite.batches:03d}.json" for n in range(suite.batches)]
    campaign_results.write(bundle, suite, contenders(suite), ROOT, batches)
    gates: dict[str, Any] = json.loads((bundle / "gates.json").read_text())
    return gates


def test_a_campaign_from_its_suite_to_its_seal(project: Path) -> None:
    suite = load_suite("small")
    bundle = run(project, suite)
    assert judged(bundle, suite)["verdict"] == "pass"
    rows = table.read_batches(bundle)
    assert [row["case"] for row in rows][:5] == ["shape1", "shape2", "shape3", "shape4", "more_files"]
    assert Counter(cell["verdict"] for row in rows for cell in row["cells"].values()) == {"pass": 21}
    assert all(row["cells"]["torch-float64"]["metrics"]["identical_share"] == 1.0 for row in rows[:5])
    with sqlite3.connect(bundle / "results.sqlite") as database:
        (count,) = database.execute("SELECT count(*) FROM results WHERE verdict = 'pass'").fetchone()
        (hashes,) = database.execute("SELECT count(DISTINCT image_sha256) FROM results").fetchone()
    database.close()
    assert (count, hashes) == (21, 10)  # five scenes; float32 has images of its own
    assert len((bundle / "results.tsv").read_text().splitlines()) == 22
    close.close(bundle, ROOT / "Snakefile")
    assert verify.verify(project / "results") == []
    found = bundles.newest(project / "results", "campaign_small", sealed=True)
    again = replay(suite, "shape2", found)
    assert [again.same(name) for name in ("c", "torch-float64", "torch-float32")] == [True] * 3
    assert sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file()) < 2_000_000


def test_the_page_says_what_the_files_say(project: Path) -> None:
    """Also where the suite had one batch when the bundle was begun, whose record is still there."""
    suite = load_suite("small")
    bundle = run(project, suite)
    shutil.copy(bundle / "batches" / "000-002.json", bundle / "batches" / "000-001.json")
    judged(bundle, suite)
    assert [path.name for path in sorted((bundle / "batches").iterdir())] == ["000-002.json", "001-002.json"]
    page = (bundle / "report.html").read_text()
    for text in (
        "A small campaign",
        "No verdict flipped",
        "shape3",
        "braggproof replay small",
        "torch-float32",
    ):
        assert text in page
    assert "https://" not in page.replace("http://www.w3.org", "")
    assert "| torch-float64 | 7 | 0 | 0 |" in (bundle / "summary.md").read_text()


def test_a_worker_that_crashes_loses_that_case_only(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = load_suite("small")
    ask = Warm.ask

    def crash(self: Warm, request: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        if (
            "-gauss_xtal" in request.get("argv", [])
            and "5" in request["argv"]
            and "float64" in request["argv"]
        ):
            assert self.child is not None
            os.kill(self.child.pid, signal.SIGKILL)
        return ask(self, request, timeout_s)

    def late(self: Warm) -> Any:
        assert self.child is not None
        return self.child

    monkeypatch.setattr(Warm, "ask", crash)
    living = Warm._living
    monkeypatch.setattr(Warm, "_living", lambda self: late(self) if dead(self) else living(self))
    bundle = run(project, suite)
    gates = judged(bundle, suite)
    cells = {row["case"]: row["cells"]["torch-float64"] for row in table.read_batches(bundle)}
    lost = [name for name, cell in cells.items() if cell["verdict"] != "pass"]
    assert lost == ["shape4"]
    assert cells["shape4"]["reason"] == "the worker died: signal SIGKILL"
    assert gates["verdict"] == "fail"
    assert (bundle / "images" / "shape4.npz").is_file()


def dead(warm: Warm) -> bool:
    """Killed by the test and not yet asked again."""
    return warm.child is not None and warm.child.poll() == -signal.SIGKILL


def test_an_image_that_differs_fails_its_engine_and_is_kept(project: Path) -> None:
    path = project / "config" / "engines.yaml"
    engines = yaml.safe_load(path.read_text())
    engines["torch-float64"]["arguments"] += " -polar 0.9"
    path.write_text(yaml.safe_dump(engines))
    suite = load_suite("small")
    bundle = run(project, suite)
    gates = judged(bundle, suite)
    assert {gate["id"]: gate["status"] for gate in gates["gates"]} == {
        "CG-c": "pass",
        "CG-torch-float64": "fail",
        "CG-torch-float32": "pass",
    }
    found = json.loads((bundle / "campaign.json").read_text())
    assert found["flip_counts"]["worse"] == 5
    assert len(list((bundle / "images").glob("*.npz"))) == 5
    assert "data:image/png" in (bundle / "report.html").read_text()


def test_a_batch_that_is_missing_is_told(project: Path) -> None:
    suite = load_suite("small")
    bundle = run(project, suite)
    (bundle / "batches" / "001-002.json").unlink()
    with pytest.raises(ValueError, match="expected 7 cases"):
        judged(bundle, suite)
    assert not (bundle / "gates.json").exists()


def test_progress_counts_all_batches(tmp_path: Path) -> None:
    clock = [0.0]
    out = StringIO()
    meters = [Progress(10, tmp_path / "tally", out, lambda: clock[0]) for _ in range(2)]
    for number in range(8):
        clock[0] += 20
        meters[number % 2].done(number != 3)
    assert out.getvalue().splitlines()[-1] == "8 of 10 cases, 1 failed, 40 s left"
    assert len(out.getvalue().splitlines()) == 4  # a line a minute from each of the two


@pytest.mark.parametrize("live", [True, False])
def test_progress_on_a_terminal_and_in_a_pipe(live: bool, tmp_path: Path) -> None:
    """A terminal has one line that changes, at once; a pipe a line a minute. A case run again counts once."""
    clock = [0.0]
    reader, writer = os.openpty() if live else os.pipe()
    with os.fdopen(writer, "w") as out:
        meter = Progress(10, tmp_path / "tally", out, lambda: clock[0])
        for case, passed, later in (("a", False, 59.5), ("b", True, 1.0), ("a", True, 60.0)):
            clock[0] += later
            meter.done(passed, case)
        said = ""
        while select.select([reader], [], [], 1.0)[0]:  # a terminal may pass on what it has piece by piece
            said += os.read(reader, 10_000).decode()
    os.close(reader)
    if live:
        assert said.count("\r") == 3
        assert "\n" not in said
        assert "1 of 10 cases, 1 failed" in said
    assert said.rstrip().endswith("2 of 10 cases, 0 failed, 244 s left")
    assert live or said.count("\n") == 2


def test_programs_from_elsewhere_are_columns_and_what_they_cannot_is_blocked(
    project: Path, engine_c: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two by NB_C_BIN: one renders as ours does, one is no nanoBragg at all."""
    twin, stranger = project / "twin", project / "stranger"
    shutil.copy(engine_c, twin)
    stranger.write_text("#!/bin/sh\necho hello\n")
    stranger.chmod(0o755)
    monkeypatch.setenv("NB_C_BIN", f"{twin}{os.pathsep}{stranger}")
    suite = load_suite("small")
    bundle = run(project, suite)
    gates = judged(bundle, suite)
    cells = {row["case"]: row["cells"] for row in table.read_batches(bundle)}
    assert {found["twin"]["verdict"] for found in cells.values()} == {"pass"}
    assert {found["stranger"]["verdict"] for found in cells.values()} == {"blocked"}
    assert "renders a small case" in cells["shape1"]["stranger"]["reason"]
    found = json.loads((bundle / "campaign.json").read_text())
    assert [each["blocked"] for each in found["engines"] if each["name"] == "stranger"] == [7]
    assert gates["verdict"] == "blocked"  # no comparison with it was made
    assert found["flips"] == []

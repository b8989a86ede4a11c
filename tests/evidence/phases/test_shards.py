"""The full frame in shards: gathered to the bits of one run, and what happens when a shard fails."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from evidence.cases.case import load_case
from evidence.cases.settings import Settings
from evidence.engines.adapters import translate
from evidence.errors import InputError
from evidence.phases import o_frame, shards
from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import measure_phase
from evidence.phases.run_phase import run_phase
from tests.evidence.phases.test_run_phase import program
from tests.helpers.engine import compile_engine
from tests.helpers.project import SPOTS, TINY, settings


def work(project: Path, stamp: str, shards: Any = 2, more_words: str = "", **more: Any) -> PhaseJob:
    command = TINY["command"].replace("-nonoise", "-seed 3") + more_words
    case = {**TINY, "command": command, "shards": shards}
    (project / "config" / "cases" / "tiny.yaml").write_text(yaml.safe_dump(case), encoding="utf-8")
    bundle = project / "results" / "tiny" / stamp
    (bundle / "inputs").mkdir(parents=True)
    (bundle / "inputs" / "few.hkl").write_text(SPOTS, encoding="utf-8")
    return PhaseJob(bundle, load_case(Path("config/cases/tiny.yaml")), Settings(**{**settings(), **more}), 1)


def in_shards(one: PhaseJob) -> list[Path]:
    paths = [one.folder("o") / "shards" / f"{number:03d}-002.npz" for number in range(2)]
    for number, path in enumerate(paths):
        shards.run_shard(one, (number, 2), path)
    return [path.with_suffix(".json") for path in paths]


def test_a_gathered_frame_is_the_frame(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file of one run, byte for byte: photons, counts, noise."""
    monkeypatch.delenv("NB_C_BIN", raising=False)
    planned = o_frame.runs
    monkeypatch.setattr(o_frame, "runs", lambda work: planned(work)[:2])  # float32 is the same code
    engine = str(compile_engine(tmp_path_factory.mktemp("engine")))
    split, whole = (work(project, f"2026010{day}T000000Z", c_engine=engine) for day in (1, 2))
    shards.gather(split, in_shards(split))
    run_phase(whole, "o")
    for label in ("c", "py_float64"):
        for name in ("floatimage.bin", "intimage.img", "noiseimage.img"):
            found, wanted = ((job.folder("o") / label / name).read_bytes() for job in (split, whole))
            assert found == wanted, (label, name)
        record = json.loads((split.folder("o") / label / "run.json").read_text(encoding="utf-8"))
        assert record["gathered_from"] == [f"{label}_000-002", f"{label}_001-002"]
        assert "--band" not in record["argv"]
        written = {output["path"] for output in record["outputs"]}
        assert {"floatimage.bin", "intimage.img", "noiseimage.img"} <= written
    frames = [split.folder("o") / label / "floatimage.bin" for label in ("c", "py_float64")]
    found = [path.read_bytes() for path in frames]
    for path in frames:
        path.unlink()
    script = str((split.folder("o") / "commands.txt").resolve())
    done = subprocess.run(["bash", script], capture_output=True, text=True, check=False)
    logs = [path.read_text() for path in split.folder("o").glob("*/*.log")]
    assert done.returncode == 0, (done.stderr, logs)
    assert [path.read_bytes() for path in frames] == found
    assert np.fromfile(split.folder("o") / "c" / "floatimage.bin", "<f4").any()
    assert not list(split.folder("o").glob("*_00?-002/*.bin"))
    entries = json.loads((split.folder("o") / "runs.json").read_text(encoding="utf-8"))["runs"]
    assert [(entry["label"], entry["status"]) for entry in entries] == [("c", "ok"), ("py_float64", "ok")]


@pytest.mark.parametrize(
    ("of", "words"), [("domains", " -mosaic 1 -mosaic_dom 3"), ("sources", " -dispersion 4 -dispsteps 3")]
)
def test_parts_of_the_sum_are_a_frame(
    of: str,
    words: str,
    project: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NB_C_BIN", raising=False)
    planned = o_frame.runs
    monkeypatch.setattr(o_frame, "runs", lambda work: planned(work)[:1])
    engine = str(compile_engine(tmp_path_factory.mktemp("engine")))
    split, whole = (work(project, f"2026010{day}T000000Z", {of: 2}, words, c_engine=engine) for day in (1, 2))
    shards.gather(split, in_shards(split))
    run_phase(whole, "o")
    found, wanted = (np.fromfile(job.folder("o") / "c" / "floatimage.bin", "<f4") for job in (split, whole))
    assert wanted.any()
    assert np.abs(found - wanted).max() <= 2e-7 * wanted.max()  # a unit in the last place of float32


def test_a_band_that_fails_is_the_frames_reason(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NB_C_BIN", raising=False)
    planned = o_frame.runs
    monkeypatch.setattr(o_frame, "runs", lambda work: planned(work)[:1])
    one = work(
        project, "20260101T000000Z", c_engine=program(project / "engine", "print('no beam'); sys.exit(3)")
    )
    shards.gather(one, in_shards(one))
    (entry,) = json.loads((one.folder("o") / "runs.json").read_text(encoding="utf-8"))["runs"]
    assert (entry["label"], entry["status"], entry["folders"]) == ("c", "failed", [])
    assert entry["reason"].startswith("c_000-002: exit status 3")
    metrics = measure_phase(one, "o")
    assert metrics["status"] == "blocked"
    assert "c_000-002" in metrics["checks"][0]["reason"]


def test_bands_hold_every_row_once() -> None:
    for rows in (1, 7, 48, 2527):
        for of in (1, 2, 7):
            if of <= rows:
                spans = [shards.span(rows, (number, of)) for number in range(of)]
                assert [row for a, b in spans for row in range(a, b + 1)] == list(range(rows))
    with pytest.raises(InputError, match="at most the 3 rows"):
        shards.span(3, (0, 4))


def test_an_external_nanobragg_cannot_render_a_band() -> None:
    assert (
        translate("stock", ["-N", "3", "--band", "0", "4"]).blocked == "--band: nanoBragg knows no such flag"
    )

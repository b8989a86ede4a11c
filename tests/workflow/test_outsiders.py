"""External nanoBraggs beside the C engine, through the whole workflow: three ways."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.engines.build import build
from tests.helpers.project import ROOT, TINY
from tests.helpers.standins import stand_in
from tests.workflow.test_snakemake import bundles, snakemake

LAYERED = " -oversample 2 -detector_abs 300 -detector_thick 400 -thicksteps 2"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = tmp_path_factory.mktemp("engine") / "nanobragg-c"
    build(sorted((ROOT / "simulator" / "reference").rglob("*.[ch]")), binary)
    return binary


def checks(bundle: Path, phase: str) -> dict[str, dict[str, Any]]:
    metrics = json.loads((bundle / f"phase_{phase}" / "metrics.json").read_text(encoding="utf-8"))
    return {check["name"]: check for check in metrics["checks"]}


def gates(bundle: Path) -> dict[str, str]:
    judged = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    return {gate["id"]: gate["status"] for gate in judged["gates"]}


def recast(project: Path, *edits: tuple[str, str]) -> None:
    """The tiny case with another command."""
    command = str(TINY["command"])
    for old, new in edits:
        command = command.replace(old, new)
    text = yaml.safe_dump({**TINY, "command": command})
    (project / "config" / "cases" / "tiny.yaml").write_text(text, encoding="utf-8")


def test_stock_and_instrumented_reach_a_pass_together(project: Path, engine: Path) -> None:
    """Two programs at once, layers and subpixels; seeds are missing from the command and said to be."""
    recast(project, (" -nonoise", ""), (" -oversample 1", LAYERED))
    programs = [stand_in(project / kind, engine, kind) for kind in ("stock", "instrumented")]
    done = snakemake(project, "parity_tiny", NB_C_BIN=":".join(map(str, programs)))
    assert done.returncode == 0, done.stdout + done.stderr
    (bundle,) = bundles(project)
    assert gates(bundle) == {f"VG-{n}": "pass" for n in range(7)}
    assert (bundle / "SEALED").is_file()

    # images: each against both of ours
    frame = checks(bundle, "o")
    for label in ("external_1", "external_2"):
        for suffix in (f"_{label}", f"_{label}_c"):
            assert frame[f"off_share{suffix}"]["measured"] == 0.0
            assert frame[f"off_share{suffix}"]["threshold"] == 1e-4
    judged = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    assert judged["headline"].startswith("PyTorch is identical to nanoBragg (stock, sha256 ")
    assert "nanoBragg (instrumented, sha256 " in judged["headline"]
    assert "in 2,304 of 2,304 pixels" in judged["headline"]

    # traces: all that is printed, the rest by proxy
    traced = checks(bundle, "m")
    assert traced["trace_external_1"]["status"] == traced["trace_external_2"]["status"] == "pass"
    rows = json.loads((bundle / "phase_m" / "metrics.json").read_text(encoding="utf-8"))["tables"]
    stock, instrumented = (sum(row["compared"] for row in rows[f"trace_external_{n}"]) for n in (1, 2))
    # eight blocks of 49 numbers and nine sums, at least, of each of four pixels
    assert instrumented > 4 * (8 * 49 + 9) > stock > 0
    assert traced["trace_external_2"]["note"].startswith(f"{instrumented} values of 4 pixels compared")
    assert "values of 4 pixels compared" in traced["first_divergence"]["note"]
    for phase in "klm":
        note = checks(bundle, phase)["proxy_external_1"]["note"]
        assert note.startswith("by proxy: nanoBragg (stock) ")
        assert "1,600 of 1,600 pixels of the region" in note

    # a traced pixel costs two pixels, and leaves no image
    run = json.loads(next(bundle.glob("phase_m/external_1_20_27/run.json")).read_text(encoding="utf-8"))
    at = run["argv"].index("-roi")
    assert run["argv"][at : at + 5] == ["-roi", "26", "27", "20", "20"]
    assert run["outputs"] == []
    frame_run = json.loads((bundle / "phase_o" / "external_1" / "run.json").read_text(encoding="utf-8"))
    assert frame_run["argv"][frame_run["argv"].index("-seed") + 1] == "1"
    report, memo = ((bundle / name).read_text(encoding="utf-8") for name in ("report.html", "memo.md"))
    for text in (report, memo):
        assert "-seed is missing: the noise is seeded from the clock" in text

"""An external nanoBragg in the place of the C engine, through the whole workflow."""

import json
import os
import sys
from pathlib import Path

import pytest
import yaml

from evidence.engines.build import build
from tests.helpers.project import ROOT, TINY
from tests.workflow.test_snakemake import bundles, snakemake

# Our C engine behind the face of another: no word of what it is, none of our --flags, one pixel a run.
FACE = """#!{python}
import subprocess, sys
words = sys.argv[1:]
if "-help" in words or any(word.startswith("--") for word in words):
    sys.exit("usage: nanoBragg -mat auto.mat")
pixel = None
if "-trace_pixel" in words:
    at = words.index("-trace_pixel")
    pixel = words[at + 1 : at + 3]
    del words[at : at + 3]
done = subprocess.run([{engine!r}, *words], capture_output=True, text=True)
print(done.stdout)
if pixel and {kind!r} == "instrumented":
    command = [{engine!r}, *words, "-trace_pixel", *pixel, "--trace-only"]
    print("TRACE_CONFIG: tracing pixel (spixel=%s, fpixel=%s)" % tuple(pixel))
    for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
        mark, name, *values = line.split() or [""] * 2
        if mark == "TRACE_C:" and values and name[:4] not in ("phi_", "cell", "V_ce", "V_st", "trac"):
            name = name.replace("scattering_vec_m_inv", "scattering_vec_A_inv")
            print("TRACE_C:", name, *("%.15g" % float(value) for value in values))
sys.exit(done.returncode)
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = tmp_path_factory.mktemp("engine") / "nanobragg-c"
    build(sorted((ROOT / "simulator" / "reference").rglob("*.[ch]")), binary)
    return binary


def outsider(project: Path, engine: Path, kind: str) -> Path:
    face = project / kind
    face.write_text(FACE.format(python=sys.executable, engine=str(engine), kind=kind), encoding="utf-8")
    face.chmod(0o755)
    return face


def checks(bundle: Path, phase: str) -> dict[str, tuple[str, str]]:
    metrics = json.loads((bundle / f"phase_{phase}" / "metrics.json").read_text(encoding="utf-8"))
    return {check["name"]: (check["status"], check["reason"] or "") for check in metrics["checks"]}


def test_stock_is_judged_by_its_images_and_blocked_in_the_rest(project: Path, engine: Path) -> None:
    """Seeds are missing from the command: the linter says so, the runs get them, the report shows both."""
    case = {**TINY, "command": TINY["command"].replace(" -nonoise", "")}
    (project / "config" / "cases" / "tiny.yaml").write_text(yaml.safe_dump(case), encoding="utf-8")
    done = snakemake(project, "parity_tiny", NB_C_BIN=str(outsider(project, engine, "stock")))
    assert done.returncode == 1, done.stderr
    (bundle,) = bundles(project)
    gates = json.loads((bundle / "gates.json").read_text(encoding="utf-8"))
    assert {gate["id"]: gate["status"] for gate in gates["gates"]} == {
        **{f"VG-{n}": "blocked" for n in range(3)},
        **{f"VG-{n}": "pass" for n in range(3, 6)},
    }
    assert "it has no --mode" in checks(bundle, "l")["spec_dk"][1]
    assert checks(bundle, "k")["hkl"][0] == "pass"
    assert "the stock program does not print it" in checks(bundle, "k")["factor_ratio"][1]
    assert (bundle / "SEALED").is_file()
    run = json.loads((bundle / "phase_o" / "c" / "run.json").read_text(encoding="utf-8"))
    assert run["argv"][run["argv"].index("-seed") + 1] == "1"
    report, memo = ((bundle / name).read_text(encoding="utf-8") for name in ("report.html", "memo.md"))
    for text in (report, memo):
        assert "-seed is missing: the noise is seeded from the clock" in text
        assert "the stock program does not print it" in text


def test_instrumented_has_its_scaling_chain_compared(project: Path, engine: Path) -> None:
    done = snakemake(project, "phase_k", "phase_l", NB_C_BIN=str(outsider(project, engine, "instrumented")))
    assert done.returncode == 1, done.stderr
    (bundle,) = bundles(project)
    assert {status for status, _ in checks(bundle, "k").values()} == {"pass"}
    found = checks(bundle, "l")
    assert found["spec_dk"][0] == found["c_parity_dk"][0] == "blocked"
    assert "the instrumented program does not print it" in found["c_parity_dk"][1]
    assert os.listdir(bundle / "phase_k" / "c")

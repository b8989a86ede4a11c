"""Faults in the PyTorch engine: one that changes a factor is caught, one that changes nothing survives."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.campaigns import mutants
from evidence.campaigns.mutants import Mutation
from evidence.cases.settings import load_settings
from evidence.errors import InputError
from evidence.faults import fault_plan, fault_table, fault_trial
from evidence.faults.fault_plan import FAULTS
from evidence.jobs.plan import OWN
from tests.helpers.engine import compile_engine
from tests.helpers.places import ROOT
from tests.helpers.project import SPOTS, STAMP, TINY, settings

SHIPPED = {fault.name: fault for fault in mutants.load(ROOT / FAULTS)}
# Of the image no gate sees these: deviates of noise differ between the engines by design.
UNSEEN = {"noise", "__init__"}
OWN_SETTINGS = load_settings(settings(), ["tiny"])
PLAIN = {key: value for key, value in asdict(OWN_SETTINGS).items() if key not in OWN}


def test_faults_stand_in_todays_sources_and_in_every_module_of_the_physics() -> None:
    assert len(SHIPPED) >= 40
    for fault in SHIPPED.values():
        with mutants.undone(fault, ROOT / "simulator") as folder:
            assert folder is not None, "its text stands there once"
    modules = {Path(str(fault.file)).stem for fault in SHIPPED.values()}
    assert {path.stem for path in (ROOT / "simulator" / "physics").glob("*.py")} - UNSEEN <= modules
    assert {"render", "kernels", "placing", "session", "image"} <= modules


def test_the_plan_names_each_case_once_and_the_likeliest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    plan = fault_plan.settle({}, {})
    assert len(plan.cases) == len(set(plan.cases)) >= 8
    assert "supervisor" not in plan.cases

    class Wildcards:
        bundle, case, fault = plan.bundle, "water", "water-power"

    assert plan.order_of(Wildcards())[0] == "water"
    assert sorted(plan.order_of(Wildcards())) == sorted(plan.cases)
    wrong = tmp_path / "faults.yaml"
    faults = {name: {"rule": "r", "file": "units.py", "case": "nowhere"} for name in ("a", "b", "c")}
    wrong.write_text(yaml.safe_dump(faults))
    with pytest.raises(InputError, match="nowhere"):
        fault_plan.settle({}, {}, wrong)
    assert fault_plan.settle({}, {}, tmp_path / "none.yaml").faults == {}


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The tiny case without a fault, and two rows: a factor on the solid angle, and nothing at all."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "config" / "cases").mkdir(parents=True)
    (folder / "config" / "inputs").mkdir()
    (folder / "config" / "inputs" / "few.hkl").write_text(SPOTS)
    (folder / "config" / "cases" / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    (folder / "simulator").symlink_to(ROOT / "simulator")  # as in a checkout: not the engine on trial
    (folder / "results" / "build").mkdir(parents=True)
    compile_engine(folder / "results" / "build")
    made = folder / "results" / "mutation_table" / STAMP / "runs"
    old = "return pixel * pixel / r"
    faults = {
        "real": Mutation("real", "a factor", None, "physics/detector.py", old, f"return 1.00001 * {old[7:]}"),
        "none": Mutation("none", "nothing", None, "physics/detector.py", old, "return (pixel * pixel) / r"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        gates = fault_trial.without_fault("tiny", PLAIN, made / "tiny")
        rows = {
            name: fault_trial.try_fault(fault, ["tiny"], PLAIN, made, ROOT / "simulator")
            for name, fault in faults.items()
        }
        yield {"gates": gates, **rows}


def test_without_a_fault_every_gate_passes(tried: dict[str, Any]) -> None:
    assert tried["gates"]["verdict"] == "pass"


def test_a_fault_is_caught_with_its_gate_and_its_tap(tried: dict[str, Any]) -> None:
    row = tried["real"]
    assert (row["case"], row["gate"], row["status"], row["tried"]) == ("tiny", "VG-2", "fail", 1)
    assert row["check"] == "first_divergence"
    assert row["tap"] == "omega_pixel_sr"


def test_a_harmless_change_survives_and_fails_the_table(tried: dict[str, Any]) -> None:
    assert tried["none"]["case"] is None
    cases = [{"case": "tiny", "verdict": "pass"}]
    both = fault_table.judged({"faults": [tried["real"], tried["none"]], "cases": cases}, STAMP)
    assert both["verdict"] == "fail"
    assert "none" in both["gates"][1]["reason"]
    one = fault_table.judged({"faults": [tried["real"]], "cases": cases}, STAMP)
    assert one["verdict"] == "pass"
    lines = list(csv.DictReader(io.StringIO(fault_table.tsv([tried["real"], tried["none"]])), delimiter="\t"))
    assert [line["tap"] for line in lines] == ["omega_pixel_sr", ""]


def test_a_table_without_faults_or_with_an_ill_case_does_not_pass() -> None:
    row = {"name": "a", "case": "tiny"}
    ill = [{"case": "tiny", "verdict": "fail"}]
    assert fault_table.judged({"faults": [], "cases": []}, STAMP)["verdict"] == "blocked"
    assert fault_table.judged({"faults": [row], "cases": ill}, STAMP)["verdict"] == "fail"


def test_a_trial_that_breaks_down_catches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that does not come to an end is an error of the trial, not a fault that was caught."""
    (tmp_path / "config" / "cases").mkdir(parents=True)
    (tmp_path / "config" / "inputs").mkdir()
    (tmp_path / "config" / "inputs" / "few.hkl").write_text(SPOTS)
    (tmp_path / "config" / "cases" / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "results" / "mutation_table" / STAMP / "runs"
    (made / "tiny").mkdir(parents=True)
    broken = Mutation("broken", "no module", None, "units.py", "import math", "import no_such_module")
    with pytest.raises(InputError, match="a process that ends well"):
        fault_trial.try_fault(broken, ["tiny"], PLAIN, made, ROOT / "simulator")

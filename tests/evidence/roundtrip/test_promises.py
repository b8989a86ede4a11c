"""Round trips: what is promised is judged, what could not be done is on record, the page shows it."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.cases.structure import Structure
from evidence.commands import show
from evidence.errors import InputError
from evidence.roundtrip import passage, processing, promises, rotation_scan, roundtrip_page, trip
from evidence.roundtrip.rotation_scan import Sweep
from tests.helpers.places import ROOT

GOOD: dict[str, Any] = {
    "indexed_share": 0.99,
    "edges_relative": 1e-5,
    "angles_deg": 0.01,
    "orientation_deg": 0.01,
    "beam_centre_px": 0.01,
    "geometry_difference": 1e-12,
    "same_pixels": 1.0,
    "spots": 1000,
    "indexed": 990,
    "rmsd": [0.1, 0.1, 0.1],
    "rmsd_px": 0.1,
    "rmsd_images": 0.1,
    "residuals": [[0.1, -0.1, 0.0], [-0.05, 0.1, 0.1]],
    "detector_deg": 0.01,
    "distance_relative": 1e-5,
    "distance_mm": [119.9, 120.0],
    "cell": [27.0, 31.0, 33.0, 88.0, 72.0, 68.0],
    "cell_true": [27.1, 31.0, 33.0, 88.0, 72.0, 68.0],
    "intensity": {
        "cc": 0.99,
        "least_shell_cc": 0.97,
        "n": 500,
        "r": 0.05,
        "points": [[1.0, 1.1], [10.0, 9.0], [-1.0, 0.5]],
        "shells": [{"d_max": 20.0, "d_min": 2.0, "n": 500, "cc": 0.99}],
    },
}
RECORD: dict[str, Any] = {"schema": 1, "engine": ["x"], "status": "ok", "reason": None, "figures": GOOD}
SMALL = Sweep(
    tuple("-default_F 100 -cell 30 40 50 -detpixels 24 -pixel 1 -N 3 -oversample 1 -fluence 1e30".split()),
    images=2,
    steps=2,
)
TRIP = trip.Trip(
    "small", "A small sweep", "", Structure(Path("config/inputs/hewl_2vb1_fc.mtz"), {"dmin": 5.0}), SMALL, 2.0
)


def verdict(**changes: Any) -> Any:
    """gates.json where PyTorch's record is another."""
    return promises.judge({"c": RECORD, "py": RECORD | changes}, "roundtrip_x", "20260101T000000Z")


def test_every_promise_of_the_issue_is_a_check() -> None:
    found = verdict()
    assert found["verdict"] == "pass"
    assert found["first_failing"] is None
    checks = [check for gate in found["gates"] for check in gate["checks"]]
    limits = {check["name"]: check["threshold"] for check in checks}
    assert len(checks) == 2 * len(promises.PROMISES)
    assert limits["c_indexed_share"] == 0.9
    assert limits["py_edges_relative"] == 1e-3
    assert limits["py_angles_deg"] == limits["py_orientation_deg"] == 0.05
    assert limits["c_beam_centre_px"] == 0.1
    assert limits["c_cc"] == 0.95
    assert limits["py_geometry_difference"] == 1e-6


@pytest.mark.parametrize("promise", promises.PROMISES, ids=lambda promise: promise.name)
@pytest.mark.parametrize("value", ["over", float("nan"), None])
def test_nothing_passes_that_is_not_within(promise: promises.Promise, value: Any) -> None:
    """A figure past its limit or NaN fails, one that is missing blocks; the gate and the verdict follow."""
    figures = json.loads(json.dumps(GOOD))
    place = figures
    for key in promise.where[:-1]:
        place = place[key]
    over = promise.accept * (1.01 if promise.comparison == "<=" else 0.99)
    place[promise.where[-1]] = over if value == "over" else value
    found = verdict(figures=figures)
    assert found["verdict"] == ("blocked" if value is None else "fail")
    assert found["first_failing"] == promise.gate


def test_without_dials_gates_are_blocked_and_say_how_to_install_it() -> None:
    reason = f"DIALS is not installed: {processing.INSTALL}"
    found = verdict(status="blocked", reason=reason, figures=None)
    assert found["verdict"] == "blocked"
    assert all("apt-get install" in gate["reason"] for gate in found["gates"])


def test_a_run_that_failed_is_a_failure() -> None:
    assert verdict(status="failed", reason="dials.index: no", figures=None)["verdict"] == "fail"


def test_a_sweep_without_dials_is_rendered_and_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images, truth and preview are there; then the page of a blocked bundle."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(processing, "present", lambda: False)
    bundle = tmp_path / "roundtrip_small" / "20260101T000000Z"
    passage.travel(TRIP, [sys.executable, "-m", "simulator"], bundle / "py", 1)
    found = json.loads((bundle / "py" / "found.json").read_text())
    assert found["status"] == "blocked"
    assert processing.INSTALL in found["reason"]
    assert found["images"] == [2, 24, 24]
    assert {"found.json", "sweep.nxs", "truth.expt", "first_image.png"} <= {
        path.name for path in (bundle / "py").iterdir()
    }
    passage.travel(TRIP, [sys.executable, "-c", "import sys; sys.exit('no engine')"], bundle / "c", 1)
    failed = json.loads((bundle / "c" / "found.json").read_text())
    assert (failed["status"], failed["reason"]) == ("failed", "image 1: no engine")
    gates = promises.judge({"c": failed, "py": found}, "roundtrip_small", bundle.name)
    assert gates["verdict"] == "fail"
    page(bundle, gates)
    text = (bundle / "report.html").read_text()
    assert "image 1: no engine" in text
    assert "apt-get install" in text


def test_a_path_without_dials_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing patched: a PATH that has no dials.import, as on a machine without it."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", str(tmp_path))
    bundle = tmp_path / "roundtrip_small" / "20260101T000000Z"
    passage.travel(TRIP, [sys.executable, "-m", "simulator"], bundle / "py", 2)
    shutil.copytree(bundle / "py", bundle / "c")
    found = json.loads((bundle / "py" / "found.json").read_text())
    gates = promises.judge({"c": found, "py": found}, "roundtrip_small", bundle.name)
    assert gates["verdict"] == "blocked"
    line = "apt-get install --no-install-recommends dials bitshuffle"
    assert all(gate["status"] == "blocked" and line in gate["reason"] for gate in gates["gates"])
    page(bundle, gates)
    assert line in (bundle / "report.html").read_text()


def test_a_figure_that_is_no_number_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passage, "_rendered", lambda *_: {})
    monkeypatch.setattr(processing, "present", lambda: True)
    monkeypatch.setattr(processing, "process", lambda *_: None)
    monkeypatch.setattr(processing, "recovered", lambda *_: json.dumps(GOOD | {"rmsd_px": float("nan")}))
    passage.travel(TRIP, ["engine"], tmp_path / "py", 1)
    found = json.loads((tmp_path / "py" / "found.json").read_text())
    assert found["status"] == "failed"
    assert "expected finite numbers, got NaN" in found["reason"]


def test_files_say_which_engine_made_them(tmp_path: Path) -> None:
    """Program, command line, version and commit of the engine that rendered, not of the one that writes."""
    engine = tmp_path / "nanobragg-c"
    engine.write_text("#!/bin/sh\necho 'nanobragg-c 9.8.7 (commit abc123)'\n")
    engine.chmod(0o755)
    made = rotation_scan.made_by(SMALL, [str(engine)])
    assert (made.program, made.version, made.commit, made.mode) == ("nanobragg-c", "9.8.7", "abc123", "spec")
    assert made.command.startswith("nanobragg-c -default_F 100 ")
    assert "-noisefile sim_0001.img" in made.command


def page(bundle: Path, gates: Any) -> None:
    """report.html of a bundle with these gates."""
    (bundle / "gates.json").write_text(json.dumps(gates))
    (bundle / "env.json").write_text(json.dumps({"schema": 1, "python": "3.11"}))
    roundtrip_page.build(bundle, TRIP)


def test_the_page_of_a_good_bundle(tmp_path: Path) -> None:
    for role in promises.ENGINES:
        (tmp_path / role).mkdir()
        extra = {"images": [2, 24, 24], "brightest": 9, "render_s": 1.0, "dials_s": 2.0}
        (tmp_path / role / "found.json").write_text(json.dumps(RECORD | extra))
    page(tmp_path, verdict())
    text = (tmp_path / "report.html").read_text()
    assert "DIALS finds what was simulated." in text
    assert text.count("Correlation") == 2
    assert (tmp_path / "c" / "intensities.png").is_file()
    for picture in roundtrip_page.PICTURES:
        assert text.count(f"{picture}.png") == 2
        assert (tmp_path / "py" / f"{picture}.png").stat().st_size > 5000
    assert "fail" not in text.partition("<main>")[2].partition('id="environment"')[0]


def test_show_says_what_was_promised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gates.json").write_text(json.dumps(verdict(status="failed", reason="no", figures=None)))
    assert show.promises(tmp_path, sys.stdout) is False
    assert "RT-CELL  fail     py_angles_deg" in capsys.readouterr().out


SHIPPED = yaml.safe_load((ROOT / "config" / "roundtrips" / "lysozyme.yaml").read_text())


def test_the_shipped_sweep_is_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """At least twenty images of a degree of triclinic lysozyme."""
    monkeypatch.chdir(ROOT)
    found = trip.load(trip.TRIPS / "lysozyme.yaml")
    assert found.sweep.images >= 20
    assert found.sweep.width == 1.0
    assert "27.07 31.25 33.76" in SHIPPED["flags"]
    assert found in trip.load_all(ROOT)


def test_a_shipped_sweep_starts_from_coordinates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same crystal and sweep as the other, from atoms, with anomalous scattering."""
    monkeypatch.chdir(ROOT)
    one, other = (trip.load(trip.TRIPS / f"{name}.yaml") for name in ("lysozyme", "lysozyme_coordinates"))
    assert other.sweep == one.sweep
    assert other.structure.file.suffix == ".pdb"
    assert other.structure.options == {"dmin": 1.4, "wavelength": 0.9768}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"structure": {"file": str(ROOT / "config/inputs/hewl_2vb1_fc.mtz"), "dmin": 2, "k_sol": 0.3}},
            "key structure: --k-sol: expected a file of coordinates, got one of MTZ",
        ),
        ({"flag": "x"}, "key flag: expected one of"),
        (
            {"sweep": {"images": 1, "start": 0, "width": 1, "steps": 1}},
            "sweep.images: expected a number >= 2",
        ),
        (
            {"structure": {"file": "none.mtz", "dmin": 2}},
            "key structure.file: expected a file, got 'none.mtz'",
        ),
        ({"structure": {"file": "none.mtz"}}, "structure.dmin: expected a value, got nothing"),
        ({"integrate_dmin": 0}, "integrate_dmin: expected a number > 0"),
    ],
)
def test_mistakes_in_the_file(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(yaml.safe_dump(SHIPPED | change))
    with pytest.raises(InputError) as problem:
        trip.load(path)
    assert message in str(problem.value)

"""A sweep of triclinic lysozyme through DIALS: what was simulated is found again, from NXmx and from SMV."""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from evidence.roundtrip import processing
from evidence.roundtrip.rotation_scan import NEXUS, TRUTH, Sweep, describe, made_by, render
from simulator.formats.nb_hkl import main as nb_hkl
from tests.helpers.engine import compile_engine
from tests.helpers.places import ROOT
from tests.simulator.formats.judge import OF_EXPT, ask, needs_dials

pytestmark = needs_dials
FLAGS = (
    "-hkl scaled.hkl -cell 27.07 31.25 33.76 87.98 72 67.89 -misset 20 35 50 -lambda 0.9768 -distance 120 "
    "-pixel 0.25 -detpixels 640 -Xbeam 81.1 -Ybeam 78.3 -detector_rotx 1 -detector_roty -2 -N 12 -gauss_xtal "
    "-fudge 0.04 -oversample 1 -nointerpolate -default_F 0 -fluence 1e28 -water 0.03"
)
SWEEP = Sweep(tuple(FLAGS.split()), images=12, start=-7.5, steps=10)
SOURCES = {"C": ("hewl_atoms.pdb", "--wavelength", "0.9768"), "PyTorch": ("hewl_2vb1_fc.mtz",)}
SCRIPT = ROOT / "workflow" / "evidence" / "roundtrip" / "recovered.py"


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Any]]:
    """Both sweeps at the same time: most of either is programs that start, on one core."""
    folders = {name: tmp_path_factory.mktemp(name) for name in SOURCES}
    with ThreadPoolExecutor(len(folders)) as pool:
        return dict(zip(folders, pool.map(through_dials, folders, folders.values()), strict=True))


@pytest.fixture(params=SOURCES)
def processed(request: pytest.FixtureRequest, sweeps: dict[str, tuple[Path, Any]]) -> tuple[Path, Any]:
    """The sweep of one engine, and what DIALS found in it."""
    return sweeps[request.param]


def through_dials(name: str, folder: Path) -> tuple[Path, Any]:
    """DIALS on a sweep: SMV and .expt of atoms from C, NXmx of an MTZ file from PyTorch."""
    source, *options = SOURCES[name]
    words = [str(ROOT / "config" / "inputs" / source), "-o", str(folder / "scaled.hkl"), "--dmin", "1.4"]
    assert nb_hkl([*words, *options]) == 0
    engine = [sys.executable, "-m", "simulator"]
    if name == "C":
        engine = [str(compile_engine(folder, "-fopenmp"))]
    describe(SWEEP, render(SWEEP, engine, folder), folder, made_by(SWEEP, engine))
    work = folder / "dials"
    work.mkdir()
    if name == "C":  # the .expt opens the images beside it: nothing to import
        shutil.copy(folder / TRUTH, work / "imported.expt")
        for image in folder.glob("sim_*.img"):
            (work / image.name).symlink_to(image)
        processing.process([], work, 1, 1.6)
    else:
        processing.process([str(folder / NEXUS)], work, 1, 1.6)
    return folder, json.loads(processing.recovered(SCRIPT, work, folder / TRUTH, folder / "scaled.hkl"))


def test_dials_finds_what_was_simulated(processed: tuple[Path, Any]) -> None:
    """The figures: spots indexed, cell, orientation, beam centre, intensities."""
    _, found = processed
    assert found["spots"] > 1000
    assert found["indexed_share"] >= 0.90
    assert found["edges_relative"] <= 1e-3
    assert found["angles_deg"] <= 0.05
    assert found["orientation_deg"] <= 0.05
    assert found["beam_centre_px"] <= 0.1
    assert found["detector_deg"] <= 0.05
    assert found["distance_relative"] <= 1e-3
    assert found["rmsd_px"] <= 0.3
    assert found["rmsd_images"] <= 0.3
    assert found["intensity"]["n"] > 1000
    assert found["intensity"]["cc"] >= 0.95
    assert all(shell["cc"] >= 0.9 for shell in found["intensity"]["shells"])


def test_both_files_give_dials_the_same_geometry(processed: tuple[Path, Any]) -> None:
    """NXmx, and SMV with the .expt: beam, panel, spindle and scan to 1e-6, and the same pixels."""
    folder, found = processed
    imported = folder / "dials" / "imported.expt"
    if not (folder / "dials" / "dials.import.txt").exists():  # this one went through SMV
        imported = folder / "nexus.expt"
        processing.run(processing.importing([str(folder / NEXUS)], imported.name), folder, 1)
    else:
        assert found["geometry_difference"] <= 1e-6
        assert found["same_pixels"] == 1.0
    one, truth = ask(OF_EXPT, imported, folder / TRUTH)
    for key in ("s0", "fast", "slow", "origin", "corner", "axis", "oscillation", "range", "size"):
        assert one[key] == pytest.approx(truth[key], abs=1e-6, rel=1e-6), key

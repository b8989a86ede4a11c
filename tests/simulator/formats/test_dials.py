"""DIALS reads what we write, and we read what DIALS writes: dxtbx is the judge of every geometry."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.formats.convert import read_geometry
from simulator.formats.dials_models import to_imgcif
from simulator.formats.geometry import Geometry
from simulator.formats.nb_geometry import main as nb_geometry
from simulator.formats.reading import Node
from tests.simulator.formats.commands import COMMANDS, MATRIX, image
from tests.simulator.formats.judge import MODEL, OF_EXPT, OF_IMAGE, PIXELS, ask, needs_dials

pytestmark = needs_dials
MM = 1000.0
VECTORS = ("s0", "fast", "slow", "origin", "axis")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a matrix in it, to work in."""
    (tmp_path / "A.mat").write_text(MATRIX)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def expected(geometry: Geometry) -> dict[str, Any]:
    """What dxtbx should say of a geometry in the imgCIF frame."""
    panel = geometry.panel
    assert panel is not None
    assert geometry.beam is not None
    assert geometry.wavelength is not None
    slow, fast = panel.shape
    return {
        "s0": geometry.beam / geometry.wavelength,
        "wavelength": geometry.wavelength,
        "fast": panel.fast,
        "slow": panel.slow,
        "origin": panel.origin * MM,
        "corner": (panel.origin + slow * panel.pixel * panel.slow) * MM,
        "size": [fast, slow],
        "axis": geometry.spindle,
        "oscillation": [geometry.phi, geometry.osc],
        "vectors": geometry.direct.ravel() if geometry.direct is not None else None,
    }


def check(found: dict[str, Any], wanted: dict[str, Any], tolerance: float, *names: str) -> None:
    """Numbers of both agree."""
    for name in names or wanted:
        assert np.allclose(found[name], wanted[name], rtol=tolerance, atol=tolerance), name


def written(name: str, *cases: str) -> list[str]:
    """The files of cases in one format."""
    names = [name.format(case) for case in cases]
    for case, path in zip(cases, names, strict=True):
        assert nb_geometry(["-o", path, "--", *COMMANDS[case].split()]) == 0
    return names


def test_dxtbx_reads_our_expt(folder: Path) -> None:
    """Every case: beam, panel corner by corner, spindle, scan and crystal as the engine places them."""
    names = written("{}.expt", *COMMANDS)
    for found, name in zip(ask(OF_EXPT, *names), names, strict=True):
        geometry = to_imgcif(read_geometry(folder / name, name).geometry)
        wanted = expected(geometry)
        if name == "sensor.expt":  # where a pixel of a deep sensor is, dxtbx reckons with the depth
            del wanted["corner"]
        check(found, wanted, 1e-9)


def test_polarization_is_dxtbx_s(folder: Path) -> None:
    """K = 0.7 is a fraction of 0.85; the normal is across the beam and the electric field."""
    (found,) = ask(OF_EXPT, *written("{}.expt", "dials"))
    assert found["polarization"][3] == pytest.approx(0.85)
    (plain,) = ask(OF_EXPT, *written("{}.expt", "mosflm"))
    assert plain["polarization"][3] == pytest.approx(0.5)
    # mosflm's field lies along the spindle, X in DIALS's frame: the normal is Y
    assert np.allclose(np.abs(plain["polarization"][:3]), [0, 1, 0])


def test_dxtbx_reads_our_xparm(folder: Path) -> None:
    """The same vectors as in our .expt but for a rotation of all: FormatXDS has a frame of its own."""
    for case in COMMANDS:
        Path(case).mkdir()
    files = written("{}/XPARM.XDS", *COMMANDS)
    ours = ask(OF_EXPT, *written("{}.expt", *COMMANDS))
    for found, wanted in zip(ask(OF_IMAGE, *files), ours, strict=True):
        check(found, wanted, 1e-9, "wavelength", "size", "pixel", "distance")
        one, other = (np.array([model[n] for n in VECTORS]) for model in (found, wanted))
        assert np.allclose(one @ one.T, other @ other.T, rtol=1e-9, atol=1e-9)
        assert np.linalg.det(one[[1, 2, 3]]) == pytest.approx(np.linalg.det(other[[1, 2, 3]]))


IOTBX = """
from iotbx.xds import xparm
found = []
for path in sys.argv[1:]:
    r = xparm.reader(); r.read_file(path)
    found.append([r.unit_cell, r.unit_cell_a_axis, r.unit_cell_b_axis, r.unit_cell_c_axis,
                  r.starting_angle, r.oscillation_range, r.detector_origin, r.detector_distance])
print(json.dumps(found))
"""


def test_iotbx_reads_the_crystal_of_our_xparm(folder: Path) -> None:
    (found,) = ask(IOTBX, *written("XPARM.XDS", "dials"))
    assert np.allclose(found[0], [40, 50, 60, 90, 90, 90])
    geometry = read_geometry(folder / "XPARM.XDS", "XPARM.XDS").geometry
    assert geometry.direct is not None
    # the dials convention has the spindle along Y: XDS's frame is ours turned about the beam
    turned = np.array(found[1:4])
    assert np.allclose(turned @ turned.T, geometry.direct @ geometry.direct.T)
    assert found[4:6] == pytest.approx([33.3, 0.7])


FOREIGN = """
from dxtbx.model import *
from dxtbx.model.experiment_list import ExperimentList
from scitbx.array_family import flex
from scitbx import matrix
kind, path = sys.argv[1:]
beam = BeamFactory.make_beam(sample_to_source=(0.01, -0.02, 1), wavelength=0.9)
pixel, size = (0.172, 0.172), (600, 500)
detector = DetectorFactory.simple("PAD", 150, (50.5, 48.2), "+x", "-y", pixel, size, (-1, 65535), [])
if kind == "hierarchy":
    flat = detector[0]
    detector = Detector()
    root = detector.hierarchy()
    root.set_local_frame((0.8, 0.6, 0), (-0.6, 0.8, 0), (1, 2, -150))
    panel = root.add_panel()
    panel.set_local_frame((1, 0, 0), (0, -1, 0), (-50, 40, 0.5))
    panel.set_pixel_size(pixel); panel.set_image_size(size); panel.set_trusted_range((-1, 65535))
if kind == "nested":
    flat = detector[0]
    detector = Detector()
    root = detector.hierarchy()
    root.set_local_frame((0.8, 0.6, 0), (-0.6, 0.8, 0), (1, 2, -150))
    root.add_group()  # another arm, without a panel
    group = root.add_group()
    group.set_local_frame((1, 0, 0), (0, 0.96, 0.28), (3, 4, 5))
    panel = group.add_panel()
    panel.set_local_frame((1, 0, 0), (0, -1, 0), (-50, 40, 0.5))
    panel.set_pixel_size(pixel); panel.set_image_size(size); panel.set_trusted_range((-1, 65535))
gonio = GoniometerFactory.single_axis()
if kind == "kappa":
    axes = flex.vec3_double([(1, 0, 0), (0.64, 0.02, 0.76), (0.998, 0.06, 0)])
    gonio = GoniometerFactory.make_multi_axis_goniometer(
        axes, flex.double((12, 34, 7)), flex.std_string(("PHI", "KAPPA", "OMEGA")), 2)
if kind == "setting":
    gonio.set_setting_rotation(matrix.col((1, 2, 3)).axis_and_angle_as_r3_rotation_matrix(20, deg=True))
    gonio.set_fixed_rotation(matrix.col((3, 1, -1)).axis_and_angle_as_r3_rotation_matrix(50, deg=True))
scan = ScanFactory.make_scan((3, 9), [1.0] * 7, (10.0, 0.5), {i: 0.0 for i in range(3, 10)})
crystal = Crystal((40, 1, 2), (3, 50, -4), (1, 7, 60), "P 1")
e = Experiment(beam=beam, detector=detector, goniometer=gonio, scan=scan, crystal=crystal)
ExperimentList([e]).as_file(path)
S, F = (matrix.sqr(x) for x in (gonio.get_setting_rotation(), gonio.get_fixed_rotation()))
A = matrix.sqr(crystal.get_A())
star = []
for phi in (10.0, 13.5):
    R = matrix.col(gonio.get_rotation_axis_datum()).axis_and_angle_as_r3_rotation_matrix(phi, deg=True)
    star.append((S * R * F * A).elems)
p = detector[0]
axes = {"fast": p.get_fast_axis(), "slow": p.get_slow_axis(), "origin": p.get_origin()}
print(json.dumps({"star": star, "s0": beam.get_s0(), **axes}))
"""


@pytest.mark.parametrize("kind", ["plain", "hierarchy", "nested", "kappa", "setting"])
def test_we_read_what_dials_writes(kind: str, folder: Path) -> None:
    """Goniometers with inner and outer rotations, panels in groups: A(phi) and panel as dxtbx has them."""
    truth = ask(FOREIGN, kind, "x.expt")
    found = read_geometry(folder / "x.expt", "x.expt")
    geometry, panel = found.geometry, found.geometry.panel
    assert panel is not None
    assert geometry.direct is not None
    assert geometry.spindle is not None
    assert geometry.beam is not None
    assert not found.exact
    assert np.allclose(panel.fast, truth["fast"])
    assert np.allclose(panel.slow, truth["slow"])
    assert np.allclose(panel.origin * MM, truth["origin"])
    assert np.allclose(geometry.beam / 0.9, truth["s0"])
    assert (geometry.phi, geometry.osc, geometry.images, geometry.first_image) == (10.0, 0.5, 7, 3)
    star = np.linalg.inv(geometry.direct)  # columns a*, b*, c*
    for phi, wanted in zip((10.0, 13.5), truth["star"], strict=True):
        assert np.allclose(turn(geometry.spindle, phi) @ star, np.reshape(wanted, (3, 3)))


def turn(axis: np.ndarray, degrees: float) -> np.ndarray:
    """Rotation by quaternion, written another way than in the package."""
    half = np.radians(degrees) / 2
    w, (x, y, z) = np.cos(half), np.sin(half) * axis
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def test_nxmx_and_numbered_smv_give_the_same_geometry(folder: Path) -> None:
    """To 1e-6, every case; and both are the engine's."""
    nexus, beside = [], []
    for case, command in COMMANDS.items():
        outputs = ["-o", f"{case}.nxs", "-o", f"{case}_0001.img", "--pixels", "noise", "-adc", "0"]
        image([*command.split(), *outputs], folder)
        nexus.append(f"{case}.nxs")
        beside.append(f"{case}_0001.expt")
    names = "s0", "wavelength", "fast", "slow", "origin", "corner", "size", "axis", "oscillation"
    for case, one, other in zip(COMMANDS, ask(OF_IMAGE, *nexus), ask(OF_EXPT, *beside), strict=True):
        if case == "sensor":  # NXmx's reader takes silicon from a table: same places, other depth
            names = tuple(name for name in names if name != "corner")
        check(one, other, 1e-6, *names)


def test_pixels_survive(folder: Path) -> None:
    """dxtbx reads every pixel of NXmx (float32 and counts), SMV and CBF."""
    command = [*COMMANDS["mosflm"].split(), "-fluence", "1e30", "-floatfile", "truth.bin"]
    assert run(command, "-o", "f.nxs", "-o", "f.npy") == 0
    assert (
        run(command, "-o", "n.nxs", "-o", "n_01.img", "-o", "m_01.cbf", "-o", "n.npy", "--pixels", "noise")
        == 0
    )
    floats, counts = np.load("f.npy"), np.load("n.npy")
    assert counts.max() > 100
    assert len(np.unique(counts)) > 20
    shown = ask(PIXELS, "f.nxs", "n.nxs", "n_01.img", "m_01.cbf")
    for (shape, values), wanted in zip(shown, (floats, counts, counts, counts), strict=True):
        assert tuple(shape) == wanted.shape
        assert np.array_equal(np.array(values, dtype=wanted.dtype), wanted.ravel())


def run(command: list[str], *more: str) -> int:
    """The engine, here."""
    from simulator.cli import main  # noqa: PLC0415

    return main([*command, *more])


def test_cbf_header_is_the_geometry(folder: Path) -> None:
    """A panel without tilt: miniCBF says all of it."""
    run(COMMANDS["mosflm"].split(), "-o", "n_01.cbf", "--pixels", "noise")
    (found,), (wanted,) = ask(OF_IMAGE, "n_01.cbf"), ask(OF_EXPT, "n_01.expt")
    check(found, wanted, 1e-6, "wavelength", "fast", "slow", "origin", "size", "oscillation")


SEQUENCE = """
e = ExperimentListFactory.from_json_file(sys.argv[1])[0]
data = e.imageset.get_raw_data(0)[0]
print(json.dumps([e.imageset.get_path(0), list(data.focus()), sum(data), e.detector[0].get_pedestal()]))
"""


def test_expt_opens_the_images_beside_it(folder: Path) -> None:
    """DIALS takes the .expt alone: it finds the image, and its exact beam centre."""
    run(
        COMMANDS["mosflm"].split(),
        "-o",
        "sim_0007.img",
        "--pixels",
        "noise",
        "-o",
        "n.npy",
        "-fluence",
        "1e30",
    )
    path, shape, total, pedestal = ask(SEQUENCE, "sim_0007.expt")
    assert Path(path).name == "sim_0007.img"
    assert shape == [64, 64]
    assert total == int(np.load("n.npy").astype(np.int64).sum())
    assert pedestal == 40
    (header,), (exact,) = ask(OF_IMAGE, "sim_0007.img"), ask(OF_EXPT, "sim_0007.expt")
    shift = np.array(header["origin"]) - exact["origin"]
    assert np.allclose(np.abs(shift[:2]), 0.25)  # half a pixel: why the .expt is there


def test_our_expt_after_dials(folder: Path) -> None:
    """DIALS writes our file again, without our note: its numbers give the same places."""
    written("x.expt", "tilted")
    before = read_geometry(folder / "x.expt", "x.expt")
    script = "experiments(sys.argv[1]).as_file(sys.argv[2]); print('1')"
    ask(script, "x.expt", "y.expt")
    assert "braggproof" not in json.loads((folder / "y.expt").read_text())
    after = read_geometry(folder / "y.expt", "y.expt")
    assert not after.exact
    one, other = to_imgcif(before.geometry), after.geometry
    assert one.panel is not None
    assert other.panel is not None
    assert np.allclose(one.panel.origin, other.panel.origin, atol=1e-12)
    assert one.direct is not None
    assert other.direct is not None
    assert np.allclose(one.direct, other.direct)


def test_scripts_are_about_the_model() -> None:
    """The judge's own words compile."""
    compile(MODEL, "model", "exec")
    assert Node.of_text("{}", "x").value == {}

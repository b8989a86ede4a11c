"""`-o FILE`: every format read back by another library, header numbers compared, who made it found."""

import json
from pathlib import Path
from typing import Any

import fabio
import h5py
import hdf5plugin
import numpy as np
import pytest
import torch
from PIL import Image

from simulator import Crystal, Detector, Experiment, simulate, write_nxmx
from simulator.cli import main as engine
from simulator.files.smv import read_header, read_pixels
from simulator.formats.frames import mcstas
from simulator.formats.geometry import geometry_of
from simulator.formats.png_preview import RING, SPOT, resolution
from tests.simulator.formats.commands import COMMANDS, MATRIX

ALL = ["x.nxs", "x.png", "x.npy", "x.expt", "sim_0003.img", "im_12.cbf"]
assert hdf5plugin.version  # importing it is what lets h5py read


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a matrix in it, to work in."""
    (tmp_path / "A.mat").write_text(MATRIX)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(case: str, *more: str) -> list[str]:
    """Run the engine on a case; the command line."""
    command = [*COMMANDS[case].split(), *more]
    assert engine(command) == 0
    return command


def outputs(*names: str) -> list[str]:
    """-o for each."""
    return [word for name in names for word in ("-o", name)]


def test_float32_is_kept_to_the_last_bit(folder: Path) -> None:
    run("mosflm", *outputs("x.nxs", "x.h5", "x.npy"))
    truth = np.fromfile("floatimage.bin", dtype="<f4").reshape(64, 64)
    assert len(np.unique(truth)) > 1000
    for name in ("x.nxs", "x.h5"):
        with h5py.File(name) as file:
            data = file["/entry/data/data"]
            assert data.dtype == np.float32
            assert data.shape == (1, 64, 64)
            assert np.array_equal(data[0].view("<u4"), truth.view("<u4"))
            assert "32008" in data._filters  # bitshuffle
            assert data.chunks == (1, 64, 64)
    assert np.array_equal(np.load("x.npy").view("<u4"), truth.view("<u4"))


@pytest.mark.parametrize("case", COMMANDS)
def test_nexus_chain_is_the_engines_geometry(case: str, folder: Path) -> None:
    """The whole chain of transformations, walked by hand, gives corner, axes, spindle and angles."""
    run(case, *outputs("x.nxs"))
    experiment = Experiment.from_expt(folder / "x.expt") if run(case, *outputs("x.expt")) else None
    assert experiment is not None
    geometry = geometry_of(experiment, "spec" if case == "spec" else "c-parity")
    assert geometry.beam is not None
    geometry = geometry.turned(mcstas(geometry.beam, geometry.spindle))
    panel = geometry.panel
    assert panel is not None
    assert geometry.spindle is not None
    with h5py.File("x.nxs") as file:
        module = file["/entry/instrument/detector/module"]
        fast, slow = module["fast_pixel_direction"], module["slow_pixel_direction"]
        corner, axis = np.zeros(3), fast.attrs["depends_on"]
        steps = 0
        while axis != ".":
            link = file[axis]
            assert link.attrs["transformation_type"] == "translation"
            corner = corner + float(np.squeeze(link[()])) * link.attrs["vector"] + link.attrs["offset"]
            axis, steps = link.attrs["depends_on"], steps + 1
        assert steps == 2
        assert np.allclose(corner, panel.origin, rtol=0, atol=1e-15)
        assert np.allclose(fast.attrs["vector"], panel.fast, rtol=0, atol=1e-15)
        assert np.allclose(slow.attrs["vector"], panel.slow, rtol=0, atol=1e-15)
        assert fast[()] == slow[()] == panel.pixel
        assert list(module["data_size"][()]) == [64, 64]
        omega = file[file["/entry/sample/depends_on"].asstr()[()]]
        assert np.allclose(omega.attrs["vector"], geometry.spindle)
        assert omega[0] == geometry.phi
        assert file["/entry/sample/transformations/omega_end"][0] == pytest.approx(
            geometry.phi + geometry.osc
        )
        beam = file["/entry/instrument/beam/incident_wavelength"]
        assert (beam[()], beam.attrs["units"]) == (geometry.wavelength, "angstrom")
        assert geometry.direct is not None
        assert np.allclose(file["/entry/sample/ub_matrix"][0], np.linalg.inv(geometry.direct))


def test_everything_says_who_made_it(folder: Path) -> None:
    """Command line, version, commit, mode: in every file, or beside it where the format has no room."""
    command = run("mosflm", *outputs(*ALL), "--pixels", "noise", "--mode", "spec")
    with h5py.File("x.nxs") as file:
        said = [json.loads(file["/entry/braggproof/data"].asstr()[()])]
        assert file["/entry/program_name"].attrs["configuration"] == said[0]["command"]
    said.append(json.loads(Image.open("x.png").text["Comment"]))  # type: ignore[attr-defined]
    said.append(json.loads(Path("x.json").read_text()))
    said += [json.loads(Path(name).read_text())["made"] for name in ("x.expt", "sim_0003.expt", "im_12.expt")]
    cbf = fabio.open("im_12.cbf").header["_array_data.header_contents"]
    said.append(json.loads(cbf.partition("Braggproof ")[2].strip()))
    for who in said:
        assert who["command"] == "nanobragg-torch " + " ".join(command)
        assert who["mode"] == "spec"
        assert who["version"] not in ("", "unknown")
        assert who["commit"]
        assert who["time"].endswith("Z")
    header, _ = read_header(folder / "sim_0003.img", "sim_0003.img")
    assert header.keys["BRAGGPROOF"].decode() == f"{said[0]['version']} {said[0]['commit'][:12]} spec"


@pytest.mark.parametrize("stem", ["\u00e9", "\u65e5 \u672c", "\udcff"], ids=["accent", "cjk", "no text"])
def test_names_beyond_ascii_are_written_in_every_format(stem: str, folder: Path) -> None:
    names = [name.replace("sim", stem).replace("im_", f"{stem}_").replace("x.", f"{stem}.") for name in ALL]
    run("mosflm", *outputs(*names), "--pixels", "counts", "-floatfile", f"{stem}.bin")
    assert {*names, f"{stem}_12.expt"} <= {path.name for path in folder.iterdir()}
    cbf = fabio.open(f"{stem}_12.cbf")
    assert np.array_equal(cbf.data, np.load(f"{stem}.npy"))
    command = json.loads(cbf.header["_array_data.header_contents"].partition("Braggproof ")[2])["command"]
    assert stem.replace("\udcff", "\\udcff") in command


def test_fabio_reads_smv_and_cbf(folder: Path) -> None:
    run("mosflm", *outputs("sim_0003.img", "im_12.cbf", "x.npy"), "--pixels", "noise", "-fluence", "1e30")
    truth = np.load("x.npy")
    assert truth.max() > 500
    smv, cbf = fabio.open("sim_0003.img"), fabio.open("im_12.cbf")
    assert np.array_equal(smv.data, truth)
    assert np.array_equal(cbf.data, truth)
    assert float(smv.header["DISTANCE"]) == pytest.approx(123.457)
    assert float(smv.header["WAVELENGTH"]) == 1.1
    assert Path("sim_0003.img").stat().st_size == 512 + 2 * truth.size
    contents = cbf.header["_array_data.header_contents"]
    assert "Wavelength 1.1 A" in contents
    assert "Detector_distance 0.1234567 m" in contents
    assert "Beam_xy (33.000000, 33.000000) pixels" in contents
    assert "Pixel_size 0.0005 m x 0.0005 m" in contents


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("-o im_1.cbf", "-o im_1.cbf: expected --pixels rounded, counts or noise for integers, got float"),
        ("-o im_1.img", "-o im_1.img: expected --pixels rounded, counts or noise for integers, got float"),
        (
            "-o im.img --pixels noise",
            "-o im.img: expected a name that ends in digits (sim_0001.img), got 'im.img'",
        ),
        (
            "-o x.tif",
            "expected a name that ends in one of .nxs .h5 .cbf .img .smv .png .npy .expt, got '.tif'",
        ),
        (
            "-o a_1.img -o a_1.cbf --pixels noise",
            "a_1.expt beside -o a_1.cbf: expected another file than a_1.expt beside -o a_1.img, got the same",
        ),
        (
            "-o a.nxs -floatfile a.nxs",
            "-o a.nxs: expected another file than -floatfile a.nxs, got the same",
        ),
        ("--trace-only -o x.npy", "--trace-only: expected no -o beside it, got both"),
        ("--trace t.log", "--trace: expected -trace_pixel beside it, got none"),
        ("--expt a.expt --expt b.expt", "--expt: expected one file, got 2"),
        ("-o no/x.nxs", "-o no/x.nxs: expected a writable file, got 'No such file or directory'"),
        ("--pixels some", "--pixels: expected float or rounded or counts or noise, got 'some'"),
    ],
)
def test_mistakes(arguments: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert engine([*COMMANDS["mosflm"].split(), *arguments.split()]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert [path.name for path in folder.iterdir()] == ["A.mat"]


def test_kinds_of_pixels(folder: Path) -> None:
    """rounded: photons; counts: as -intfile; noise: as -noisefile."""
    common = [word for word in COMMANDS["mosflm"].split() if word != "-nonoise"]
    more = ["-fluence", "1e30", "-adc", "7", "-seed", "3"]
    for kind in ("float", "rounded", "counts", "noise"):
        assert engine([*common, *more, "-o", f"{kind}.npy", "--pixels", kind]) == 0
    truth = np.fromfile("floatimage.bin", dtype="<f4").reshape(64, 64)
    assert np.array_equal(np.load("float.npy"), truth)
    assert np.array_equal(np.load("rounded.npy"), np.rint(truth).astype(np.int32))
    for kind, name in (("counts", "intimage.img"), ("noise", "noiseimage.img")):
        header, raw = read_header(folder / name, name)
        assert np.array_equal(np.load(f"{kind}.npy"), read_pixels(header, raw, (64, 64)))


def test_preview_shows_rings_and_spots(folder: Path) -> None:
    """A ring lies where the resolution is the ring's; a mark surrounds the brightest pixel."""
    run("tilted", "-fluence", "1e30", *outputs("x.png", "x.expt"))
    picture = np.array(Image.open("x.png"))
    assert picture.shape == (64, 64, 3)
    d = resolution(geometry_of(Experiment.from_expt("x.expt")))
    on = (picture == RING).all(2)
    assert on.sum() > 50
    rings = np.array([1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0])
    away = np.abs(np.log(d[on][:, None] / rings)).min(1)
    assert np.quantile(away, 0.7) < 0.05  # the rest are letters
    truth = np.fromfile("floatimage.bin", dtype="<f4").reshape(64, 64)
    y, x = np.unravel_index(int(truth.argmax()), truth.shape)
    near = picture[max(y - 6, 0) : y + 7, max(x - 6, 0) : x + 7]
    assert (near == SPOT).all(2).sum() > 5


def test_resolution_is_braggs_law() -> None:
    """A flat panel: 2 d sin(theta) = lambda, theta from the radius."""
    experiment = Experiment(
        crystal=Crystal(cell=(40.0, 40.0, 40.0, 90.0, 90.0, 90.0)), detector=Detector(shape=(50, 50))
    )
    d = resolution(geometry_of(experiment))
    y, x = np.mgrid[:50, :50] + 0.5
    radius = np.hypot(x - 26, y - 26) * 1e-4  # the mosflm convention puts the beam a pixel off the middle
    assert np.allclose(d, 1 / (2 * np.sin(np.arctan2(radius, 0.1) / 2)), rtol=1e-9)


def test_a_sweep_from_python(folder: Path) -> None:
    """write_nxmx: several images, their angles, their data; a wrong shape is told."""
    experiment = Experiment(
        crystal=Crystal(cell=(40.0, 50.0, 60.0, 90.0, 90.0, 90.0), default_F=100.0, n_cells=(3, 3, 3)),
        detector=Detector(shape=(20, 30), pixel_size=1e-3),
    )
    image = simulate(experiment).to(torch.float32).numpy()
    stack = np.stack([image * k for k in (1, 2, 3)])
    write_nxmx("sweep.nxs", stack, experiment)
    with h5py.File("sweep.nxs") as file:
        assert np.array_equal(file["/entry/data/data"][()], stack)
        assert len(file["/entry/sample/transformations/omega"]) == 3
        assert np.array_equal(file["/entry/instrument/detector/data"][()], stack)
    write_nxmx("tensor.nxs", torch.from_numpy(image).requires_grad_(), experiment)
    with h5py.File("tensor.nxs") as file:
        assert np.array_equal(file["/entry/data/data"][()], image[None])
    with pytest.raises(ValueError, match="expected"):
        write_nxmx(folder / "bad.nxs", stack[:, :5], experiment)
    assert not (folder / "bad.nxs").exists()


def test_nothing_is_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be finished leaves the old one."""
    experiment = Experiment(crystal=Crystal(cell=(40.0,) * 3 + (90.0,) * 3), detector=Detector(shape=(4, 4)))
    path = folder / "x.nxs"
    path.write_bytes(b"old")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulator.files.disk.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_nxmx(path, np.zeros((4, 4), dtype=np.float32), experiment)
    assert path.read_bytes() == b"old"
    assert [each.name for each in folder.iterdir() if each.name not in ("A.mat", "x.nxs")] == []

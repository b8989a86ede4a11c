"""Geometry from file to file: the same image to the last bit, what a file does not hold, edited files."""

import itertools
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch

from simulator import Beam, Crystal, Detector, Experiment, parse, simulate
from simulator.cli import main as engine
from simulator.formats.convert import FORMATS, read_geometry
from simulator.formats.frames import along_z
from simulator.formats.nb_geometry import main as nb_geometry
from simulator.units import HC
from tests.simulator.formats.commands import COMMANDS, MATRIX, REST, image

NAMES = {"dials": "x.expt", "xds": "XPARM.XDS", "mosflm": "x.mat", "crystfel": "x.geom", "flags": "x.flags"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a matrix in it, to work in."""
    (tmp_path / "A.mat").write_text(MATRIX)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def convert(*arguments: str) -> None:
    """Run nb-geometry; it must work."""
    assert nb_geometry(arguments) == 0


def test_names_are_of_all_formats() -> None:
    assert NAMES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("case", COMMANDS)
def test_same_image_to_the_last_bit(case: str, name: str, folder: Path) -> None:
    """Our geometry -> file -> geometry: the bits of the image."""
    arguments = COMMANDS[case].split()
    truth = image(arguments, folder)
    convert("-o", name, "--", *arguments)
    found = image(["--expt", name, *REST], folder)
    assert len(np.unique(truth)) > 100
    assert np.array_equal(truth, found)


@pytest.mark.parametrize("case", COMMANDS)
def test_flags_are_the_command_line(case: str, folder: Path) -> None:
    """The file of flags itself, given to the engine without --expt."""
    arguments = COMMANDS[case].split()
    truth = image(arguments, folder)
    convert("-o", "x.flags", "--", *arguments)
    words = shlex.split((folder / "x.flags").read_text())
    assert np.array_equal(truth, image([*words, *REST], folder))


@pytest.mark.parametrize("case", COMMANDS)
def test_around_all_formats(case: str, folder: Path) -> None:
    """DIALS -> XDS -> MOSFLM -> CrystFEL -> flags -> DIALS: the same file again."""
    convert("-o", "a.expt", "--", *COMMANDS[case].split())
    chain = ["a.expt", "XPARM.XDS", "x.mat", "x.geom", "x.flags", "b.expt"]
    for source, target in itertools.pairwise(chain):
        convert(source, "-o", target)
    one, other = (json.loads((folder / name).read_text()) for name in ("a.expt", "b.expt"))
    assert one == other


@pytest.mark.parametrize("name", ["x.expt", "XPARM.XDS"])
@pytest.mark.parametrize("case", sorted(COMMANDS.keys() - {"mosaic", "steps"}))
def test_numbers_alone_give_the_image(case: str, name: str, folder: Path) -> None:
    """Without our note, from the format's own numbers in its own frame: the same photons but for rounding.

    What a file does not say (crystal size, intensity, sensor) comes again. Mosaic domains
    are drawn in the laboratory frame, which is another; how an oscillation is cut into steps no file says.
    """
    command = COMMANDS[case].replace("-curved_det -point_pixel", "").replace("-detector_abs 500", "-nopolar")
    command = command.replace("-detector_thick 320 -thicksteps 3", "") + " -nopolar --mode spec"
    truth = image(command.split(), folder).view(np.float32)
    convert("-o", name, "--", *command.split())
    text = (folder / name).read_text()
    if name == "x.expt":
        (folder / name).write_text(
            json.dumps({k: v for k, v in json.loads(text).items() if k != "braggproof"})
        )
    else:
        (folder / name).write_text("XPARM.XDS\n" + text.partition("\n")[2])
    again = [word for word in shlex.split(without_geometry(command)) if word]
    found = image(["--expt", name, *again], folder).view(np.float32)
    assert truth.max() > 0
    # the axes of "custom" are given to six digits and made square
    assert np.abs(found - truth).max() < (1e-3 if case == "custom" else 1e-6) * truth.max()


@pytest.mark.parametrize("case", COMMANDS)
def test_crystfel_places_pixels_where_they_are(case: str, folder: Path) -> None:
    """By CrystFEL's own rule, from the text: corner + fs * fast + ss * slow, Z along the beam."""
    convert("-o", "x.geom", "--", *COMMANDS[case].split())
    lines = (line.partition("=") for line in (folder / "x.geom").read_text().splitlines() if line[0] != ";")
    keys = {key.strip(): value.strip() for key, _, value in lines}
    corner = np.array([float(keys["p0/corner_x"]), float(keys["p0/corner_y"]), 0]) / float(keys["res"])
    steps = [
        np.array([float(re.search(rf"([+-]\S+){axis}", keys[f"p0/{name}"])[1]) for axis in "xyz"])  # type: ignore[index]
        for name in ("fs", "ss")
    ]
    geometry = read_geometry(folder / "x.geom", "x.geom").geometry
    assert geometry.beam is not None
    assert geometry.spindle is not None
    panel = geometry.turned(along_z(geometry.beam, geometry.spindle)).panel
    assert panel is not None
    for fast, slow in ((0, 0), (64, 0), (0, 64), (13, 57)):
        place = corner + np.array([0, 0, float(keys["clen"])])
        place += (fast * steps[0] + slow * steps[1]) / float(keys["res"])
        truth = panel.origin + panel.pixel * (fast * panel.fast + slow * panel.slow)
        assert np.allclose(place, truth, rtol=0, atol=1e-12)
    assert float(keys["photon_energy"]) * float(geometry.wavelength or 0) == pytest.approx(HC)  # eV, no unit


def test_the_engine_reads_the_matrix_alone(folder: Path) -> None:
    """Nine numbers of x.mat in place of cell and missetting angles: the same photons but for rounding."""
    command, said = COMMANDS["mosflm"], "-cell 40 50 60 80 85 95 -misset 10 20 30"
    assert said in command
    truth = image(command.split(), folder).view(np.float32)
    convert("-o", "x.mat", "--", *command.split())
    rows = (folder / "x.mat").read_text().splitlines()[:3]
    (folder / "alone.mat").write_text("\n".join(rows))
    found = image(command.replace(said, "-mat alone.mat").split(), folder).view(np.float32)
    assert np.abs(found - truth).max() < 1e-6 * truth.max()


def without_geometry(command: str) -> str:
    """What of a command line is no geometry."""
    kept, words = [], command.split()
    flags = {
        "-N",
        "-Na",
        "-Nb",
        "-Nc",
        "-fudge",
        "-mosaic",
        "-mosaic_dom",
        "-mosaic_seed",
        "-fluence",
        "-water",
    }
    flags |= {"-phisteps", "-phistep", "-default_F", "-oversample", "--mode"}
    alone = {"-gauss_xtal", "-nopolar", "-nopgm", "-nonoise", "-noprogress"}
    for index, word in enumerate(words):
        if word in flags:
            kept += [word, words[index + 1]]
        elif word in alone:
            kept.append(word)
    return " ".join(kept)


OVERRIDES = (
    "-distance 150",
    "-lambda 1.3",
    "-energy 9000",
    "-Xbeam 20",
    "-ORGX 40",
    "-close_distance 140",
    "-detpixels 32",
    "-misset 5 6 7",
    "-phi 12 -osc 2",
    "-phisteps 4",
    "-N 6",
    "-detector_rotx 9",
    "-twotheta 3",
    "-nopolar",
    "-cell 50 60 70",
    "-mat A.mat",
    "--mode spec",
)


RIVALS = {  # what an override takes the place of
    "-lambda": ["-energy"],
    "-energy": ["-lambda"],
    "-cell": ["-mat", "-misset"],
    "-mat": ["-cell", "-misset"],
    "-close_distance": ["-distance"],
    "-ORGX": ["-Xclose", "-Xbeam"],
    "-Xbeam": ["-Xclose"],
}


@pytest.mark.parametrize("override", OVERRIDES)
@pytest.mark.parametrize("case", ["mosflm", "custom", "matrix", "dials"])
def test_flags_override(case: str, override: str, folder: Path) -> None:
    """--expt FILE and a flag: what the command line with that flag in its place gives."""
    convert("-o", "x.expt", "--", *COMMANDS[case].split())
    spoken = set(override.split())
    if case == "matrix" and spoken & {"-lambda", "-energy"}:
        return  # an A matrix is read with the wavelength; a crystal from a file stays what it is
    void = spoken.union(*(RIVALS.get(word, ()) for word in spoken))
    words, keep = [], True
    for word in COMMANDS[case].split():
        if word.startswith("-") and word[1:2].isalpha():
            keep = word not in void
        words += [word] if keep else []
    truth = image([*words, *override.split()], folder)
    assert np.array_equal(truth, image(["--expt", "x.expt", *REST, *override.split()], folder))


@pytest.mark.parametrize("name", ["x.expt", "XPARM.XDS", "x.geom"])
def test_an_edited_file_speaks_for_itself(name: str, folder: Path) -> None:
    """The note is believed only while it agrees with the numbers beside it."""
    convert("-o", name, "--", *COMMANDS["mosflm"].split())
    before = read_geometry(folder / name, name)
    text = (folder / name).read_text()
    head, _, rest = text.partition("\n") if name != "x.expt" else ("", "", text)
    if name == "x.expt":
        found = json.loads(text)
        found["beam"][0]["wavelength"] = 1.25
        (folder / name).write_text(json.dumps(found))
    else:
        edited = rest.replace("1.1000000000000001", "1.25", 1)
        edited = re.sub(r"photon_energy = \S+", f"photon_energy = {HC / 1.25!r}", edited)
        (folder / name).write_text(f"{head}\n{edited}")
    after = read_geometry(folder / name, name)
    assert before.exact
    assert not after.exact
    assert float(after.experiment.beam.wavelength) == pytest.approx(1.25, rel=1e-15)


def test_what_is_not_held_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = f"{COMMANDS['curved']} -hdivrange 1"
    for name, things in {
        "x.expt": ["a curved detector", "point pixels", "-hdivrange", "-default_F"],
        "x.mat": ["beam", "detector", "goniometer"],
        "x.geom": ["goniometer", "crystal", "polarization"],
        "XPARM.XDS": ["polarization", "a curved detector"],
    }.items():
        convert("-o", name, "--", *command.split())
        error = capsys.readouterr().err
        for thing in things:
            assert f"no place for {thing}\n" in error
        assert all(line.startswith(f"warning: {name}: ") for line in error.splitlines())


def test_more_than_one_panel_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    convert("-o", "x.expt", "--", *COMMANDS["mosflm"].split())
    found = json.loads((folder / "x.expt").read_text())
    found["detector"][0]["panels"] *= 2
    (folder / "x.expt").write_text(json.dumps(found))
    capsys.readouterr()
    assert engine(["--expt", "x.expt", *REST], folder) == 2
    assert "expected one panel (the engines have one), got 2 'Panel Panel'" in capsys.readouterr().err
    assert not (folder / "floatimage.bin").exists()


@pytest.mark.parametrize(
    ("starts", "width", "images"),
    [([4.0, 4.5, 5.0, 5.5], 0.5, 4), ([4.0], 0.0, 1), ([-1.0, -1.25], -0.25, 2)],
)
def test_scans_of_later_dials(starts: list[float], width: float, images: int, folder: Path) -> None:
    """Since dxtbx 3.17 a scan is a table with the start of every image."""
    convert("-o", "x.expt", "--", *COMMANDS["mosflm"].split(), "-osc", "1")
    found = json.loads((folder / "x.expt").read_text())
    del found["braggproof"]
    columns = {"oscillation": starts, "exposure_time": [0.1] * images, "epochs": [0.0] * images}
    found["scan"] = [{"image_range": [3, 2 + images], "batch_offset": 0, "properties": columns}]
    (folder / "x.expt").write_text(json.dumps(found))
    geometry = read_geometry(folder / "x.expt", "x.expt").geometry
    assert (geometry.phi, geometry.osc, geometry.images, geometry.first_image) == (
        starts[0],
        width,
        images,
        3,
    )


@pytest.mark.parametrize(
    ("part", "key", "value", "message"),
    [
        ("goniometer", "setting_rotation", [0.0] * 9, "expected a rotation, got"),
        ("goniometer", "fixed_rotation", [1, 0, 0, 0, 1, 0, 0, 0, -1], "expected a rotation, got"),
        ("crystal", "real_space_c", [1e-3, 0, 0], "expected cell edges from 0.1 to 1e+06 A"),
        ("crystal", "real_space_c", None, "expected a value, got nothing"),
        ("beam", "wavelength", 0, "expected a number > 0, got '0'"),
        ("scan", "properties", {"oscillation": [0.0, 1.0, 3.0]}, "expected images of one width, got"),
        ("scan", "properties", {"oscillation": []}, "expected 1 numbers, got"),
    ],
)
def test_models_that_are_none_are_told(
    part: str, key: str, value: object, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    convert("-o", "x.expt", "--", *COMMANDS["mosflm"].split(), "-osc", "1")
    found = json.loads((folder / "x.expt").read_text())
    found[part][0] |= {key: value}
    if value is None:
        del found[part][0][key]
    (folder / "x.expt").write_text(json.dumps(found))
    capsys.readouterr()
    assert nb_geometry(["x.expt", "-o", "y.expt"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (folder / "y.expt").exists()


@pytest.mark.parametrize("text", ["", "# nothing\n", "nanoBragg\n"])
def test_a_file_without_flags_is_told(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.flags").write_text(text)
    assert nb_geometry(["x.flags", "-o", "y.expt"]) == 2
    assert capsys.readouterr().err == "error: x.flags: expected nanoBragg flags, got none\n"
    assert not (folder / "y.expt").exists()


def test_from_python(folder: Path) -> None:
    """Experiments made in Python: out and in again, the same image; from XDS nearly."""
    experiment = Experiment(
        beam=Beam(wavelength=torch.tensor(0.97654321, dtype=torch.float64)),
        crystal=Crystal(cell=(41.234567, 52.3, 63.4, 90.0, 95.6, 90.0), default_F=50.0, n_cells=(4, 5, 6)),
        detector=Detector(
            shape=(40, 48), pixel_size=0.00071234, distance=0.0987654321, rotation=(2.0, 0.0, 1.0)
        ),
    )
    experiment.to_expt("x.expt")
    again = Experiment.from_expt("x.expt")
    default = {"default_F": 50.0}
    again = Experiment(
        again.beam, Crystal(**(vars(again.crystal) | default)), again.detector, again.goniometer
    )
    assert torch.equal(simulate(experiment), simulate(again))
    convert("x.expt", "-o", "XPARM.XDS")
    assert Experiment.from_xds("XPARM.XDS").detector == Experiment.from_expt("x.expt").detector


def test_engine_takes_the_file_of_flags(folder: Path) -> None:
    """A matrix beside the flags, spelled so that the engine's division gives the bits."""
    convert("-o", "x.flags", "--", *COMMANDS["matrix"].split())
    words = shlex.split((folder / "x.flags").read_text())
    one = parse([*words, "-default_F", "1"], folder).crystal.a_star
    other = parse(COMMANDS["matrix"].split(), folder).crystal.a_star
    assert one is not None
    assert other is not None
    assert torch.equal(one, other)

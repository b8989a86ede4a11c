"""Files in and out: they open elsewhere, and what is written is what was meant."""

import math
import struct
import sys
from pathlib import Path

import fabio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from simulator.cli import main
from simulator.errors import InputError
from simulator.files.cache import read_cache, write_cache
from simulator.files.hkl import read_hkl
from simulator.files.outputs import BAND, integer_image, statistics
from simulator.files.smv import format_header
from simulator.formats.experiment_file import parse
from simulator.physics.noise import poisson_noise
from tests.helpers.places import GOLDEN

SMALL = (
    "-cell 50 60 70 80 95 105 -default_F 50 -N 4 -lambda 1.2 -distance 80 "
    "-detpixels_f 36 -detpixels_s 28 -pixel 0.4"
)
PILATUS = (
    "-mat A.mat -default_F 10 -nointerpolate -oversample 1 -spindle_axis -1 0 0 "
    "-Xbeam 217.742295 -Ybeam 213.907080 -distance 231.274660 -lambda 0.976800 -pixel 0.172 "
    "-detpixels_x 2463 -detpixels_y 2527 "
    "-odet_vector -0.000088 0.004914 -0.999988 -sdet_vector -0.005998 -0.999970 -0.004913 "
    "-fdet_vector 0.999982 -0.005998 -0.000118 -beam_vector 0.00051387949 0.0 -0.99999986 -N 3 -roi 0 9 0 9"
)


def run(arguments: str, folder: Path) -> None:
    """The engine in-process."""
    assert main(arguments.split(), folder) == 0


def test_smv_opens_in_fabio(tmp_path: Path) -> None:
    """Pixels and header numbers as fabio reads them."""
    run(SMALL + " -nonoise -adc 12 -phi 3 -osc 0.5", tmp_path)
    opened = fabio.open(str(tmp_path / "intimage.img"))
    raw = (tmp_path / "intimage.img").read_bytes()
    assert len(raw) == 512 + 2 * 36 * 28
    np.testing.assert_array_equal(opened.data, np.frombuffer(raw[512:], "<u2").reshape(28, 36))
    numbers = {
        "DISTANCE": 80,
        "WAVELENGTH": 1.2,
        "PIXEL_SIZE": 0.4,
        "OSC_START": 3,
        "OSC_RANGE": 0.5,
        "ADC_OFFSET": 12,
    }
    assert {key: float(opened.header[key]) for key in numbers} == numbers
    assert opened.header["BEAMLINE"] == "fake"


def test_smv_header_never_overruns(tmp_path: Path) -> None:
    """The geometry that breaks nanoBragg's own header: still 512 bytes, every key closed, fabio opens it."""
    (tmp_path / "A.mat").write_bytes((GOLDEN / "A.mat").read_bytes())
    run(PILATUS + " -nonoise -nopgm", tmp_path)
    raw = (tmp_path / "intimage.img").read_bytes()
    assert len(raw) == 512 + 2 * 2463 * 2527
    lines = raw[:512].decode().split("}")[0].strip("{\n").split("\n")
    assert all(line.endswith(";") for line in lines)
    assert fabio.open(str(tmp_path / "intimage.img")).shape == (2527, 2463)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["DISTANCE", "PHI", "DENZO_X_BEAM", "XDS_ORGX", "TWOTHETA"]),
        st.text("0123456789.e-", max_size=120),
    )
)
def test_header_is_always_512_bytes(keys: dict[str, str]) -> None:
    """However long the values: optional keys go, the size stays."""
    try:
        text = format_header({"HEADER_BYTES": "512", **keys})
    except ValueError as error:
        assert len(keys.get("DISTANCE", "")) > 100, error  # noqa: PT017
        return
    assert len(text) == 512
    assert text.startswith(b"{\nHEADER_BYTES=512;\n")
    assert text.rstrip().endswith(b"}\f") or b"}" in text


def test_pgm_opens_in_pillow(tmp_path: Path) -> None:
    """Greys as Pillow reads them."""
    run(SMALL + " -nonoise -pgmscale 0.01", tmp_path)
    image = np.fromfile(tmp_path / "floatimage.bin", "<f4").reshape(28, 36)
    with Image.open(tmp_path / "image.pgm") as opened:
        greys = np.asarray(opened)
    np.testing.assert_array_equal(greys, np.minimum(255, image.astype(float) * 0.01).astype(np.uint8))


def test_statistics_and_counts_go_band_by_band(tmp_path: Path) -> None:
    """Sums over an ROI of several bands are those of one run through it, to the last bit; so are counts."""
    case = "-cell 50 60 70 90 90 90 -default_F 1 -detpixels_x 201 -detpixels_y 300 -roi 3 197 5 290"
    experiment = parse(case.split(), str(tmp_path))
    image = np.random.default_rng(2).gamma(1, 50, (300, 201)).astype(np.float32)
    part = image[5:291, 3:198].astype(np.float64)
    assert part.size > 3 * BAND
    inside = part.ravel()
    mean = float(np.cumsum(inside)[-1]) / inside.size
    squares = [np.cumsum(values * values)[-1] / (inside.size - 1) for values in (inside, inside - mean)]
    assert statistics(image, experiment) == (mean, math.sqrt(squares[0]), math.sqrt(squares[1]))
    counts = integer_image(image, experiment, 7.0, 40.0)
    assert (counts[5:291, 3:198] == np.floor(part * 7.0 + 40.0 + 0.5)).all()
    assert int(counts.astype(np.int64).sum()) == int(counts[5:291, 3:198].astype(np.int64).sum())


def test_noise_is_reproducible_and_right() -> None:
    """Chi-square over 10^6 pixels, means from 0.01 to 1e7, within five standard deviations of its mean."""
    means = np.geomspace(0.01, 1e7, 1000).astype(np.float32)
    image = np.broadcast_to(means, (1000, 1000)).copy()
    counts, overloads = poisson_noise(image, 0.0, 7)
    again, _ = poisson_noise(image, 0.0, 7)
    np.testing.assert_array_equal(counts, again)
    assert not np.array_equal(counts, poisson_noise(image, 0.0, 8)[0])
    kept = means < 60000
    deviation = counts[:, kept].mean(0) - means[kept]
    chi_square = float((deviation**2 / (means[kept] / 1000)).sum())
    assert abs(chi_square - kept.sum()) < 5 * np.sqrt(2 * kept.sum())
    variance = counts[:, kept].astype(float).var(0, ddof=1) / means[kept]
    assert np.abs(variance[means[kept] > 1] - 1).max() < 0.3
    expected = (image > 66000).sum()
    assert abs(overloads - expected) <= 0.01 * image.size


def test_noise_image_is_zero_outside_the_roi(tmp_path: Path) -> None:
    """And carries the offset inside."""
    run(SMALL + " -roi 3 9 4 8 -seed 5 -nopgm", tmp_path)
    raw = np.frombuffer((tmp_path / "noiseimage.img").read_bytes()[512:], "<u2").reshape(28, 36)
    inside = np.zeros((28, 36), dtype=bool)
    inside[4:9, 3:10] = True
    assert (raw[~inside] == 0).all()
    assert (raw[inside] >= 40).all()


def test_cache_round_trip(tmp_path: Path) -> None:
    """What one run caches the next one reads, without the text file."""
    boxed = read_hkl(GOLDEN / "half.hkl", "half.hkl", 20.0)
    write_cache(tmp_path / "c", boxed, 20.0)
    again = read_cache(tmp_path / "c", "c")
    assert again.lowest == boxed.lowest
    np.testing.assert_array_equal(again.data, boxed.data)
    head, _, body = (tmp_path / "c").read_bytes().partition(b"\n\f")
    limits = [int(word) for word in head.split()]
    count = np.prod([limits[2 * i + 1] - limits[2 * i] + 2 for i in range(3)])
    assert len(body) == 8 * count
    assert struct.unpack("d", body[:8])[0] == float(boxed.data[0, 0, 0])


def test_run_from_the_cache(tmp_path: Path) -> None:
    """The same image from -hkl and from the cache it left."""
    (tmp_path / "r.hkl").write_bytes((GOLDEN / "wilson_p1.hkl").read_bytes())
    arguments = SMALL.replace("-default_F 50", "") + " -nonoise -nopgm -nointerpolate -floatfile "
    run(arguments + "first.bin -hkl r.hkl", tmp_path)
    run(arguments + "second.bin", tmp_path)
    assert (tmp_path / "first.bin").read_bytes() == (tmp_path / "second.bin").read_bytes()


def test_reflection_given_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last value stands, with a warning that names it."""
    path = tmp_path / "twice.hkl"
    path.write_text("0 0 1 5\n0 0 2 6\n0 0 1 7\n")
    boxed = read_hkl(path, "twice.hkl", 0.0)
    assert boxed.data.reshape(-1).tolist() == [7.0, 6.0]
    assert capsys.readouterr().err == (
        "warning: -hkl twice.hkl: reflection 0 0 1 given again, the last value stands\n"
    )


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_reflection_file(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever the bytes: reflections, or one printable line."""
    path = tmp_path_factory.mktemp("hkl") / "r"
    path.write_bytes(content)
    said = "read"
    try:
        read_hkl(path, "r", 0.0)
    except InputError as error:
        said = str(error)
    assert said.isprintable()


def test_imports_stay_light() -> None:
    """A mistake on the command line is told before torch is loaded."""
    import subprocess  # noqa: PLC0415

    code = "import simulator.cli, sys; simulator.cli.main(['-x']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("words", "pivot"),
    [
        ("-xds -beam_vector 1 0.01 0.02", "sample"),
        ("-twotheta 3 -dials -beam_vector 1 0.01 0.02", "beam"),
        ("-xds -mosflm -beam_vector 1 0.01 0.02", "beam"),
        ("-xds -denzo -beam_vector 1 0.01 0.02", "beam"),
        ("-xds -adxv -beam_vector 1 0.01 0.02", "beam"),
        ("-beam_vector 1 0.01 0.02 -twotheta 3 -pivot beam", "beam"),
        ("-dials -pivot beam", "sample"),
        ("-xds -pivot beam", "sample"),
        ("-adxv -pivot sample", "beam"),
    ],
)
def test_pivot(words: str, pivot: str) -> None:
    """The last flag that sets the pivot stands in the custom convention; a named one insists on its own."""
    assert parse(f"-cell 40 -default_F 1 {words}".split(), Path()).detector.pivot == pivot

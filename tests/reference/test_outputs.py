"""Files the C engine writes. Oracles: golden/outputs.npz, stock_stdout.txt, fabio as a foreign reader."""

from pathlib import Path

import fabio
import numpy as np
import pytest

from tests.helpers.engine import Run, read_cases
from tests.helpers.places import GOLDEN

CASES = read_cases()
OUTPUTS = np.load(GOLDEN / "outputs.npz")
NAMES = ("cubic_default", "roi_rect", "conv_adxv")
SMALL = "-cell 100 100 100 90 90 90 -default_F 100 -N 5 -distance 100 -detpixels 64 -pixel 0.1"


def read_smv(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Pixels behind the 512-byte header."""
    raw = path.read_bytes()
    assert len(raw) == 512 + 2 * shape[0] * shape[1]
    return np.frombuffer(raw[512:], "<u2").reshape(shape)


def read_keys(path: Path) -> dict[str, str]:
    """Header keys; every one must end in a semicolon."""
    text = path.read_bytes()[:512].decode("ascii")
    assert text.startswith("{\nHEADER_BYTES=512;\n")
    lines = text[2 : text.index("}")].splitlines()
    assert all(line.endswith(";") and line.count("=") == 1 for line in lines)
    return dict(line.rstrip(";").split("=") for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_greys(name: str, run: Run, tmp_path: Path) -> None:
    """SMV counts and PGM greys value for value; the header's keys as nanoBragg wrote them."""
    shape = tuple(CASES[name]["shape"])
    text = run(CASES[name]["args"] + " -nonoise").stdout
    counts = read_smv(tmp_path / "intimage.img", shape)
    assert np.array_equal(counts, OUTPUTS[f"{name}_int"])
    head, greys = (tmp_path / "image.pgm").read_bytes().split(b"\n255\n", 1)
    assert head.startswith(b"P5\n%d %d\n#" % (shape[1], shape[0]))
    assert np.array_equal(np.frombuffer(greys, np.uint8).reshape(shape), OUTPUTS[f"{name}_pgm"])
    scales = [float(line.split("=")[1]) for line in text.splitlines() if "_scale =" in line]
    assert scales == [float(f"{x:g}") for x in OUTPUTS[f"{name}_scales"]]
    ours = read_keys(tmp_path / "intimage.img")
    theirs = dict(line.rstrip(";").split("=") for line in str(OUTPUTS[f"{name}_header"]).splitlines()[1:-1])
    assert ours.pop("ADC_OFFSET") == "40"
    assert ours == theirs


def test_scale_and_offset(run: Run, tmp_path: Path) -> None:
    """-scale and -adc."""
    run(CASES["cubic_default"]["args"] + " -nonoise -scale 3.5 -adc 12")
    assert np.array_equal(read_smv(tmp_path / "intimage.img", (64, 64)), OUTPUTS["scaled_int"])
    assert read_keys(tmp_path / "intimage.img")["ADC_OFFSET"] == "12"


@pytest.mark.parametrize("extra", ["", "-osc 0.123456789 -phi -12.3456789 -twotheta 12.3456 -detpixels_x 61"])
def test_header_never_overruns(extra: str, run: Run, tmp_path: Path) -> None:
    """512 bytes for any geometry; fabio reads pixels and numbers."""
    geometry = (
        "-lambda 0.976812 -distance 231.274660 -pixel 0.172345 -Xbeam 217.742295 -Ybeam 213.907080 "
        "-detector_rotx 1.2345 -detpixels_x 63 -detpixels_y 57"
    )
    run(f"{SMALL} {geometry} {extra} -oversample 1 -floatfile f.bin")
    shape = (57, 61 if extra else 63)
    counts = read_smv(tmp_path / "intimage.img", shape)
    with fabio.open(str(tmp_path / "intimage.img")) as image:
        assert np.array_equal(image.data, counts)
        header = dict(image.header)
    assert header["BEAMLINE"] == "fake"
    assert float(header["PIXEL_SIZE"]) == pytest.approx(0.172345)
    assert float(header["BEAM_CENTER_X"]) == pytest.approx(217.742)
    assert {"DISTANCE", "WAVELENGTH", "OSC_START", "OSC_RANGE", "ADC_OFFSET"} <= header.keys()


def test_printout_pixel(run: Run) -> None:
    """The block of nanoBragg's -printout_pixel, number for number, in its format."""
    case = CASES["triclinic_misset"]["args"]
    stock = (GOLDEN / "stock_stdout.txt").read_text().splitlines()
    start = next(i for i, line in enumerate(stock) if "stol =" in line)
    ours = run(f"{case} -oversample 1 -printout_pixel 52 40 -nonoise -nopgm").stdout.splitlines()
    begin = next(i for i, line in enumerate(ours) if "stol =" in line)
    assert ours[begin : begin + 14] == stock[start : start + 14]
    for shared in ("solid angle", "max_I =", "mean=", "intfile_scale"):
        assert next(x for x in ours if x.startswith(shared)) == next(x for x in stock if x.startswith(shared))


def test_printout_prints_every_pixel(run: Run) -> None:
    """-printout within a region of interest."""
    text = run(f"{SMALL} -roi 3 5 7 8 -printout -nonoise -nopgm").stdout
    assert text.count("stol =") == 6


def test_file_names(run: Run, tmp_path: Path) -> None:
    """Every name can be chosen, and only what is wanted is written."""
    before = {path.name for path in tmp_path.iterdir()}
    run(f"{SMALL} -floatimage a.bin -intimage b.img -pgmimage c.pgm -noiseimage d.img -seed 7")
    assert {path.name for path in tmp_path.iterdir()} - before == {"a.bin", "b.img", "c.pgm", "d.img"}
    run(f"{SMALL} -trace_pixel 1 1 --trace-only")
    assert len(list(tmp_path.iterdir())) == len(before) + 4


def test_cache_stands_in_for_the_text(run: Run, tmp_path: Path) -> None:
    """A run without -hkl takes the cache that the run before left."""
    case = CASES["hkl_default_outside"]["args"]
    run(f"{case} -nonoise -nopgm -floatfile text.bin")
    raw = (tmp_path / "Fdump.bin").read_bytes()
    limits, data = raw.split(b"\n\f", 1)
    low_high = np.array(limits.split(), dtype=int).reshape(3, 2)
    assert len(data) == 8 * np.prod(low_high[:, 1] - low_high[:, 0] + 2)
    rows = np.loadtxt(GOLDEN / "half.hkl")
    assert low_high.tolist() == [[rows[:, i].min(), rows[:, i].max()] for i in range(3)]
    run(f"{case.replace('-hkl half.hkl', '')} -nonoise -nopgm -floatfile cache.bin")
    assert (tmp_path / "cache.bin").read_bytes() == (tmp_path / "text.bin").read_bytes()


def test_repeated_reflection(run: Run, tmp_path: Path) -> None:
    """The last value stands, with a warning."""
    (tmp_path / "twice.hkl").write_text("# comment\n0 0 1 5\n\n0 0 2 7\n0 0 1 6\n0 0 1 8\n")
    done = run("-cell 50 60 70 90 90 90 -hkl twice.hkl -detpixels 4 -N 3")
    assert "reflection 0 0 1 given again" in done.stderr
    data = (tmp_path / "Fdump.bin").read_bytes().split(b"\n\f", 1)[1]
    assert np.frombuffer(data)[:2].tolist() == [8.0, 7.0]


def test_noise(run: Run, tmp_path: Path) -> None:
    """Reproducible from the seed, Poisson in mean and variance, overloads counted."""
    counts = {}
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        run(f"{SMALL} -detpixels 256 -fluence 1e31 -oversample 1 -adc 10 -noisefile {name}.img -seed {seed}")
        counts[name] = read_smv(tmp_path / f"{name}.img", (256, 256))
    assert np.array_equal(counts["a"], counts["b"])
    assert not np.array_equal(counts["a"], counts["c"])
    mean = np.fromfile(tmp_path / "floatimage.bin", "<f4").reshape(256, 256).astype(float)
    seen = (mean > 0.5) & (mean < 60000)
    chi = (counts["a"][seen] - 10.0 - mean[seen]) ** 2 / mean[seen]
    assert seen.sum() > 1000
    assert abs(chi.mean() - 1.0) < 5.0 * np.sqrt(3.0 / seen.sum())
    text = run(f"{SMALL} -fluence 1e33").stdout
    overloads = int(next(x for x in text.splitlines() if "overloads" in x).split()[0])
    bright = np.fromfile(tmp_path / "floatimage.bin", "<f4")
    assert overloads == np.count_nonzero(bright > 65535 - 40) > 0


def test_pgm_opens_elsewhere(run: Run, tmp_path: Path) -> None:
    """matplotlib reads the PGM."""
    from matplotlib.image import imread  # noqa: PLC0415  slow to load

    run(f"{SMALL} -nonoise")
    assert imread(tmp_path / "image.pgm").shape == (64, 64)

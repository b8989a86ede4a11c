"""The shipped cases: what physics they exercise, and that any nanoBragg can run their command lines."""

from pathlib import Path

import pytest

from evidence.cases.case import Case, case_names, load_case
from evidence.engines.adapters import translate
from evidence.engines.lint import lint
from evidence.phases.exercised import terms
from simulator import Experiment, parse
from tests.helpers.places import ROOT

LARGEST = 512  # pixels a side of a case that is quick
# What each case is there for; nothing of it may be lost by an edit of its command.
THEMES = {
    "simple_cubic": {"misset", "beam off the centre", "convention mosflm"},
    "polarized": {"polarization", "Kahn factor", "several spindle steps", "convention adxv"},
    "mosaic_spectrum": {"mosaic spread", "divergence", "divergence trimmed to an ellipse", "dispersion"},
    "thick_sensor": {"absorbing sensor", "several sensor layers", "oversampling", "running-sum"},
    "tricubic": {"interpolated structure factors", "interp-latch"},
    "round_crystal": {"round crystal", "fudge factor", "oblique cell", "convention denzo"},
    "gauss_spots": {"gauss crystal", "curved panel", "cstar-z"},
    "tilted_xds": {"tilt", "swing by 2θ", "convention xds", "pivot sample", "last-layer"},
    "source_file": {"sources from a file", "flat-weights", "phi-carryover"},
    "water": {"water background", "water-twice", "fluence of its own", "convention dials", "point pixels"},
    "supervisor": {"orientation from a matrix", "convention custom", "structure factors from a list"},
}


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def case(name: str) -> Case:
    return load_case(Path("config/cases") / f"{name}.yaml")


def experiment(name: str, folder: Path) -> Experiment:
    """As the engines read it; a list of three reflections, far apart, stands for those made from an MTZ."""
    one = case(name)
    for target, source in one.inputs.items():
        text = "-24 -28 -30 10\n0 0 0 1\n24 28 30 10\n" if source.is_made else source.path.read_text()
        (folder / target).write_text(text)
    return parse(list(one.arguments), folder)


def test_every_case_has_a_theme() -> None:
    assert set(THEMES) == set(case_names())


@pytest.mark.parametrize("name", THEMES)
def test_a_case_exercises_what_it_is_there_for(name: str, tmp_path: Path) -> None:
    found = {term.term for term in terms(experiment(name, tmp_path)) if term.exercised}
    assert THEMES[name] <= found


@pytest.mark.parametrize("name", sorted(set(THEMES) - {"supervisor"}))
def test_a_quick_case_is_small_and_without_symmetry(name: str, tmp_path: Path) -> None:
    one = experiment(name, tmp_path)
    found = {term.term for term in terms(one) if term.exercised}
    assert max(one.detector.shape) <= LARGEST
    assert {"misset", "beam off the centre"} <= found
    assert name == "simple_cubic" or "sides of different length" in found


@pytest.mark.parametrize("name", THEMES)
def test_any_nanobragg_reads_the_command_as_our_engines_do(name: str) -> None:
    words = list(case(name).arguments)
    assert translate("stock", words).blocked is None
    traps = [warn for warn in lint(words) if not (warn.flag == "-hkl" and "Fdump.bin" in warn.text)]
    assert traps == []  # each run has a folder of its own, so no Fdump.bin lies there


@pytest.mark.parametrize("name", THEMES)
def test_pixels_lie_on_the_panel(name: str, tmp_path: Path) -> None:
    one, (slow, fast) = case(name), experiment(name, tmp_path).detector.shape
    for s, f in (*one.trace_pixels, *one.probe.pixels()):
        assert s < slow
        assert f < fast
    assert one.roi.within((slow, fast)) == one.roi


PLAIN = "-cell 50 60 70 90 90 90 -default_F 9 -N 1 -detpixels 20 -oversample 1"


@pytest.mark.parametrize(
    ("more", "term"),
    [
        ("-polar 0.5", "Kahn factor"),
        ("-hdivrange 2 -hdivsteps 3", "divergence"),
        ("-dispersion 1 -dispsteps 2", "dispersion"),
        ("-fluence 1e20", "fluence of its own"),
        ("-water 9", "water background"),
        ("-misset 1 2 3", "misset"),
        ("-cell 50 60 70 90 99 90", "oblique cell"),
        ("-Na 5", "different numbers of cells"),
        ("-N 5", "square crystal"),
        ("-N 5 -round_xtal", "round crystal"),
        ("-N 5 -gauss_xtal", "gauss crystal"),
        ("-N 5 -tophat_spots", "tophat crystal"),
        ("-fudge 2", "fudge factor"),
        ("-mosaic 1 -mosaic_dom 3", "mosaic spread"),
        ("-phi 5", "spindle"),
        ("-osc 1 -phisteps 2", "several spindle steps"),
        ("-osc 1 -phisteps 2", "phi-carryover"),
        ("-detpixels_f 30", "sides of different length"),
        ("-Xbeam 40", "beam off the centre"),
        ("-detector_rotx 1", "tilt"),
        ("-twotheta 1", "swing by 2θ"),
        ("-xds", "convention xds"),
        ("-curved_det -N 1", "curved panel"),
        ("-point_pixel", "point pixels"),
        ("-detector_abs 100 -detector_thick 50 -thicksteps 1", "absorbing sensor"),
        ("-detector_abs 100 -detector_thick 50 -thicksteps 3", "last-layer"),
        ("-oversample 2", "oversampling"),
        ("-oversample_omega", "-oversample_omega"),
        ("-dmin 3", "resolution limit"),
    ],
)
def test_a_term_is_exercised_by_its_flag_alone(more: str, term: str, tmp_path: Path) -> None:
    def known(command: str) -> dict[str, bool]:
        return {each.term: each.exercised for each in terms(parse(command.split(), tmp_path))}

    assert not known(PLAIN)[term]
    assert known(f"{PLAIN} {more}")[term]


def test_without_light_polarized_nothing_is_said_to_be(tmp_path: Path) -> None:
    found = {each.term: each for each in terms(parse(f"{PLAIN} -polar 0.9 -nopolar".split(), tmp_path))}
    assert not found["polarization"].exercised
    assert not found["Kahn factor"].exercised

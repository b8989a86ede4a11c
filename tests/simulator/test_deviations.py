"""The page of deviations: a row for every quirk, each with an effect, and as it stands in the repository."""

from pathlib import Path

import pytest

from simulator.deviations import BASE, DEVIATIONS, FILES, PAGE, Deviation, measure, page, write_files
from simulator.rendering.quirks import NAMES
from tests.helpers.both import differences, run_both
from tests.helpers.places import ROOT
from tests.twins.conftest import engine, one_thread  # noqa: F401  fixtures


def test_every_quirk_has_a_row() -> None:
    """One each, with something to say."""
    assert sorted(deviation.quirk for deviation in DEVIATIONS) == sorted(NAMES)
    assert all(deviation.effect and deviation.arguments for deviation in DEVIATIONS)


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.quirk)
def test_every_row_shows_its_quirk(
    deviation: Deviation,
    engine: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The switch changes pixels, by more than rounding; both engines name the quirk, and agree."""
    write_files(tmp_path)
    size = measure(deviation, tmp_path)
    assert size.changed > 0
    assert size.largest > 1e-6
    files = {name: text.encode() for name, text in FILES.items()}
    words = f"{BASE} {deviation.arguments} -nonoise".split()
    for folder, quirks, said in (("on", [], 0), ("off", ["--quirks", f"-{deviation.quirk}"], 1)):
        both = run_both(engine, [*words, *quirks], tmp_path / folder, files=files)
        assert differences(both) == []
        assert deviation.quirk in both.c.quirks()[said]


def test_page_is_up_to_date() -> None:
    """Written anew it is the same: python -m simulator.deviations simulator."""
    assert (ROOT / "simulator" / PAGE).read_text() == page()

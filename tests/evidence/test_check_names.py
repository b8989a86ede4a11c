"""Every check of every phase has words, none with an underscore in it but the names of traced quantities."""

import pytest

from evidence import check_names
from evidence.gates import PHASES
from evidence.phases.letters import module_of

NAMES = [(letter, check.name) for letter in map(str.lower, PHASES) for check in module_of(letter).CHECKS]
TAPS = ("F_cell", "F_latt")


@pytest.mark.parametrize(("letter", "name"), NAMES)
def test_each_check_has_words(letter: str, name: str) -> None:
    text = check_names.spoken(name)
    for tap in TAPS:
        text = text.replace(tap, "")
    assert "_" not in text
    assert any(word in check_names.spoken(name) for word in check_names.WORDS.values()), name


@pytest.mark.parametrize(("name", "words"), [
    ("spec_rot_b_y", "rotated b, y component, spec mode"),
    ("c_parity_dk", "fractional k, c-parity mode"),
    ("correlation_float32", "correlation, float32"),
    ("spec_phi0_unrotated", "crystal unturned at phi 0, spec mode"),
    ("spots_peak_distance_px", "brightest spots, mean distance of peaks"),
    ("something_else", "something else"),
])  # fmt: skip
def test_names_in_words(name: str, words: str) -> None:
    assert check_names.words({"name": name}) == words


def test_a_title_of_its_own_wins() -> None:
    assert check_names.words({"name": "hkl", "title": "Indices"}) == "Indices"

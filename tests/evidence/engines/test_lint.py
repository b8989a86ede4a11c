"""The linter warns of each trap, and of nothing else."""

from pathlib import Path

import pytest

from evidence.engines.lint import lint

CLEAN = "-mat A.mat -hkl P1.hkl -N 5 -lambda 1 -nonoise -floatfile o.bin"


def flags(text: str) -> list[str]:
    return [warn.flag for warn in lint(text.split())]


def test_a_clean_line_has_no_warning() -> None:
    assert flags(CLEAN) == []
    assert flags(f"{CLEAN} -misset_seed 7 -misset random") == []
    assert flags(f"{CLEAN} -twotheta_axis 0 1 0 -twotheta 15") == []
    assert flags(f"{CLEAN} -curved_det -N 5") == []


@pytest.mark.parametrize(
    ("more", "flag", "word"),
    [
        ("-misset 1 2 3 -misset_seed 7", "-misset_seed", "read as -misset"),
        ("-twotheta 15 -twotheta_axis 0 1 0", "-twotheta_axis", "read as -twotheta"),
        ("-curved_det", "-curved_det", "last word"),
        ("-misset random", "-misset_seed", "clock"),
        ("-trace_pixel 1 2 -printout_pixel 2 1", "-printout_pixel", "fast slow"),
        ("--mode spec", "--mode", "quirks"),
        ("--quirks +water-twice", "--mode", "quirks"),
        ("-ovresample 3", "-ovresample", "without complaint"),
        ("-phistepz 3", "-phistepz", "-phistep may be found inside"),
    ],
)
def test_each_trap(more: str, flag: str, word: str) -> None:
    found = [warn for warn in lint(f"{CLEAN} {more}".split()) if warn.flag == flag]
    assert len(found) == 1
    assert word in found[0].text
    assert found[0].cure


def test_what_is_missing() -> None:
    assert flags("-mat A.mat -default_F 10") == ["-seed", "-hkl"]


def test_a_cache_that_lies_there(tmp_path: Path) -> None:
    assert len(lint("-default_F 10 -nonoise".split(), tmp_path)) == 1
    (tmp_path / "Fdump.bin").write_bytes(b"x")
    assert any(
        "is there to be read" in warn.text for warn in lint("-default_F 10 -nonoise".split(), tmp_path)
    )
    assert lint(CLEAN.split(), tmp_path) == []

"""Comments point to headings of simulator/README.md: each must be there."""

import re
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

POINTER = re.compile(r'README ("[^"]+"(?:, "[^"]+")*)')
LINK = re.compile(r"\]\(([^)#\s]+\.(?:py|c))(?:#L\d+)?\)")
HEADINGS = set(re.findall(r"^#+ (.+)$", (ROOT / "simulator" / "README.md").read_text(), re.MULTILINE))
SOURCES = sorted(
    path
    for pattern in ("simulator/**/*.py", "simulator/**/*.[ch]", "tests/**/*.py")
    for path in ROOT.glob(pattern)
)


def pointers(text: str) -> list[str]:
    """Headings that a text points to."""
    return [name for found in POINTER.findall(text) for name in re.findall(r'"([^"]+)"', found)]


def test_pointers_are_read() -> None:
    """One and several in a row; and there are many in the project."""
    assert pointers('see README "One", "Two". README "Three".') == ["One", "Two", "Three"]
    assert sum(len(pointers(path.read_text())) for path in SOURCES) > 40


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_headings_are_there(path: Path) -> None:
    """No comment points to a heading that the page does not have."""
    if path != Path(__file__).resolve():
        assert set(pointers(path.read_text())) - HEADINGS == set()


def test_a_values_way_is_short_and_true() -> None:
    """From the command line to a pixel: at most 12 hops, each a function that is where the link says."""
    page = (ROOT / "simulator" / "README.md").read_text().partition("## From the command line to a pixel")[2]
    hops = re.findall(r"^\d+\. \[`(\w+)`\]\(([\w/.]+)\)", page, re.MULTILINE)
    assert 5 < len(hops) <= 12
    for name, link in hops:
        assert re.search(rf"^ *def {name}\(", (ROOT / "simulator" / link).read_text(), re.MULTILINE), (
            name,
            link,
        )

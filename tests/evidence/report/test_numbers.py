"""Every number of the report is the one that stands in the JSON it points to."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

NEAR_ONE = re.compile(r"1 ([+−]) (\S+)")


class Page(HTMLParser):
    """Collects data elements as (attributes, text), and cells of rows that carry a pointer."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[tuple[dict[str, str], str]] = []
        self.cells: list[tuple[str, str, str]] = []  # row pointer, key, text
        self.loose: list[str] = []  # texts of number cells that name no source
        self._row = self._key = None
        self._open: dict[str, str] | None = None
        self._bare = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "tr":
            self._row = found.get("data-row")
        if tag == "td":
            self._key = found.get("data-k")
            self._bare = found.get("class") == "n" and self._key is None
        if tag == "data":
            self._open = found

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._key, self._bare = None, False
        if tag == "data":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.numbers.append((self._open, data))
        elif self._key and self._row:
            self.cells.append((self._row, self._key, data))
        elif self._bare and re.search(r"\d", data):
            self.loose.append(data)


def follow(bundle: Path, src: str) -> Any:
    """The value that `file#/a/b/0` names; ledger lines are named by their number."""
    name, _, path = src.partition("#")
    if name.startswith("ledger.jsonl:n="):
        lines = (bundle.parent.parent / "ledger.jsonl").read_text().splitlines()
        value = next(r for r in map(json.loads, lines) if r["n"] == int(name.partition("=")[2]))
    else:
        value = json.loads((bundle / name).read_text())
    for key in filter(None, path.split("/")):
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def says(text: str, value: float) -> bool:
    """Whether `1 − 2.1e-12`, `99.8 %` or `3e-14` is `value` to the last digit that is shown."""
    near = NEAR_ONE.fullmatch(text)
    if near:
        value, text = (value - 1) * (1 if near[1] == "+" else -1), near[2]
    if text.endswith(" %"):
        value, text = 100 * value, text[:-2]
    mantissa, _, exponent = text.partition("e")
    last = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(float(text) - value) <= 0.501 * last + 1e-15 * abs(value)


@pytest.fixture(params=["pass", "fail", "blocked"])
def built(request: pytest.FixtureRequest, ready: Any) -> Path:
    return Path(ready(request.param))


@pytest.fixture
def page(built: Path) -> Page:
    parsed = Page()
    parsed.feed((built / "report.html").read_text(encoding="utf-8"))
    return parsed


def test_each_number_stands_where_it_says(built: Path, page: Page) -> None:
    checked = 0
    for attributes, text in page.numbers:
        if "data-how" in attributes:
            continue  # counts and durations: below
        value = follow(built, attributes["data-src"])
        assert not isinstance(value, bool)
        assert float(attributes["value"]) == value, attributes
        if not re.search(r"(min|ms|s|B)$", text):
            assert says(text, value), (text, value)
        checked += 1
    assert checked > 120


def test_each_cell_of_a_long_table_stands_where_its_row_says(built: Path, page: Page) -> None:
    for row, key, text in page.cells:
        value = follow(built, f"{row}/{key}")
        assert says(text, value), (row, key, text)
    assert len(page.cells) > 20


def test_no_number_cell_is_without_source(page: Page) -> None:
    assert page.loose == []


def test_counts_and_durations(built: Path, page: Page) -> None:
    derived = {(a["data-src"], a["data-how"]): float(a["value"]) for a, _ in page.numbers if "data-how" in a}
    gates = json.loads((built / "gates.json").read_text())["gates"]
    for state in ("pass", "fail", "blocked"):
        expected = sum(gate["status"] == state for gate in gates)
        if expected:
            assert derived["gates.json#/gates", f"count of {state}"] == expected
    assert derived["ledger.jsonl:n=5#/time", "end - start"] == 10.0
    sizes = {src: size for (src, how), size in derived.items() if how == "size"}
    assert sizes["phase_o/c/floatimage.bin"] == (built / "phase_o/c/floatimage.bin").stat().st_size
    assert len(sizes) > 10


def test_a_sample_agrees_with_the_images(built: Path, page: Page) -> None:
    """Recomputed from the raw files with nothing but numpy."""
    c, py = (
        np.fromfile(built / f"phase_o/{name}/floatimage.bin", "<f4").astype(float)
        for name in ("c", "py_float64")
    )
    shown = {a["data-src"]: float(a["value"]) for a, _ in page.numbers}
    place = "phase_o/metrics.json#/tables/float64/"
    assert shown[f"{place}correlation"] == pytest.approx(np.corrcoef(c, py)[0, 1], abs=1e-14)
    assert shown[f"{place}sum_ratio"] == pytest.approx(py.sum() / c.sum(), abs=1e-14)
    assert shown[f"{place}identical_float32_share"] == np.mean(c == py)
    assert shown[f"{place}max_abs_diff"] == np.abs(py - c).max()
    assert shown[f"{place}rmse_over_max"] == pytest.approx(
        np.sqrt(np.mean((py - c) ** 2)) / c.max(), rel=1e-9
    )
    assert shown[f"{place}finite_pixels"] == c.size
    brightest = f"{place}peaks/pairs/0/intensity_a"
    assert shown[brightest] == c.max()

"""Filters, copying, themes, narrow screens, and the accessibility check of axe-core."""

from pathlib import Path
from typing import Any

import pytest

from evidence.bench.benchmark_page import build as build_benchmark
from tests.evidence.bench.test_benchmark_page import lay_out
from tests.helpers.timings import full_run


def test_the_trace_filter(opened: Any, ready: Any) -> None:
    tab = opened(ready("fail") / "report.html")
    assert len(tab.rows("#traces-all tr[data-row]")) == 10
    tab.choose("word", "hkl_frac")
    assert len(tab.rows("#traces-all tr[data-row]")) == 3
    tab.choose("word", "")
    tab.one("[name=differs]").click()
    left = tab.rows("#traces-all tr[data-row]")
    assert len(left) == 2
    assert "first divergence" in left[0]


def test_the_index_filter(opened: Any, ready: Any) -> None:
    tab = opened(ready("pass").parent.parent / "index.html")
    assert len(tab.rows("#attempt-table tbody tr")) == 5
    tab.choose("state", "killed")
    assert len(tab.rows("#attempt-table tbody tr")) == 1
    tab.choose("state", "")
    tab.choose("word", "other")
    (left,) = tab.rows("#attempt-table tbody tr")
    assert "20261120T073000Z" in left
    assert tab.one("[data-count]").text == "1 of 5"


def test_the_copy_button_copies_the_command(opened: Any, ready: Any) -> None:
    tab = opened(ready("pass") / "report.html")
    wanted = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    tab.driver.execute_cdp_cmd("Browser.grantPermissions", wanted)
    button = tab.one("#reproduce ~ .command button")
    tab.run("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    copied = tab.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == "nanoBragg -hkl one.hkl -lambda 1 <&> -detpixels_x 240"


def test_theme_follows_the_system_and_the_button(opened: Any, ready: Any) -> None:
    tab = opened(ready("pass") / "report.html")
    paper = "return getComputedStyle(document.body).backgroundColor"
    light = tab.run(paper)
    dark_system = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    tab.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark_system)
    dark = tab.run(paper)
    assert dark != light
    tab.one("#theme").click()
    assert tab.run(paper) == light
    tab.one("#theme").click()
    assert tab.run(paper) == dark
    tab.run("localStorage.clear()")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_sticks_out_sideways(opened: Any, ready: Any, width: int) -> None:
    tab = opened(ready("fail") / "report.html")
    screen = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": width < 700}
    tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    assert tab.run("return document.documentElement.scrollWidth") <= width


SCREENS = [(1280, 800), (390, 844)]


def resize(tab: Any, width: int, height: int) -> None:
    screen = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 700}
    tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


@pytest.mark.parametrize("page", ["pass", "fail", "blocked", "index"])
def test_every_page_at_both_sizes_in_both_themes(opened: Any, ready: Any, page: str) -> None:
    """All parts unfolded: WCAG 2.2 A and AA and axe's best practices hold, nothing sticks out sideways."""
    bundle = ready("pass" if page == "index" else page)
    tab = opened(bundle.parent.parent / "index.html" if page == "index" else bundle / "report.html")
    for width, height in SCREENS:
        resize(tab, width, height)
        for scheme in ("light", "dark"):
            assert violations(tab, scheme) == [], (width, scheme)
        assert tab.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", ["pass", "fail", "blocked"])
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_verdict_and_its_figures_fit_the_first_screen(
    opened: Any, ready: Any, kind: str, width: int, height: int
) -> None:
    tab = opened(ready(kind) / "report.html")
    resize(tab, width, height)
    bottom = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom + scrollY"
    assert tab.run(bottom, "header.top") <= height
    if kind == "pass":
        assert tab.run(bottom, "#VG-5 summary") <= height


def test_a_gate_is_one_line_until_it_is_clicked(opened: Any, ready: Any) -> None:
    tab = opened(ready("pass") / "report.html")
    size = "return document.getElementById('VG-0').getBoundingClientRect().height"
    assert tab.run(size) < 45
    summary = tab.one("#VG-0 summary")
    tab.run("arguments[0].scrollIntoView({block: 'center'})", summary)
    summary.click()
    assert tab.run(size) > 100
    assert "fractional h, k, l" in tab.one("#VG-0 table").text


def test_cards_of_the_index_fit_a_phone(opened: Any, ready: Any) -> None:
    tab = opened(ready("pass").parent.parent / "index.html")
    resize(tab, 390, 844)
    inside = """const wide = (e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1;
      return [...document.querySelectorAll('section.case *')].filter((e) => !e.closest('.spoken, svg'))
      .filter((e) => e.getBoundingClientRect().right > 390 || wide(e))
      .map((e) => e.outerHTML.slice(0, 90))"""
    assert tab.run(inside) == []


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_benchmark_page(opened: Any, tmp_path: Path, width: int, scheme: str) -> None:
    """Nothing for axe to find, nothing that sticks out, and every plot has a size."""
    bundle = lay_out(tmp_path / "benchmark" / "20260101T000000Z", full_run())
    build_benchmark(bundle)
    tab = opened(bundle / "benchmark.html")
    screen = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": width < 700}
    tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    assert tab.run("return document.documentElement.scrollWidth") <= width
    sizes = tab.run(
        "return [...document.querySelectorAll('svg')].map((e) => e.getBoundingClientRect().height)"
    )
    assert len(sizes) == 5
    assert min(sizes) > 60
    assert violations(tab, scheme) == []


def violations(tab: Any, scheme: str) -> list[Any]:
    """What axe-core finds wrong, with the first places of each."""
    import selenium_axe_python  # noqa: PLC0415

    features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    tab.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    tab.run("for (const box of document.querySelectorAll('details')) box.open = true")
    axe = Path(selenium_axe_python.__file__).parent / "axe-core" / "axe.min.js"
    tab.run(axe.read_text(encoding="utf-8"))
    found = tab.driver.execute_async_script(
        "axe.run().then(arguments[0], (e) => arguments[0]({error: String(e)}))"
    )
    assert found.get("error") is None
    assert len(found["passes"]) > 15
    return [(v["id"], [node["html"][:150] for node in v["nodes"][:3]]) for v in found["violations"]]

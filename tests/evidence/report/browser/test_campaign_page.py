"""The page of a campaign, driven: filters, colours, what a square tells, narrow screens, axe-core."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.campaigns.suite import load_suite
from tests.evidence.campaigns.test_campaign import engine_c, judged, project, run
from tests.evidence.report.browser.test_reading import violations

__all__ = ["engine_c", "project"]  # fixtures
SQUARES = "return [...document.querySelectorAll('#bands .band i')]"
SHOWN = f"{SQUARES}.filter((e) => !e.hidden).map((e) => +e.dataset.n)"


@pytest.fixture
def page(project: Path) -> Path:
    """Of a campaign in which one engine has another polarization: five images differ."""
    path = project / "config" / "engines.yaml"
    engines = yaml.safe_load(path.read_text())
    engines["torch-float64"]["arguments"] += " -polar 0.9"
    path.write_text(yaml.safe_dump(engines))
    suite = load_suite("small")
    bundle = run(project, suite)
    assert judged(bundle, suite)["verdict"] == "fail"
    return bundle / "report.html"


def type_in(tab: Any, selector: str, text: str) -> None:
    tab.run(
        "const e = document.querySelector(arguments[0]); e.value = arguments[1];"
        "e.dispatchEvent(new Event('input', { bubbles: true }));",
        selector,
        text,
    )


def test_the_page_as_a_reader_uses_it(opened: Any, page: Path) -> None:
    tab = opened(page)
    counted = tab.one("#counted")
    assert tab.run(SHOWN) == list(range(7)) * 3  # a band an engine, a square a case
    assert counted.text == "7 of 7 cases shown, 5 of them fail."
    type_in(tab, "#only", "f")
    assert tab.run(SHOWN) == [0, 1, 2, 3, 4] * 3
    type_in(tab, "#find", "gauss")
    assert tab.run(SHOWN) == [2, 3] * 3
    type_in(tab, "#find", "")
    type_in(tab, "[data-axis=size]", "-N 5")
    assert tab.run(SHOWN) == [1, 3] * 3
    assert counted.text == "2 of 7 cases shown, 2 of them fail."
    type_in(tab, "[data-axis=size]", "")
    type_in(tab, "#only", "")
    square = tab.driver.find_elements("css selector", ".band")[1].find_elements("css selector", "i")[3]
    tab.run("arguments[0].scrollIntoView({block: 'center'})", square)
    tab.hover(square)
    told = tab.one("#told").text
    assert told.startswith("shape4, torch-float64: fail, largest difference ")
    assert "-gauss_xtal -N 5" in told
    button = tab.one("button[data-colour=difference]")
    before = tab.run("return getComputedStyle(arguments[0]).backgroundColor", square)
    tab.run("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert tab.run("return getComputedStyle(arguments[0]).backgroundColor", square) != before
    assert tab.run("return [...document.images].every((e) => e.naturalWidth > 0)")
    for width in (360, 1280):
        screen = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": width < 700}
        tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        assert tab.run("return document.documentElement.scrollWidth") <= width
    assert violations(tab, "light") == []

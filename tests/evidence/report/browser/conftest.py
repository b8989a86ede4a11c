"""Headless Chromium for the pages.

Without it these tests are skipped by name; with BRAGGPROOF_BROWSER_TESTS=1 its absence is a failure.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

WANTED = os.environ.get("BRAGGPROOF_BROWSER_TESTS") == "1"
LACKING = [
    *(name for name in ("selenium", "selenium_axe_python") if importlib.util.find_spec(name) is None),
    *(name for name in ("chromium", "chromedriver") if shutil.which(name) is None),
]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND"]  # offline
FOLLOW = "addEventListener('pointermove', (e) => { window.pointer = [e.clientX, e.clientY]; }, true)"
CHOOSE = """const e = document.querySelector(`[name=${arguments[0]}]`); e.value = arguments[1];
  e.dispatchEvent(new Event("input", { bubbles: true }));"""
POINTER = """const r = arguments[0].getBoundingClientRect();
  return [window.pointer, [r.left + r.width / 2, r.top + r.height / 2], window.braggproof.view];"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the tests in this folder only."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            reason = f"no browser: {', '.join(LACKING)} not installed"
            item.add_marker(pytest.mark.skipif(bool(LACKING) and not WANTED, reason=reason))
            # selenium leaves sockets to its driver to the garbage collector
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


class Tab:
    """An open page, and what a reader does with it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.run = driver.execute_script

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def canvas(self, panel: int = 0) -> Any:
        """C, PyTorch or difference, scrolled to the middle of the window."""
        found = self.driver.find_elements("css selector", ".panels canvas")[panel]
        self.run("arguments[0].scrollIntoView({block: 'center'})", found)
        return found

    def hover(self, element: Any, dx: int = 0, dy: int = 0) -> str:
        """Point that far from the middle of the element; what the readout then says."""
        from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415

        ActionChains(self.driver).move_to_element_with_offset(element, dx, dy).perform()
        return str(self.one("output.readout").text)

    def wheel(self, element: Any, dx: int, dy: int, turn: int) -> None:
        from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415
        from selenium.webdriver.common.actions.wheel_input import ScrollOrigin  # noqa: PLC0415

        origin = ScrollOrigin.from_element(element, dx, dy)
        ActionChains(self.driver).scroll_from_origin(origin, 0, turn).perform()

    def pixel_under(self, element: Any) -> tuple[int, int]:
        """(slow, fast) under the pointer: where the browser says it is, through the view."""
        (x, y), (left, top), view = self.run(POINTER, element)
        return int(view["y"] + (y - top) / view["scale"]), int(view["x"] + (x - left) / view["scale"])

    def choose(self, name: str, value: str) -> None:
        """Set a control by its name."""
        self.run(CHOOSE, name, value)

    def rows(self, selector: str) -> list[str]:
        """Texts of the rows that a filter left."""
        left = "[...document.querySelectorAll(arguments[0])].filter((row) => !row.hidden)"
        return [str(text) for text in self.run(f"return {left}.map((row) => row.textContent)", selector)]

    def until(self, script: str, *arguments: Any) -> None:
        """Wait until the script returns something true."""
        from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415

        WebDriverWait(self.driver, 20).until(lambda driver: driver.execute_script(script, *arguments))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    assert not LACKING, f"BRAGGPROOF_BROWSER_TESTS=1, but {', '.join(LACKING)} is not installed"
    from selenium import webdriver  # noqa: PLC0415

    options = webdriver.ChromeOptions()
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}", "--window-size=1280,1000"]:
        options.add_argument(flag)
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "localhost,127.0.0.1")
        driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[[Path], Tab]]:
    """Open a page, wait for its images; afterwards the console must hold no message."""

    def go(path: Path) -> Tab:
        chromium.get(path.as_uri())
        chromium.execute_script(FOLLOW)
        tab = Tab(chromium)
        tab.until("return !document.getElementById('viewer') || window.braggproof.ready")
        return tab

    yield go
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert chromium.get_log("browser") == []

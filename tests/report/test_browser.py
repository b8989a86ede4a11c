"""The pages in headless Chromium: they load, read the true pixels, filter, and axe finds no fault.

Without a browser these tests are skipped by name; with BRAGGPROOF_BROWSER_TESTS=1 its absence is a failure.
"""

import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence import report, viewer

WANTED = os.environ.get("BRAGGPROOF_BROWSER_TESTS") == "1"
LACKING = [
    *(name for name in ("selenium", "selenium_axe_python") if importlib.util.find_spec(name) is None),
    *(name for name in ("chromium", "chromedriver") if shutil.which(name) is None),
]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND"]  # offline
SHAPE = (200, 240)  # of the images in conftest
FOLLOW = "addEventListener('pointermove', (e) => { window.pointer = [e.clientX, e.clientY]; }, true)"
Opener = Callable[[Path], Any]

pytestmark = [
    pytest.mark.skipif(
        bool(LACKING) and not WANTED, reason=f"no browser: {', '.join(LACKING)} not installed"
    ),
    # selenium leaves sockets to its driver to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
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
def opened(chromium: Any) -> Iterator[Opener]:
    """Open a page, wait for its images; afterwards the console must hold no message."""
    from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415

    def go(path: Path) -> Any:
        chromium.get(path.as_uri())
        chromium.execute_script(FOLLOW)
        waiting = "return !document.getElementById('viewer') || window.braggproof.ready"
        WebDriverWait(chromium, 20).until(lambda driver: driver.execute_script(waiting))
        return chromium

    yield go
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert chromium.get_log("browser") == []


@pytest.fixture(scope="module")
def coarse(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The passing bundle, its frame treated as if it were too large to embed."""
    bundle = tmp_path_factory.mktemp("coarse") / "results" / "demo" / "20261120T080000Z"
    shutil.copytree(plain / "demo" / bundle.name, bundle)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer, "WHOLE_PIXELS", 1000)
        patch.setattr(viewer, "OVERVIEW_PIXELS", 4000)
        report.build(bundle)
    return bundle


def image(bundle: Path, label: str) -> np.ndarray:
    return np.fromfile(bundle / f"phase_o/{label}/floatimage.bin", "<f4").reshape(SHAPE)


def canvas(driver: Any, panel: int = 0) -> Any:
    found = driver.find_elements("css selector", ".panels canvas")[panel]
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    return found


def pixel_under(driver: Any, element: Any) -> tuple[int, int]:
    """(slow, fast) under the pointer: where the browser says it is, through the view."""
    (px, py), box, view = driver.execute_script(
        "const r = arguments[0].getBoundingClientRect();"
        "return [window.pointer, [r.left + r.width / 2, r.top + r.height / 2], window.braggproof.view]",
        element,
    )
    return int(view["y"] + (py - box[1]) / view["scale"]), int(view["x"] + (px - box[0]) / view["scale"])


def hover(driver: Any, element: Any, dx: int = 0, dy: int = 0) -> str:
    from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415

    ActionChains(driver).move_to_element_with_offset(element, dx, dy).perform()
    return str(driver.find_element("css selector", "output.readout").text)


def choose(driver: Any, name: str, value: str) -> None:
    script = "const e = document.querySelector(`[name=${arguments[0]}]`); e.value = arguments[1];"
    driver.execute_script(f"{script} e.dispatchEvent(new Event('input', {{bubbles: true}}))", name, value)


def read_number(text: str, after: str) -> float:
    found = re.search(rf"{re.escape(after)} (?:≈ )?(\S+)", text)
    assert found is not None, text
    return float(found[1])


def test_the_readout_tells_the_pixels_of_the_file(opened: Opener, ready: Any) -> None:
    bundle = ready("pass")
    driver = opened(bundle / "report.html")
    c, py = image(bundle, "c"), image(bundle, "py_float64")
    for slow, fast in ((0, 0), (88, 101), (199, 239), (62, 110)):
        found = driver.execute_script("return window.braggproof.read(arguments[0], arguments[1])", slow, fast)
        assert found["exact"]
        assert np.float32(found["c"]) == c[slow, fast]
        assert np.float32(found["other"]) == py[slow, fast]
        assert found["difference"] == float(py[slow, fast]) - float(c[slow, fast])
    off = np.argwhere(c != py)[3]
    found = driver.execute_script("return window.braggproof.read(arguments[0], arguments[1])", *map(int, off))
    assert found["ulp"] == 1


def test_pointing_at_a_pixel_reads_it(opened: Opener, ready: Any) -> None:
    bundle = ready("pass")
    driver = opened(bundle / "report.html")
    element = canvas(driver)
    for dx, dy in ((0, 0), (-60, 31), (45, -52)):
        text = hover(driver, element, dx, dy)
        slow, fast = pixel_under(driver, element)
        assert f"slow {slow}  fast {fast}" in text
        assert np.float32(read_number(text, "C")) == image(bundle, "c")[slow, fast]
        assert np.float32(read_number(text, "PyTorch float64")) == image(bundle, "py_float64")[slow, fast]


def test_drag_wheel_buttons_and_keys_move_all_three(opened: Opener, ready: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin  # noqa: PLC0415
    from selenium.webdriver.common.keys import Keys  # noqa: PLC0415

    driver = opened(ready("pass") / "report.html")
    element = canvas(driver, 1)

    def view() -> dict[str, float]:
        return dict(driver.execute_script("return {...window.braggproof.view}"))

    start = view()
    driver.find_element("css selector", "[data-do=in]").click()
    assert view()["scale"] == pytest.approx(1.5 * start["scale"])
    before = view()
    ActionChains(driver).move_to_element(element).click_and_hold().move_by_offset(-40, 25).release().perform()
    after = view()
    assert (after["x"] - before["x"]) * before["scale"] == pytest.approx(40, abs=1)
    assert (after["y"] - before["y"]) * before["scale"] == pytest.approx(-25, abs=1)
    hover(driver, element, 30, 20)
    under = pixel_under(driver, element)
    ActionChains(driver).scroll_from_origin(ScrollOrigin.from_element(element, 30, 20), 0, -400).perform()
    assert view()["scale"] > 1.5 * after["scale"]
    assert np.abs(np.subtract(pixel_under(driver, element), under)).max() <= 1  # about the pointer
    hover(driver, element)
    text = hover(driver, element, 1, 1)
    slow, fast = (int(n) for n in re.search(r"slow (\d+)  fast (\d+)", text).groups())  # type: ignore[union-attr]
    element.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    text = driver.find_element("css selector", "output.readout").text
    assert f"slow {slow + 1}  fast {fast + 2}" in text
    zoomed = view()["scale"]
    element.send_keys("-")
    assert view()["scale"] == pytest.approx(zoomed / 1.5)
    element.send_keys("0")
    assert view() == pytest.approx(start)


def test_the_wheel_scrolls_the_page_until_the_viewer_is_used(opened: Opener, ready: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin  # noqa: PLC0415
    from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415

    driver = opened(ready("pass") / "report.html")
    element = canvas(driver)
    scale, top = driver.execute_script("return [window.braggproof.view.scale, scrollY]")
    ActionChains(driver).scroll_from_origin(ScrollOrigin.from_element(element), 0, 300).perform()
    WebDriverWait(driver, 5).until(lambda driver: driver.execute_script("return scrollY") > top)
    assert driver.execute_script("return window.braggproof.view.scale") == scale


def test_what_is_painted_is_the_data(opened: Opener, ready: Any) -> None:
    """Zoomed in: dark where C is bright, white where it is faint, a colour where they differ."""
    bundle = ready("pass")
    driver = opened(bundle / "report.html")
    c, py = image(bundle, "c"), image(bundle, "py_float64")
    driver.execute_script("document.querySelector('[name=marks]').click()")
    script = """const [slow, fast, panel, done] = arguments;
      const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const canvas = document.querySelectorAll(".panels canvas")[panel];
      window.braggproof.goto(slow, fast, 8);
      requestAnimationFrame(() => requestAnimationFrame(() => {
        probe.drawImage(canvas, canvas.width / 2, canvas.height / 2, 1, 1, 0, 0, 1, 1);
        done([...probe.getImageData(0, 0, 1, 1).data]);
      }));"""
    bright = np.unravel_index(int(np.argmax(c)), SHAPE)
    faint = np.unravel_index(int(np.argmin(c)), SHAPE)
    off = np.argwhere((c != py) & (np.indices(SHAPE)[0] > 20))[0]

    def painted(where: Any, panel: int) -> list[int]:
        return list(driver.execute_async_script(script, int(where[0]), int(where[1]), panel))[:3]

    assert max(painted(bright, 0)) < 20
    assert min(painted(faint, 0)) > 235
    assert painted(bright, 1) == painted(bright, 0)
    assert painted(faint, 2) == [247, 247, 247]
    red, _, blue = painted(off, 2)
    assert blue > red  # PyTorch is above C there


def test_the_scale_can_follow_the_view(opened: Opener, ready: Any) -> None:
    """The ends of the scale become those of the pixels in view."""
    from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415

    bundle = ready("pass")
    driver = opened(bundle / "report.html")
    c = image(bundle, "c")
    driver.execute_script("window.braggproof.goto(20, 30, 8)")
    whole = driver.find_element("css selector", "[data-ends=light]").text
    choose(driver, "scale", "view")
    size = "const c = document.querySelector('.panels canvas'); return [c.clientHeight, c.clientWidth]"
    view = driver.execute_script("return window.braggproof.view")
    middle, half = [view["y"], view["x"]], np.array(driver.execute_script(size)) / view["scale"] / 2
    y0, x0 = np.maximum(0, np.floor(np.subtract(middle, half))).astype(int)
    y1, x1 = np.ceil(np.add(middle, half)).astype(int)
    ends = driver.find_element("css selector", "[data-ends=light]").text.split()
    assert " ".join(ends) != whole
    assert float(ends[-1]) == pytest.approx(float(c[y0:y1, x0:x1].max()), rel=6e-3)
    driver.execute_script(
        "window.braggproof.goto(arguments[0], arguments[1], 8)", *map(int, divmod(c.argmax(), SHAPE[1]))
    )
    brightest = f"{float(c.max()):.2e}".replace("e-0", "e-")
    WebDriverWait(driver, 5).until(
        lambda driver: driver.find_element("css selector", "[data-ends=light]").text.split()[-1] == brightest
    )


def test_float32_can_be_compared_instead(opened: Opener, ready: Any) -> None:
    bundle = ready("pass")
    driver = opened(bundle / "report.html")
    choose(driver, "other", "2")
    text = hover(driver, canvas(driver), 20, 20)
    slow, fast = pixel_under(driver, canvas(driver))
    assert np.float32(read_number(text, "PyTorch float32")) == image(bundle, "py_float32")[slow, fast]
    assert driver.find_element("css selector", "[data-title='1']").text == "PyTorch float32"


def test_a_large_frame_says_where_it_is_down_sampled(opened: Opener, coarse: Path) -> None:
    driver = opened(coarse / "report.html")
    c = image(coarse, "c")
    exact = driver.execute_script("return window.braggproof.read(88, 101)")  # in the region of interest
    assert exact["exact"]
    assert np.float32(exact["c"]) == c[88, 101]
    rough = driver.execute_script("return window.braggproof.read(21, 9)")
    factor = driver.execute_script(
        "return JSON.parse(document.getElementById('manifest').textContent).factor"
    )
    block = c[21 // factor * factor :, 9 // factor * factor :][:factor, :factor]
    assert not rough["exact"]
    assert rough["c"] == pytest.approx(float(block.max()), rel=1e-3)
    driver.execute_script("window.braggproof.goto(21, 9)")
    text = hover(driver, canvas(driver))
    assert f"down-sampled here: largest of the block of {factor} × {factor} pixels" in text
    assert "≈" in text


def test_close_ups_lead_to_their_spot(opened: Opener, ready: Any) -> None:
    driver = opened(ready("pass") / "report.html")
    spots = driver.find_elements("css selector", ".spots li")
    slow, fast = map(int, spots[1].get_attribute("data-pixel").split())
    sizes = "return [...document.querySelectorAll('.spots canvas')].every((c) => c.width === 25)"
    assert driver.execute_script(sizes)
    driver.execute_script("arguments[0].click()", spots[1].find_element("tag name", "button"))
    view = driver.execute_script("return window.braggproof.view")
    assert (view["y"], view["x"]) == (slow + 0.5, fast + 0.5)
    assert f"slow {slow}  fast {fast}" in driver.find_element("css selector", "output.readout").text


def rows(driver: Any, selector: str) -> list[str]:
    """Texts of the rows that the filter left."""
    left = "[...document.querySelectorAll(arguments[0])].filter((row) => !row.hidden)"
    return [str(t) for t in driver.execute_script(f"return {left}.map((row) => row.textContent)", selector)]


def test_the_trace_filter(opened: Opener, ready: Any) -> None:
    driver = opened(ready("fail") / "report.html")
    assert len(rows(driver, "#traces-all tr[data-row]")) == 10
    choose(driver, "word", "hkl_frac")
    assert len(rows(driver, "#traces-all tr[data-row]")) == 3
    choose(driver, "word", "")
    driver.find_element("css selector", "[name=differs]").click()
    left = rows(driver, "#traces-all tr[data-row]")
    assert len(left) == 2
    assert "first divergence" in left[0]


def test_the_index_filter(opened: Opener, ready: Any) -> None:
    driver = opened(ready("pass").parent.parent / "index.html")
    assert len(rows(driver, "#attempt-table tbody tr")) == 5
    choose(driver, "state", "killed")
    assert len(rows(driver, "#attempt-table tbody tr")) == 1
    choose(driver, "state", "")
    choose(driver, "word", "other")
    (left,) = rows(driver, "#attempt-table tbody tr")
    assert "20261120T073000Z" in left
    assert driver.find_element("css selector", "[data-count]").text == "1 of 5"


def test_the_copy_button_copies_the_command(opened: Opener, ready: Any) -> None:
    driver = opened(ready("pass") / "report.html")
    wanted = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    driver.execute_cdp_cmd("Browser.grantPermissions", wanted)
    button = driver.find_element("css selector", "#reproduce ~ .command button")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    copied = driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == "nanoBragg -hkl one.hkl -lambda 1 <&> -detpixels_x 240"


def test_theme_follows_the_system_and_the_button(opened: Opener, ready: Any) -> None:
    driver = opened(ready("pass") / "report.html")
    paper = "return getComputedStyle(document.body).backgroundColor"
    light = driver.execute_script(paper)
    dark_system = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark_system)
    dark = driver.execute_script(paper)
    assert dark != light
    driver.find_element("id", "theme").click()
    assert driver.execute_script(paper) == light
    driver.find_element("id", "theme").click()
    assert driver.execute_script(paper) == dark
    driver.execute_script("localStorage.clear()")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_sticks_out_sideways(opened: Opener, ready: Any, width: int) -> None:
    driver = opened(ready("fail") / "report.html")
    screen = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": width < 700}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("page", "scheme"), [("fail", "light"), ("blocked", "dark"), ("index", "light")])
def test_axe_finds_nothing(opened: Opener, ready: Any, page: str, scheme: str) -> None:
    """WCAG 2.2 A and AA, and axe's best practices, on the page as a reader gets it, all parts unfolded."""
    import selenium_axe_python  # noqa: PLC0415

    bundle = ready("pass" if page == "index" else page)
    driver = opened(bundle.parent.parent / "index.html" if page == "index" else bundle / "report.html")
    features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    driver.execute_script("for (const box of document.querySelectorAll('details')) box.open = true")
    axe = Path(selenium_axe_python.__file__).parent / "axe-core" / "axe.min.js"
    driver.execute_script(axe.read_text(encoding="utf-8"))
    found = driver.execute_async_script(
        "axe.run().then(arguments[0], (e) => arguments[0]({error: String(e)}))"
    )
    assert found.get("error") is None
    assert len(found["passes"]) > 15
    assert [(v["id"], [node["html"][:150] for node in v["nodes"][:3]]) for v in found["violations"]] == []

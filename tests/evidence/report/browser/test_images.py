"""The viewer: reads the true pixels, moves as one, paints the data, and tells where it is coarse."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence.report import page, viewer

SHAPE = (200, 240)  # of the images in conftest


@pytest.fixture(scope="module")
def coarse(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The passing bundle, its frame treated as if it were too large to embed."""
    bundle = tmp_path_factory.mktemp("coarse") / "results" / "demo" / "20261120T080000Z"
    shutil.copytree(plain / "demo" / bundle.name, bundle)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer, "WHOLE_PIXELS", 1000)
        patch.setattr(viewer, "OVERVIEW_PIXELS", 4000)
        page.build(bundle)
    return bundle


def image(bundle: Path, label: str) -> np.ndarray:
    return np.fromfile(bundle / f"phase_o/{label}/floatimage.bin", "<f4").reshape(SHAPE)


def read_number(text: str, after: str) -> float:
    found = re.search(rf"{re.escape(after)} (?:≈ )?(\S+)", text)
    assert found is not None, text
    return float(found[1])


def test_the_readout_tells_the_pixels_of_the_file(opened: Any, ready: Any) -> None:
    bundle = ready("pass")
    tab = opened(bundle / "report.html")
    c, py = image(bundle, "c"), image(bundle, "py_float64")
    for slow, fast in ((0, 0), (88, 101), (199, 239), (62, 110)):
        found = tab.run("return window.braggproof.read(arguments[0], arguments[1])", slow, fast)
        assert found["exact"]
        assert np.float32(found["c"]) == c[slow, fast]
        assert np.float32(found["other"]) == py[slow, fast]
        assert found["difference"] == float(py[slow, fast]) - float(c[slow, fast])
    off = np.argwhere(c != py)[3]
    found = tab.run("return window.braggproof.read(arguments[0], arguments[1])", *map(int, off))
    assert found["ulp"] == 1


def test_pointing_at_a_pixel_reads_it(opened: Any, ready: Any) -> None:
    bundle = ready("pass")
    tab = opened(bundle / "report.html")
    element = tab.canvas()
    for dx, dy in ((0, 0), (-60, 31), (45, -52)):
        text = tab.hover(element, dx, dy)
        slow, fast = tab.pixel_under(element)
        assert f"slow {slow}  fast {fast}" in text
        assert np.float32(read_number(text, "C")) == image(bundle, "c")[slow, fast]
        assert np.float32(read_number(text, "PyTorch float64")) == image(bundle, "py_float64")[slow, fast]


def test_drag_wheel_buttons_and_keys_move_all_three(opened: Any, ready: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415
    from selenium.webdriver.common.keys import Keys  # noqa: PLC0415

    tab = opened(ready("pass") / "report.html")
    element = tab.canvas(1)

    def view() -> dict[str, float]:
        return dict(tab.run("return {...window.braggproof.view}"))

    start = view()
    tab.one("[data-do=in]").click()
    assert view()["scale"] == pytest.approx(1.5 * start["scale"])
    before = view()
    ActionChains(tab.driver).move_to_element(element).click_and_hold().move_by_offset(
        -40, 25
    ).release().perform()
    after = view()
    assert (after["x"] - before["x"]) * before["scale"] == pytest.approx(40, abs=1)
    assert (after["y"] - before["y"]) * before["scale"] == pytest.approx(-25, abs=1)
    tab.hover(element, 30, 20)
    under = tab.pixel_under(element)
    tab.wheel(element, 30, 20, -400)
    assert view()["scale"] > 1.5 * after["scale"]
    assert np.abs(np.subtract(tab.pixel_under(element), under)).max() <= 1  # about the pointer
    tab.hover(element)
    text = tab.hover(element, 1, 1)
    slow, fast = (int(n) for n in re.search(r"slow (\d+)  fast (\d+)", text).groups())  # type: ignore[union-attr]
    element.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    text = tab.one("output.readout").text
    assert f"slow {slow + 1}  fast {fast + 2}" in text
    zoomed = view()["scale"]
    element.send_keys("-")
    assert view()["scale"] == pytest.approx(zoomed / 1.5)
    element.send_keys("0")
    assert view() == pytest.approx(start)


def test_the_wheel_scrolls_the_page_until_the_viewer_is_used(opened: Any, ready: Any) -> None:

    tab = opened(ready("pass") / "report.html")
    element = tab.canvas()
    scale, top = tab.run("return [window.braggproof.view.scale, scrollY]")
    tab.wheel(element, 0, 0, 300)
    tab.until("return scrollY > arguments[0]", top)
    assert tab.run("return window.braggproof.view.scale") == scale


def test_what_is_painted_is_the_data(opened: Any, ready: Any) -> None:
    """Zoomed in: dark where C is bright, white where it is faint, a colour where they differ."""
    bundle = ready("pass")
    tab = opened(bundle / "report.html")
    c, py = image(bundle, "c"), image(bundle, "py_float64")
    tab.run("document.querySelector('[name=marks]').click()")
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
        return list(tab.driver.execute_async_script(script, int(where[0]), int(where[1]), panel))[:3]

    assert max(painted(bright, 0)) < 20
    assert min(painted(faint, 0)) > 235
    assert painted(bright, 1) == painted(bright, 0)
    assert painted(faint, 2) == [247, 247, 247]
    red, _, blue = painted(off, 2)
    assert blue > red  # PyTorch is above C there


def test_the_scale_can_follow_the_view(opened: Any, ready: Any) -> None:
    """The ends of the scale become those of the pixels in view."""
    bundle = ready("pass")
    tab = opened(bundle / "report.html")
    c = image(bundle, "c")
    tab.run("window.braggproof.goto(20, 30, 8)")
    whole = tab.one("[data-ends=light]").text
    tab.choose("scale", "view")
    size = "const c = document.querySelector('.panels canvas'); return [c.clientHeight, c.clientWidth]"
    view = tab.run("return window.braggproof.view")
    middle, half = [view["y"], view["x"]], np.array(tab.run(size)) / view["scale"] / 2
    y0, x0 = np.maximum(0, np.floor(np.subtract(middle, half))).astype(int)
    y1, x1 = np.ceil(np.add(middle, half)).astype(int)
    ends = tab.one("[data-ends=light]").text.split()
    assert " ".join(ends) != whole
    assert float(ends[-1]) == pytest.approx(float(c[y0:y1, x0:x1].max()), rel=6e-3)
    tab.run("window.braggproof.goto(arguments[0], arguments[1], 8)", *map(int, divmod(c.argmax(), SHAPE[1])))
    brightest = f"{float(c.max()):.2e}".replace("e-0", "e-")
    tab.until(
        "return document.querySelector('[data-ends=light]').textContent.endsWith(arguments[0])", brightest
    )


def test_float32_can_be_compared_instead(opened: Any, ready: Any) -> None:
    bundle = ready("pass")
    tab = opened(bundle / "report.html")
    tab.choose("other", "2")
    text = tab.hover(tab.canvas(), 20, 20)
    slow, fast = tab.pixel_under(tab.canvas())
    assert np.float32(read_number(text, "PyTorch float32")) == image(bundle, "py_float32")[slow, fast]
    assert tab.one("[data-title='1']").text == "PyTorch float32"


def test_a_large_frame_says_where_it_is_down_sampled(opened: Any, coarse: Path) -> None:
    tab = opened(coarse / "report.html")
    c = image(coarse, "c")
    exact = tab.run("return window.braggproof.read(88, 101)")  # in the region of interest
    assert exact["exact"]
    assert np.float32(exact["c"]) == c[88, 101]
    rough = tab.run("return window.braggproof.read(21, 9)")
    factor = tab.run("return JSON.parse(document.getElementById('manifest').textContent).factor")
    block = c[21 // factor * factor :, 9 // factor * factor :][:factor, :factor]
    assert not rough["exact"]
    assert rough["c"] == pytest.approx(float(block.max()), rel=1e-3)
    tab.run("window.braggproof.goto(21, 9)")
    text = tab.hover(tab.canvas())
    assert f"down-sampled here: largest of the block of {factor} × {factor} pixels" in text
    assert "≈" in text


def test_close_ups_lead_to_their_spot(opened: Any, ready: Any) -> None:
    tab = opened(ready("pass") / "report.html")
    spots = tab.driver.find_elements("css selector", ".spots li")
    slow, fast = map(int, spots[1].get_attribute("data-pixel").split())
    sizes = "return [...document.querySelectorAll('.spots canvas')].every((c) => c.width === 25)"
    assert tab.run(sizes)
    tab.run("arguments[0].click()", spots[1].find_element("tag name", "button"))
    view = tab.run("return window.braggproof.view")
    assert (view["y"], view["x"]) == (slow + 0.5, fast + 0.5)
    assert f"slow {slow}  fast {fast}" in tab.one("output.readout").text


def test_the_button_leads_to_the_largest_difference(opened: Any, ready: Any) -> None:
    """In photons, relative and in float32 steps, of the two images that are compared."""
    bundle = ready("pass")
    tab = opened(bundle / "report.html")
    c, py = (image(bundle, name).astype(float) for name in ("c", "py_float64"))
    gap = np.abs(py - c)
    relative = np.divide(gap, np.maximum(np.abs(py), np.abs(c)))
    for name, plane in (("absolute", gap), ("relative", relative)):
        tab.choose("difference", name)
        tab.run("document.querySelector('[data-do=largest]').click()")
        slow, fast = np.unravel_index(int(plane.argmax()), SHAPE)
        assert f"slow {slow}  fast {fast} " in tab.one("output.readout").text
        view = tab.run("return window.braggproof.view")
        assert (view["y"], view["x"]) == (slow + 0.5, fast + 0.5)
    tab.choose("difference", "steps")
    slow, fast = tab.run("return window.braggproof.largest()")
    assert c[slow, fast] != py[slow, fast]
    assert tab.one("[data-ends=gap]").text.split("\n") == ["−1", "float32 steps", "+1"]


def test_where_all_are_equal_there_is_no_largest(opened: Any, fresh: Any) -> None:
    bundle = fresh("pass")
    shutil.copy(bundle / "phase_o/c/floatimage.bin", bundle / "phase_o/py_float64/floatimage.bin")
    page.build(bundle)
    tab = opened(bundle / "report.html")
    assert tab.run("return document.querySelector('[data-do=largest]').disabled")
    assert "no difference anywhere" in tab.one("[data-ends=gap]").text


def test_any_two_images_can_be_compared(opened: Any, coarse: Path) -> None:
    """PyTorch in both precisions, the first image left out; where the frame is coarse too."""
    tab = opened(coarse / "report.html")
    tab.choose("first", "1")
    assert (
        tab.run("return document.querySelector('[name=other]').value") == "0"
    )  # swapped, not against itself
    tab.choose("other", "2")
    double, single = image(coarse, "py_float64"), image(coarse, "py_float32")
    found = tab.run("return window.braggproof.read(88, 101)")
    assert np.float32(found["c"]) == double[88, 101]
    assert np.float32(found["other"]) == single[88, 101]
    rough = tab.run("return window.braggproof.read(21, 9)")
    factor = tab.run("return JSON.parse(document.getElementById('manifest').textContent).factor")
    gap = (single.astype(float) - double)[21 // factor * factor :, 9 // factor * factor :][:factor, :factor]
    assert abs(rough["difference"]) == pytest.approx(float(np.abs(gap).max()), rel=0.1)
    assert tab.one("[data-title='0']").text == "PyTorch float64"


def test_the_readout_tells_the_resolution(opened: Any, ready: Any) -> None:
    """d and 2 theta of the pixel, from the wavelength and the place of the detector."""
    tab = opened(ready("pass") / "report.html")
    tab.run("window.braggproof.goto(30, 200)")
    text = tab.one("output.readout").text
    away = 0.3 * np.array([30 + 0.5 - 95, 200 + 0.5 - 110])
    angle = np.arctan2(np.hypot(*away), 100.0)
    assert f"2θ {np.degrees(angle):.2f}°" in text
    d = re.search(r"d (\S+) Å", text)
    assert d is not None
    assert float(d[1]) == pytest.approx(1.0 / (2 * np.sin(angle / 2)), rel=2e-3)


def test_a_ring_is_drawn_where_its_resolution_is(opened: Any, ready: Any) -> None:
    tab = opened(ready("pass") / "report.html")
    script = """const g = JSON.parse(document.getElementById('manifest').textContent).geometry;
      const spacing = ([fast, slow]) => Geometry.spacing(g, slow, fast).d;
      return g.rings.map((d) => [d, Geometry.ring(g, d).filter(Boolean).map(spacing)]);"""
    found = tab.run(script)
    assert len(found) >= 2
    for d, spacings in found:
        assert spacings == pytest.approx([d] * len(spacings), rel=1e-9)


def test_faint_pixels_recede_into_the_page_in_either_theme(opened: Any, ready: Any) -> None:
    """The ends of the scale: on a dark page the bright end is light, the middle of the difference dark."""
    tab = opened(ready("pass") / "report.html")
    script = """const bar = document.querySelector(`[data-bar=${arguments[0]}]`);
      const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      probe.drawImage(bar, arguments[1], 0, 1, 1, 0, 0, 1, 1);
      return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);"""
    ends = [tab.run(script, "light", x) for x in (0, 255)]
    middle = tab.run(script, "gap", 128)
    assert min(ends[0]) > 235
    assert max(ends[1]) < 20
    assert min(middle) > 235
    tab.run("document.getElementById('theme').click()")
    ends = [tab.run(script, "light", x) for x in (0, 255)]
    middle = tab.run(script, "gap", 128)
    tab.run("localStorage.clear()")
    assert max(ends[0]) < 20
    assert max(ends[1]) > 235
    assert max(middle) < 40

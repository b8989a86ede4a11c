"""What the pages must hold, and what must stop them from being written."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence.errors import SealedError
from evidence.report import index, page
from evidence.report.sourced import MissingNumberError

Change = Any


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def change(path: Path, edit: Change) -> None:
    document = json.loads(text(path))
    edit(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_one_file_that_needs_no_network(ready: Any) -> None:
    bundle = ready("pass")
    html = text(bundle / "report.html")
    assert len(html) < 6_000_000
    assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\((?!#)""", html)
    assert not re.search(r"<link(?! rel=\"icon\" href=\"data:)", html)


@pytest.mark.parametrize(("kind", "sentence"), [
    ("pass", "every gate passes"),
    ("fail", "VG-2 fails: Structure factor and normalization"),
    ("blocked", "VG-2 could not be evaluated"),
])  # fmt: skip
def test_the_verdict_comes_first(ready: Any, kind: str, sentence: str) -> None:
    bundle = ready(kind)
    html = text(bundle / "report.html")
    heading = re.search(r"<h1>(.*?)</h1>", html)
    assert heading is not None
    assert sentence in heading[1]
    assert html.index("<h1>") < html.index("<h2")


def test_the_first_divergence_is_marked_with_both_functions(ready: Any) -> None:
    bundle = ready("fail")
    html = text(bundle / "report.html")
    assert html.count("first divergence</strong>") == 1
    assert "simulator/lattice.py:sincg | simulator/reference/lattice.c:sincg" in html


def test_text_is_escaped(ready: Any) -> None:
    bundle = ready("pass")
    html = text(bundle / "report.html")
    assert "A &lt;fast&gt; &amp; quiet CPU" in html
    assert "<fast>" not in html
    assert "-lambda 1 &lt;&amp;&gt;" in html


def test_earlier_attempts_are_linked_and_killed_ones_shown(ready: Any) -> None:
    bundle = ready("blocked")
    html = text(bundle / "report.html")
    assert '<a href="../20261120T080000Z/report.html">' in html
    assert '<a href="../20261120T070000Z/report.html">' not in html
    assert "20261120T070000Z" in html
    assert "killed" in html


DAMAGE = {
    "a figure of a check is gone": ("gates.json", lambda d: d["gates"][0]["checks"][0].pop("measured")),
    "a margin is gone": ("gates.json", lambda d: d["gates"][0]["checks"][0].pop("margin")),
    "a metric is gone": ("phase_o/metrics.json", lambda d: d["tables"]["float64"].pop("max_ratio")),
    "a duration is gone": ("phase_o/c/run.json", lambda d: d.pop("cpu_s")),
    "a figure is text": ("gates.json", lambda d: d["gates"][0]["checks"][0].update(measured="3e-14")),
    "the steps are gone": ("run_metadata.json", lambda d: d.pop("steps")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_missing_number_stops_the_report(fresh: Any, damage: str) -> None:
    bundle = fresh("pass")
    name, edit = DAMAGE[damage]
    change(bundle / name, edit)
    with pytest.raises(Exception, match=r"(?i)undefined|no attribute|expected a number|KeyError|'\w+'"):
        page.build(bundle)
    assert not (bundle / "report.html").exists()


def test_the_complaint_names_template_line_and_key(fresh: Any) -> None:
    bundle = fresh("pass")
    change(bundle / "phase_o/metrics.json", lambda d: d["tables"]["float64"].pop("max_ratio"))
    with pytest.raises(MissingNumberError, match=r"^parts/plots\.html\.j2 line \d+: .*'max_ratio'"):
        page.build(bundle)


@pytest.mark.parametrize("name", ["gates.json", "env.json", "run_metadata.json"])
def test_a_missing_file_stops_the_report(fresh: Any, name: str) -> None:
    bundle = fresh("pass")
    (bundle / name).unlink()
    with pytest.raises(MissingNumberError, match=name):
        page.build(bundle)


def test_not_a_number_in_a_json_is_refused(fresh: Any) -> None:
    bundle = fresh("pass")
    path = bundle / "gates.json"
    path.write_text(text(path).replace('"margin": 0', '"margin": NaN, "x": 0', 1))
    with pytest.raises(MissingNumberError, match=r"gates\.json: expected JSON, got 'the constant NaN'"):
        page.build(bundle)


def test_a_sealed_bundle_is_left_alone(fresh: Any) -> None:
    bundle = fresh("pass")
    (bundle / "SEALED").write_text("x\n")
    with pytest.raises(SealedError):
        page.build(bundle)
    assert not (bundle / "report.html").exists()


def test_without_images_the_page_says_why(fresh: Any) -> None:
    bundle = fresh("blocked")
    change(bundle / "phase_o/c/run.json", lambda d: d.update(status="failed", reason="exit status 1"))
    page.build(bundle)
    html = text(bundle / "report.html")
    assert "There are no two images" in html
    assert 'id="viewer"' not in html


def test_pixels_that_are_not_finite_do_not_break_the_page(fresh: Any) -> None:
    bundle = fresh("fail")
    path = bundle / "phase_o/py_float64/floatimage.bin"
    image = np.fromfile(path, "<f4")
    image[:5] = [np.nan, np.inf, -np.inf, -1, 0]
    image.tofile(path)
    page.build(bundle)
    assert (bundle / "report.html").stat().st_size > 100_000


def test_a_phase_that_wrote_nothing_is_still_reported(fresh: Any) -> None:
    """gates.json says blocked without checks, as the gates do when a phase left no metrics.json."""
    bundle = fresh("blocked")
    (bundle / "phase_l/metrics.json").unlink()
    reason = "phase_l/metrics.json could not be read: No such file or directory"
    change(bundle / "gates.json", lambda d: d["gates"][1].update(checks=[], status="blocked", reason=reason))
    page.build(bundle)
    assert reason in text(bundle / "report.html")
    assert reason in text(bundle / "fix_checklist.md")


def test_reports_are_the_same_when_written_again(fresh: Any) -> None:
    bundle = fresh("fail")
    page.build(bundle)
    before = text(bundle / "report.html")
    page.build(bundle)
    assert text(bundle / "report.html") == before


def test_the_index_lists_every_attempt(ready: Any) -> None:
    bundle = ready("pass")
    results = bundle.parent.parent
    html = text(results / "index.html")
    assert html.count("<tr data-state=") == 5
    assert html.count('data-state="killed"') == 1
    assert f'href="demo/{bundle.name}/report.html"' in html
    assert "20261120T073000Z</a>" not in html  # its report is not there
    assert len(re.findall(r"<polyline points=\"[\d. ,]+\"", html)) == 3
    markdown = text(results / "ledger.md")
    assert "| 1 | demo | 20261120T070000Z | 2026-11-20T07:00:00.000Z | killed | – | – | – |" in markdown
    assert "VG-2 fail" in markdown


def test_the_index_of_an_empty_store(tmp_path: Path) -> None:
    index.build(tmp_path)
    assert "No attempt yet" in text(tmp_path / "index.html")


def test_drift_against_a_pin(fresh: Any) -> None:
    """A gate that flipped, the figures then and now, and a pin whose bundle was changed since."""
    import hashlib  # noqa: PLC0415

    bundle = fresh("fail")
    then = bundle.parent / "20261120T080000Z"
    (then / "SHA256SUMS").write_text("")
    kept = {"case": "demo", "stamp": then.name, "time": "2026-11-20T08:01:00.000Z"}
    pins = {
        "base": {**kept, "sha256sums": hashlib.sha256(b"").hexdigest()},
        "gone": {**kept, "sha256sums": "0" * 64},
    }
    (bundle.parent.parent / "pins.json").write_text(json.dumps({"schema": 1, "pins": pins}))
    page.build(bundle)
    html = text(bundle / "report.html")
    assert "VG-2 factors (pass → fail)" in html
    assert 'data-src="../20261120T080000Z/gates.json#/gates/2/checks/0/measured">2e-15</data>' in html
    assert "pin gone: expected demo/20261120T080000Z as it was pinned, got another or none" in html

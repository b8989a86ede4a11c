"""What the pages must hold, and what must stop them from being written."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markupsafe import escape

from evidence import gates
from evidence.errors import SealedError
from evidence.ledger import attempts
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


def test_a_phase_run_alone_does_not_replace_the_verdict_of_a_case(fresh: Any) -> None:
    results = fresh("pass").parent.parent
    attempts.append_start(results, "demo", "20261120T120000Z")
    attempts.append_end(results, "demo", "20261120T120000Z", "incomplete")
    index.build(results)
    html = text(results / "index.html")
    card = html[html.index('data-case="demo"') :]
    card = card[: card.index("</section>")]
    assert "Bundle 20261120T100000Z" in card  # the newest with a verdict, which is blocked
    assert ">1</data>" in card[card.index("without a verdict") :]
    assert html.count("<tr data-state=") == 6


def test_the_history_tells_gates_and_engine_of_each_attempt(fresh: Any) -> None:
    bundle = fresh("fail")
    results = bundle.parent.parent
    end = {
        "gates": {gate: "pass" for gate in ("VG-0", "VG-2")},
        "nearest": {"VG-0": {"name": "hkl", "measured": 1e-9, "digits_past": 5.25}, "VG-1": None},
        "phases": {"K": 3.5},
        "engines": {"c": {"kind": "stock", "binary_sha256": "1a2b3c4d5e6f"}},
    }
    attempts.append_start(results, "demo", "20261120T050000Z")
    attempts.append_end(results, "demo", "20261120T050000Z", "pass", sha256sums="5" * 64, **end)
    page.build(bundle)
    html = text(bundle / "report.html")
    history = html[html.index('id="history"') :]
    assert "nanoBragg (stock, sha256 1a2b3c4d...)" in history
    assert ">5.25</data>" in history
    assert ">3.5 s</data>" in history
    assert "VG-0, digits past the threshold over the attempts" in history


PAGES = ("report.html", "../../index.html")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_may_run_but_the_scripts_that_stand_in_the_page(ready: Any, name: str) -> None:
    html = text(ready("pass") / name)
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
    assert policy is not None
    assert html.index(policy[0]) < html.index("<style>")
    assert "default-src 'none'" in policy[1]
    scripts = re.findall(r"<script>(.*?)</script>", html, re.S)
    digests = {base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts}
    assert scripts
    assert digests == set(re.findall(r"'sha256-([^']+)'", policy[1]))
    assert "unsafe" not in policy[1].replace("style-src 'unsafe-inline'", "")


def test_gates_are_folded_unless_they_need_a_look(ready: Any) -> None:
    html = text(ready("fail") / "report.html")
    found = dict(re.findall(r'<details class="gate" id="(VG-\d)"( open)?', html))
    assert {gate for gate, state in found.items() if state} == {"VG-2"}
    assert set(found) == {gate.id for gate in gates.GATES}
    assert "structure factor, lattice factor, sum before scaling: 0.01, accepted &lt;= 1e-06" in html


def test_the_description_is_shown(ready: Any) -> None:
    assert "A made-up frame, for the tests of the pages." in text(ready("pass") / "report.html")


def test_a_case_needs_no_description(fresh: Any) -> None:
    bundle = fresh("pass")
    path = bundle / "inputs" / "case.yaml"
    path.write_text("".join(line for line in text(path).splitlines(True) if "description" not in line))
    page.build(bundle)
    assert "A made-up frame" not in text(bundle / "report.html") + text(bundle / "report.md")


@pytest.mark.parametrize(("kind", "words"), [
    ("pass", ["### ✓ pass: demo.", "| VG-0 Base lattice and scaling chain | ✓ pass |", "48000 pixels"]),
    ("fail", ["### ✕ fail: demo. VG-2 fails", "**VG-2 fail**", "snakemake phase_m --config case=demo"]),
    ("blocked", ["○ blocked", "this binary prints no trace", "First divergence of the traces: not traced"]),
])  # fmt: skip
def test_the_markdown_for_a_pull_request(ready: Any, kind: str, words: list[str]) -> None:
    bundle = ready(kind)
    markdown = text(bundle / "report.md")
    for word in words:
        assert word in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| VG-")]
    assert [row.count("|") for row in rows] == [6] * len(gates.GATES)
    assert html_of(markdown) in text(bundle / "report.html")


def html_of(markdown: str) -> str:
    """As it stands in the page, to be copied."""
    return str(escape(markdown.strip()))

"""The memo and the checklist follow the gates and say nothing else."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from evidence.commands.braggproof import parser
from evidence.report import page

PARTS = ["## Do now", "## If blocked", "## How-to map", "## Pitfalls", "## Pointers", "## Next up"]


def built(bundle: Path) -> dict[str, str]:
    """Section of the memo -> its text; "" is the headline."""
    memo = (bundle / "memo.md").read_text(encoding="utf-8")
    found = re.split(r"^(## .*)$", memo, flags=re.M)
    assert found[1::2] == PARTS
    return {"": found[0], **dict(zip(found[1::2], found[2::2], strict=True))}


def test_all_pass(ready: Any) -> None:
    memo = built(ready("pass"))
    assert "all 7 gates pass" in memo[""]
    assert "Nothing needs fixing" in memo["## Do now"]
    assert "braggproof pin" in memo["## Do now"]
    assert "Nothing is blocked" in memo["## If blocked"]
    assert "identical_share: 0.997857" in memo["## Next up"]


def test_the_pin_it_proposes_can_be_typed(ready: Any) -> None:
    bundle = ready("pass")
    (line,) = [line for line in built(bundle)["## Do now"].splitlines() if "braggproof pin" in line]
    asked = parser().parse_args(shlex.split(line)[1:])
    assert (asked.command, asked.case, asked.stamp) == ("pin", bundle.parent.name, bundle.name)


def test_one_fails(ready: Any) -> None:
    bundle = ready("fail")
    memo = built(bundle)
    assert "VG-2 fails" in memo[""]
    assert "\n    snakemake phase_m --config case=demo\n" in memo["## Do now"]
    assert "The traces part at `F_latt`, by 0.01 relative" in memo["## Do now"]
    assert "simulator/lattice.py:sincg" in memo["## Do now"]
    assert "Nothing is blocked" in memo["## If blocked"]
    assert "| 0.01 | fail |" in memo["## How-to map"]


def test_one_is_blocked(ready: Any) -> None:
    memo = built(ready("blocked"))
    assert "VG-2 is blocked" in memo[""]
    assert "Nothing failed, but VG-2" in memo["## Do now"]
    assert "this binary prints no trace (-trace_pixel)" in memo["## If blocked"]
    assert "| this binary prints no trace (-trace_pixel) | blocked |" in memo["## How-to map"]
    assert "trace" not in memo["## Pointers"]


@pytest.mark.parametrize("kind", ["pass", "fail", "blocked"])
def test_it_invents_no_number(ready: Any, kind: str) -> None:
    """Each number with a point or an exponent is one of the bundle's, spelt as the formats spell it."""
    bundle = ready(kind)
    memo = (bundle / "memo.md").read_text(encoding="utf-8")
    values: set[float] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                collect(item)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            values.update((float(value), 100 * float(value), abs(float(value) - 1)))

    for name in bundle.rglob("*.json"):
        collect(json.loads(name.read_text()))
    numbers = [
        float(n)
        for n in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.-])", memo)
        if "." in n or "e" in n
    ]
    assert numbers
    for number in numbers:
        assert any(number == pytest.approx(value, rel=0.03) for value in values), number


@pytest.mark.parametrize("kind", ["pass", "fail", "blocked"])
def test_the_checklist_has_one_row_a_gate(ready: Any, kind: str) -> None:
    bundle = ready(kind)
    rows = re.findall(r"^\| \[(.)\] \| (VG-\d) .*$", (bundle / "fix_checklist.md").read_text(), flags=re.M)
    gates = json.loads((bundle / "gates.json").read_text())["gates"]
    assert rows == [("x" if gate["status"] == "pass" else " ", gate["id"]) for gate in gates]


def test_each_phase_has_its_summary(ready: Any) -> None:
    bundle = ready("fail")
    for letter in "klmno":
        summary = (bundle / f"phase_{letter}" / "summary.md").read_text(encoding="utf-8")
        assert summary.startswith(f"# Phase {letter.upper()}: ")
    assert "first divergence at `F_latt`" in (bundle / "phase_m" / "summary.md").read_text()
    assert "| 99.8 % |" in (bundle / "phase_o" / "summary.md").read_text()


def test_pitfalls_come_from_the_evidence(fresh: Any) -> None:
    bundle = fresh("pass")
    page.build(bundle)
    memo = built(bundle)
    assert "Float32 leaves residuals" in memo["## Pitfalls"]
    assert "uncommitted" in memo["## Pitfalls"]
    assert "outside binary" not in memo["## Pitfalls"]
    for name, edit in (
        ("env.json", lambda d: d["git"].update(dirty=False)),
        ("phase_o/c/run.json", lambda d: d.update(kind="stock", threads=4, warnings=["-curved_det is odd"])),
        ("phase_o/metrics.json", lambda d: d["tables"].pop("float32")),
    ):
        document = json.loads((bundle / name).read_text())
        edit(document)
        (bundle / name).write_text(json.dumps(document))
    page.build(bundle)
    memo = built(bundle)
    assert "outside binary, ran on 4 threads" in memo["## Pitfalls"]
    assert "reads this command otherwise than our engines: -curved_det is odd" in memo["## Pitfalls"]
    assert "<li>-curved_det is odd</li>" in (bundle / "report.html").read_text(encoding="utf-8")
    assert "uncommitted" not in memo["## Pitfalls"]
    assert "Float32" not in memo["## Pitfalls"]

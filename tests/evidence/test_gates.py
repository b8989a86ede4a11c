"""Gates can fail: a NaN, a missing number, a value outside, a missing or damaged file never pass."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from evidence import gates
from evidence.limits import NOTHING, Limit
from tests.helpers.checks import check

UP_TO = {"accept": 1e-6, "goal": 1e-12}
AROUND = {"accept": [0.99, 1.01], "goal": 1e-9}
AT_LEAST = {"accept": 0.9995, "goal": 0.999999999}
NONE = {"accept": 0.0, "goal": None}


@pytest.mark.parametrize(
    ("comparison", "limit", "value", "status"),
    [
        ("<=", UP_TO, 0.0, "pass"),
        ("<=", UP_TO, 1e-6, "pass"),
        ("<=", UP_TO, 1.000001e-6, "fail"),
        ("<=", UP_TO, math.nan, "fail"),
        ("<=", UP_TO, math.inf, "fail"),
        ("<=", UP_TO, -math.inf, "fail"),
        ("<=", UP_TO, None, "blocked"),
        (">=", AT_LEAST, 1.0, "pass"),
        (">=", AT_LEAST, 0.9994, "fail"),
        (">=", AT_LEAST, -1.0, "fail"),
        (">=", AT_LEAST, math.nan, "fail"),
        (">=", AT_LEAST, None, "blocked"),
        ("range", AROUND, 1.0, "pass"),
        ("range", AROUND, 0.989, "fail"),
        ("range", AROUND, 1.011, "fail"),
        ("range", AROUND, -1.0, "fail"),
        ("range", AROUND, math.nan, "fail"),
        ("range", AROUND, None, "blocked"),
        ("equals", NONE, 0.0, "pass"),
        ("equals", NONE, 1.0, "fail"),
        ("equals", NONE, math.nan, "fail"),
        ("equals", NONE, None, "blocked"),
    ],
)
def test_check(comparison: str, limit: dict[str, Any], value: float | None, status: str) -> None:
    found = check("VG-2", "x", value, comparison, limit)
    assert found["status"] == status
    assert (found["reason"] is None) == (status == "pass" or (status == "fail" and math.isfinite(value or 0)))
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("comparison", "limit", "value", "margin", "digits"),
    [
        ("<=", UP_TO, 1e-9, 1e-6 - 1e-9, 3.0),
        ("<=", UP_TO, 1e-5, 1e-6 - 1e-5, -1.0),
        ("<=", UP_TO, 0.0, 1e-6, None),
        ("range", AROUND, 1.001, 0.009, 1.0),
        ("range", AROUND, 0.9, -0.09, -1.0),
        (">=", AT_LEAST, 0.99995, 0.00045, 1.0),
        ("equals", NONE, 0.0, None, None),
    ],
)
def test_margin(
    comparison: str, limit: dict[str, Any], value: float, margin: float | None, digits: float | None
) -> None:
    found = check("VG-2", "x", value, comparison, limit)
    assert found["margin"] == (None if margin is None else pytest.approx(margin, rel=1e-9))
    assert found["digits_past"] == (None if digits is None else pytest.approx(digits, abs=1e-6))


def passing(gate: str) -> dict[str, Any]:
    return check(gate, "x", 0.0, "<=", UP_TO)


def metrics() -> dict[str, dict[str, Any] | str]:
    found: dict[str, dict[str, Any] | str] = {}
    for phase in gates.PHASES:
        found[phase] = {"checks": [passing(gate.id) for gate in gates.GATES if gate.phase == phase]}
    return found


def test_all_pass() -> None:
    judged = gates.assemble("tiny", "20260102T030405Z", metrics())
    assert judged["verdict"] == "pass"
    assert judged["first_failing"] is None
    assert [gate["id"] for gate in judged["gates"]] == [f"VG-{n}" for n in range(7)]
    assert judged["gates"][2]["command"] == "snakemake phase_m --config case=tiny"


@pytest.mark.parametrize("gate", gates.GATES)
@pytest.mark.parametrize(
    ("value", "status"), [(2e-6, "fail"), (math.nan, "fail"), (None, "blocked")], ids=["off", "nan", "none"]
)
def test_one_bad_check_decides(gate: gates.Gate, value: float | None, status: str) -> None:
    found = metrics()
    checks = found[gate.phase]["checks"]  # type: ignore[index]
    checks.append(check(gate.id, "bad", value, "<=", UP_TO))
    judged = gates.assemble("tiny", "s", found)
    assert judged["verdict"] == status
    assert judged["first_failing"] == gate.id
    assert [each["status"] for each in judged["gates"] if each["id"] != gate.id] == ["pass"] * 6


@pytest.mark.parametrize("gate", gates.GATES)
def test_a_gate_without_checks_is_blocked(gate: gates.Gate) -> None:
    found = metrics()
    found[gate.phase]["checks"] = [passing(g.id) for g in gates.GATES if g.phase == gate.phase and g != gate]  # type: ignore[index]
    judged = gates.assemble("tiny", "s", found)
    assert judged["verdict"] == "blocked"
    assert judged["first_failing"] == gate.id


@pytest.mark.parametrize("phase", gates.PHASES)
def test_a_phase_that_did_not_run_is_blocked(phase: str) -> None:
    found = metrics()
    del found[phase]
    assert gates.assemble("tiny", "s", found)["verdict"] == "blocked"


def test_fail_outweighs_blocked() -> None:
    assert gates.status_of([passing("VG-0"), {"status": "blocked"}, {"status": "fail"}]) == "fail"
    assert gates.status_of([{"status": "skipped"}]) == "fail"
    assert gates.status_of([{"status": "pass", "measured": None}]) == "fail"
    assert gates.status_of([]) == "blocked"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (None, "could not be read"),
        ("", "damaged"),
        ("{}", "damaged"),
        ('{"checks": [{"gate": "VG-0", "measured": NaN}]}', "NaN is no JSON number"),
        ('{"checks": []}', "holds no check"),
        ('{"checks": [1]}', "damaged"),
    ],
)
def test_metrics_that_cannot_be_judged(tmp_path: Path, text: str | None, word: str) -> None:
    path = tmp_path / "phase_k" / "metrics.json"
    path.parent.mkdir()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    reason = gates.read_phase(path)
    assert isinstance(reason, str)
    assert word in reason
    judged = gates.assemble("tiny", "s", {**metrics(), "K": reason})
    assert judged["verdict"] == "blocked"
    assert judged["gates"][0]["reason"] == reason


@pytest.mark.parametrize("value", [0.0, 1e-7, 2e-6, math.nan, None])
def test_a_check_reads_itself_back(value: float | None) -> None:
    for limit in (
        Limit("<=", 1e-6, 1e-12, "px"),
        Limit("range", (0.99, 1.01), 1e-7),
        NOTHING,
    ):
        made = gates.judge("VG-2", "x", value, limit, "why")
        assert gates.Check.from_dict(json.loads(json.dumps(made.to_dict()))) == made

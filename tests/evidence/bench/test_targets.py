"""A promise is kept only by a figure that was measured and is good enough."""

from collections.abc import Callable
from typing import Any

import pytest

from evidence.bench.digest import digest
from evidence.bench.targets import judge
from tests.helpers.timings import Parts, scaling


def checks(parts: Parts) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for gate in judge(digest(parts), "x")["gates"] for check in gate["checks"]}


def test_all_kept(parts: Parts) -> None:
    judged = judge(digest(parts), "20260101T000000Z")
    assert judged["verdict"] == "pass", judged["first_failing"]
    found = checks(parts)
    assert found["float64_vs_c_one"]["measured"] == pytest.approx(
        16.0, rel=0.01
    )  # 8 s without start-up, 0.5 s
    assert found["float64_vs_c_all"]["measured"] == pytest.approx(9.0, rel=0.01)
    assert found["frame"]["measured"] == 490_000_000


@pytest.mark.parametrize(
    ("part", "who", "factor", "failing"),
    [
        ("frame", "steady_float64_on_2", 1.4, {"float64_vs_c_one"}),
        ("frame", "steady_float64_on_2", 1.6, {"float64_vs_c_one", "float64_vs_c_all"}),
        ("frame", "steady_float32_on_2", 1.5, {"float32_vs_c_one"}),
        ("frame", "whole_float64", 2.0, {"whole_over_c_all"}),
        ("frame", "whole_float64_first", 1.2, {"whole_first_over_c_all"}),
        ("features", "square_float64", 2.5, {"square"}),
        ("tasks", "import", 1.5, {"import"}),
        ("tasks", "read", 1.5, {"read"}),
        ("tasks", "no_op", 2.0, {"no_op"}),
    ],
)
def test_too_slow_fails(
    slower: Callable[[str, str, float], Parts], part: str, who: str, factor: float, failing: set[str]
) -> None:
    found = checks(slower(part, who, factor))
    assert {name for name, check in found.items() if check["status"] == "fail"} == failing


def test_time_that_grows_faster_than_work_fails(parts: Parts) -> None:
    parts["scaling"] = scaling(power=1.1)
    found = checks(parts)
    assert {found[f"exponent_{axis}"]["status"] for axis in ("pixels", "steps")} == {"fail"}


@pytest.mark.parametrize(
    ("part", "who", "blocked"),
    [
        ("frame", "frame_c1", {"float64_vs_c_one", "float32_vs_c_one"}),
        ("scaling", "memory_many", {"many_steps"}),
        ("scaling", "memory_imports", {"frame", "many_steps"}),
        ("features", "curved_float64", {"curved"}),
        ("tasks", "parity", {"parity"}),
    ],
)
def test_what_failed_to_run_is_blocked(parts: Parts, part: str, who: str, blocked: set[str]) -> None:
    for sample in parts[part]["samples"]:
        if sample["contender"] == who and sample["round"] == 1:
            sample |= {"problem": "exit status 1", "peak_rss_bytes": None}
    if part == "scaling":
        parts[part]["samples"] = [s for s in parts[part]["samples"] if s["contender"] != who or s["problem"]]
    judged = judge(digest(parts), "x")
    assert judged["verdict"] == "blocked"
    found = {c["name"]: c for gate in judged["gates"] for c in gate["checks"]}
    assert {name for name, check in found.items() if check["status"] == "blocked"} == blocked
    assert all(found[name]["measured"] is None and found[name]["reason"] for name in blocked)


def test_speed_without_the_same_pixels_fails(parts: Parts) -> None:
    parts["frame"]["facts"]["likeness"][0]["identical_share"] = 0.98
    assert checks(parts)["float64_same_pixels"]["status"] == "fail"


def test_a_smoke_run_is_never_a_pass(parts: Parts) -> None:
    for part in parts.values():
        part["size"] = "smoke"
    judged = judge(digest(parts), "x")
    assert judged["verdict"] == "blocked"
    assert {c["status"] for gate in judged["gates"] for c in gate["checks"]} == {"blocked"}

"""Shrinking a command line: flags, then numbers, then pixels, while the same gate fails."""

from typing import Any

import numpy as np
import pytest

from evidence.campaigns.expand import Case
from evidence.causes.reduce import Reducer, furthest, kind_of, numbers
from evidence.engines.arguments import flat, grouped

LONG = (
    "-cell 51 62 73 84 95 106 -default_F 17 -N 5 -polar 0.95 -water 3 -detpixels 64 -pixel 0.3 -mosflm -phi 2"
)


def reducer(fails: Any, reason: str = "identical_share 0, not >= 1") -> Reducer:
    """Of an engine that fails where `fails(flags)` is true."""

    def run(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
        given = {group[0]: group[1:] for group in grouped(case.arguments)}
        bad = "-cell" in given and fails(given)
        cell = {"verdict": "fail" if bad else "pass", "reason": reason if bad else "", "metrics": {"a": 0.0}}
        return {"cells": {"py": cell}}, {}

    found = Reducer(run, Case("long", tuple(LONG.split())), "py")
    assert found.start()
    return found


def test_flags_that_do_not_matter_go() -> None:
    found = reducer(lambda given: "-polar" in given and "-N" in given)
    assert {group[0] for group in found.reduce()} == {"-cell", "-polar", "-N", "-detpixels"} - {"-detpixels"}


def test_numbers_become_simple_but_not_beyond_what_fails() -> None:
    found = reducer(lambda given: float(given.get("-polar", ["0"])[0]) > 0.5)
    assert ["-polar", "1"] == [word for group in found.reduce() if group[0] == "-polar" for word in group]


def test_pixels_go_down_to_what_fails() -> None:
    found = reducer(lambda given: int(given.get("-detpixels", ["0"])[0]) >= 7)
    assert ("-detpixels", "7") in found.reduce()


def test_another_gate_failing_is_another_failure() -> None:
    """Without -polar something else fails: the reduction must not slip over to it."""

    def run(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
        reason = "sum_ratio 2, not 0.9 to 1.1" if "-polar" in case.arguments else "correlation 0, not >= 1"
        return {"cells": {"py": {"verdict": "fail", "reason": reason, "metrics": {"a": 0.0}}}}, {}

    found = Reducer(run, Case("long", tuple(LONG.split())), "py")
    found.start()
    assert [group[0] for group in found.reduce()] == ["-polar"]


def test_a_case_that_passes_is_nothing_to_reduce() -> None:
    found = Reducer(
        lambda case: ({"cells": {"py": {"verdict": "pass", "reason": "", "metrics": {}}}}, {}),
        Case("a", ()),
        "py",
    )
    assert not found.start()


def test_reasons_are_told_apart_without_their_numbers() -> None:
    metrics = {"metrics": {"correlation": 0.5}}
    assert kind_of({"reason": "correlation 0.5, not >= 1; sum_ratio 2", **metrics}) == "correlation"
    plain = [kind_of({"reason": f"{n} pixels are not finite", "metrics": {}}) for n in (3, 17)]
    assert plain[0] == plain[1] != kind_of({"reason": "exit status 3", "metrics": {}})


@pytest.mark.parametrize(
    "words", ["-N 5", "-misset 10.5 20.25 -9.75", "-mat A.mat", "-detector_abs inf", "-phi -0.3"]
)
def test_offers_are_simpler_and_end(words: str) -> None:
    groups = grouped(words.split())
    for _ in range(60):
        offers = list(numbers(groups))
        if not offers:
            break
        groups = offers[-1]
    else:
        pytest.fail(f"{flat(groups)} can be made simpler for ever")


def test_the_pixel_that_differs_most() -> None:
    a = np.ones((4, 5), "<f4")
    b = a.copy()
    b[2, 3], b[1, 1] = 1.5, 1.1
    assert furthest(a, b) == (2, 3)
    b[0, 4] = np.nan
    assert furthest(a, b) == (0, 4)

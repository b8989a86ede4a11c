"""Contenders take turns; warm-ups and failures do not count."""

from evidence.bench.contest import Contender, Sample, contest, problem, times


def test_each_round_runs_everybody_in_turn() -> None:
    order: list[str] = []

    def runner(name: str, seconds: float) -> Contender:
        def go() -> Sample:
            order.append(name)
            return Sample(seconds * len(order))

        return Contender(name, name, "steady", go)

    found = contest([runner("a", 1.0), runner("b", 10.0)], rounds=2, warmups=1)
    assert order == ["a", "b"] * 3
    assert times(found, "a") == [3.0, 5.0]  # the warm-up, 1.0, is no measurement
    assert times(found, "b") == [40.0, 60.0]


def test_who_fails_once_has_no_times_and_is_not_run_again() -> None:
    calls: list[int] = []

    def go() -> Sample:
        calls.append(1)
        return Sample(0.1) if len(calls) < 2 else Sample(0.0, problem="exit status 3")

    found = contest([Contender("x", "x", "whole", go)], rounds=5, warmups=0)
    assert len(calls) == 2
    assert times(found, "x") == []
    assert problem(found, "x") == "exit status 3"


def test_once_means_once_and_never_in_a_warm_up() -> None:
    calls: list[int] = []
    long = Contender("x", "x", "memory", lambda: (calls.append(1), Sample(7.0))[1], once=True)
    found = contest([long], rounds=3, warmups=2)
    assert len(calls) == 1
    assert times(found, "x") == [7.0]
    assert problem(found, "nobody") == "not measured in a run of this size"

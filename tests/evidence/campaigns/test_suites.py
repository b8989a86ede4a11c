"""From a suite's file to its cases: what is shipped, what is covered, what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.campaigns import baseline, coverage
from evidence.campaigns.contenders import contenders, load_engines
from evidence.campaigns.expand import combine, expand, labelled, uncovered
from evidence.campaigns.suite import Suite, load_suite, select, suite_names
from evidence.errors import InputError
from tests.helpers.places import ROOT

SHIPPED = {"golden": 73, "edges": 63, "grid": 320, "pairwise": 100, "guards": 60, "speed": 2, "random": 500}
EXACT = {"golden", "edges", "random"}


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def cases_of(name: str) -> list[Any]:
    return load_suite(name).all_cases()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_suites_have_their_cases_and_engines(name: str) -> None:
    found = len(cases_of(name))
    assert found == SHIPPED[name] if name in EXACT else found >= SHIPPED[name]
    assert [each.name for each in contenders(load_suite(name), {})]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_verdict_is_known_of_every_case(name: str) -> None:
    """Without one, a case that gets worse is no flip."""
    known = baseline.read(baseline.path_of(name))
    assert known is not None
    assert set(known) == {case.name for case in cases_of(name)}


def test_batches_hold_20_to_100_cases() -> None:
    for name in ("golden", "edges", "grid", "pairwise", "guards", "random"):
        assert 20 <= len(cases_of(name)) / load_suite(name).batches <= 100, name


def test_every_flag_is_used_by_a_case_that_is_not_a_refusal() -> None:
    """100 % of the flags, and every spelling of each."""
    rows = []
    engines = load_engines()
    for name in suite_names():
        suite = load_suite(name)
        for case in suite.all_cases():
            asked = case.engines or suite.engines
            cells = {
                each: {"verdict": "pass", "black": False, "added": " ".join(engines[each].arguments)}
                for each in asked
            }
            rows.append(
                {"arguments": " ".join(case.arguments), "expect": case.expect, "cells": cells, "quirks": []}
            )
    found = coverage.summary(coverage.flag_rows(rows), [])
    assert found["flags"]["none"] == []
    assert found["spellings"]["none"] == []
    assert found["values"]["none"] == []


def test_every_pair_of_values_stands_in_some_row() -> None:
    (block, *_) = load_suite("pairwise").cases
    axes = {name: labelled(values) for name, values in block["axes"].items()}
    rows = [case.values for case in cases_of("pairwise") if case.values]
    assert uncovered(axes, rows, 2) == []


def test_an_array_without_a_row_is_noticed() -> None:
    axes = {name: labelled(["a", "b", "c"]) for name in ("x", "y", "z", "w")}
    rows = combine(axes, "pairwise")
    assert len(rows) < 3**4
    assert uncovered(axes, rows, 2) == []
    assert uncovered(axes, rows[: len(rows) // 2], 2)


def test_three_wise_holds_every_triple_and_product_everything() -> None:
    axes = {name: labelled(["a", "b"]) for name in ("x", "y", "z", "v", "w")}
    rows = combine(axes, "three-wise")
    assert uncovered(axes, rows, 3) == []
    assert len(rows) < len(combine(axes, "product")) == 32


def test_excluded_combinations_do_not_occur() -> None:
    axes = {"x": labelled(["a", "b"]), "y": labelled(["c", "d"]), "z": labelled(["e", "f"])}
    for how in ("product", "pairwise"):
        assert not [row for row in combine(axes, how, [{"x": "a", "y": "c"}]) if row["x"] + row["y"] == "ac"]


def test_draws_depend_on_the_seed_alone() -> None:
    def drawn(seed: int) -> list[tuple[str, ...]]:
        block = {
            "name": "r",
            "draws": {"n": 20, "seed": seed, "rows": [["-phi {-9:9}", "-osc {0.1:2.}"], ["", "-N 2"]]},
        }
        return [case.arguments for case in expand(block, [], "here")]

    assert drawn(7) == drawn(7) != drawn(8)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"name": "a"}, "expected one of axes draws list stored, got none"),
        ({"name": "a", "axes": {"x": ["-N 1"]}, "list": {"b": "-N 1"}}, "got axes and list"),
        ({"name": "a", "list": {"b": {"arguments": "-h", "says": ["("]}}}, "expected regular expressions"),
        (
            {"name": "a", "list": {"b": {"arguments": "-h", "says": ["x"], "refuse": "y"}}},
            "expected refuse or says",
        ),
        ({"name": "a", "axes": {"x": ["-N 1"]}, "exclude": [{"x": "q"}]}, "axes and values of this block"),
        ({"name": "a", "list": {"b": '-N "1'}}, "here case b arguments: expected shell words, got '-N \"1'"),
        ({"name": "a", "axes": {"x": ["-N '1"]}}, "here case a1 arguments: expected shell words"),
        (
            {"name": "a", "draws": {"n": 1, "seed": 1, "rows": [["", "-phi {5:1}"]]}},
            "low <= high, got '{5:1}'",
        ),
        ({"name": "a", "draws": {"n": 1, "seed": 1, "rows": [["-phi {a:b}"]]}}, "draws.rows: .* got '{a:b}'"),
        ({"name": "a", "draws": {"n": 1, "seed": 1, "rows": [["-phi {0.1:inf}"]]}}, "got '{0.1:inf}'"),
        ({"name": "a", "draws": {"n": 1, "seed": 1, "rows": [["-phi {1-5}"]]}}, "got '{1-5}'"),
        ({"name": "a", "draws": {"n": 1, "seed": 1, "rows": [["-phi {1:5"]]}}, "got '{1:5'"),
    ],
)
def test_a_block_that_cannot_be_is_told(block: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        expand(block, [], "here")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"enginess": 1}, "enginess"),
        ({"reference": "golden"}, "expected one of c torch-float64"),
        ({"gates": {"torch-float32": {"identical_share": 1.0}}}, "limits for torch-float64"),
        ({"batches": 0}, "batches"),
        ({"gates": {"default": {"identical": 1}}}, "identical"),
    ],
)
def test_a_suite_is_a_closed_document(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    good = {
        "title": "T",
        "engines": ["c", "torch-float64"],
        "reference": "c",
        "batches": 1,
        "gates": {"default": {"identical_share": 1.0}},
        "cases": [{"name": "a", "list": {"b": "-N 1"}}],
    }
    path = tmp_path / "one.yaml"
    path.write_text(yaml.safe_dump(good))
    assert len(load_suite("one", tmp_path).all_cases()) == 1
    path.write_text(yaml.safe_dump({**good, **change}))
    with pytest.raises(InputError, match=told):
        load_suite("one", tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('["-N 1"]', "key stored: expected name -> arguments in .*, got a list"),
        ('{"a": 1}', "key a: expected arguments, or a record with args, got '1'"),
        ('{"a": {"shape": [1, 1]}}', "key a: expected arguments, or a record with args, got 'None'"),
        ('{"a": "-N \'1"}', "key a arguments: expected shell words"),
        ("nonsense", "key stored: expected JSON"),
    ],
)
def test_stored_command_lines_that_cannot_be_are_told(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "stored.json"
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        expand({"name": "a", "stored": {"arguments": str(path), "images": "x.npz"}}, [], "here")


def of_blocks(*blocks: dict[str, Any]) -> Suite:
    gates = {"default": {"identical_share": 1.0}}
    path = Path("config/suites/one.yaml")
    return Suite("one", path, "T", ["c", "torch-float64"], "c", 1, gates, blocks, optional=["torch-cuda"])


@pytest.mark.parametrize("name", ["/../../../../../escaped", "../x", "a b", "a,b", "a*", "", "x" * 100])
def test_a_name_of_a_case_stays_in_its_bundle(name: str) -> None:
    with pytest.raises(InputError, match=r"one\.yaml case: expected a name of at most 100 letters"):
        of_blocks({"name": "a", "list": {name or "\n": "-N 1"}}).all_cases()


def test_engines_of_a_case_are_some_of_the_suite() -> None:
    def asking(engine: str) -> Suite:
        return of_blocks({"name": "a", "list": {"b": {"arguments": "-N 1", "engines": [engine]}}})

    assert [case.engines for case in asking("torch-cuda").all_cases()] == [("torch-cuda",)]
    with pytest.raises(
        InputError, match="case a_b key engines: expected one of c torch-float64 torch-cuda, "
    ):
        asking("torch-flaot64").all_cases()


@pytest.mark.parametrize("how", ["product", "pairwise"])
def test_a_block_without_cases_is_no_block(how: str) -> None:
    axes = {axis: ["-N 1", "-N 2"] for axis in "xyz"}
    block = {"name": "a", "axes": axes, "combine": how, "exclude": [{"x": "-N 1"}, {"x": "-N 2"}]}
    with pytest.raises(InputError, match=r"one\.yaml cases 1: expected at least one case, got none"):
        of_blocks({"name": "b", "list": {"c": "-N 1"}}, block).all_cases()


@pytest.mark.parametrize("patterns", [",", " ", " , "])
def test_patterns_that_name_nothing_are_told(patterns: str) -> None:
    with pytest.raises(InputError, match="--config cases: expected names of cases"):
        select(cases_of("edges"), patterns)


def test_patterns_select_and_one_that_matches_nothing_is_told() -> None:
    cases = cases_of("edges")
    assert len(select(cases, None)) == 63
    assert {case.name for case in select(cases, "abs_*, thick_oversampled")} > {"thick_oversampled"}
    with pytest.raises(InputError, match="nothing_like"):
        select(cases, "abs_*,nothing_like*")


def test_programs_of_the_environment_join_every_campaign() -> None:
    found = contenders(load_suite("edges"), {"NB_C_BIN": "/opt/a/nanoBragg:/opt/b/nanoBragg"})
    assert [each.name for each in found][-2:] == ["nanoBragg", "nanoBragg-2"]

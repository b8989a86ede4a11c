"""Closed configuration: every mistake is named with file, key, what was expected and what came."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.cases import schema
from evidence.cases.case import case_names, load_case
from evidence.engines.arguments import last_values
from evidence.errors import InputError
from evidence.jobs import plan
from evidence.refinements import refinement_case
from evidence.roundtrip import trip
from tests.helpers.places import ROOT
from tests.helpers.project import TINY

CONFIG_MISTAKES: list[tuple[dict[str, Any], list[str]]] = [
    ({"cse": "tiny"}, ["key cse", "one of bench c_engine case", "'cse'", "is it case?"]),
    ({"case": "other"}, ["key case", "one of tiny", "'other'"]),
    ({"threads": 0}, ["key threads", ">= 1", "0"]),
    ({"threads": "two"}, ["key threads", "an integer", "'two'"]),
    ({"trace_rtol": "1e-9"}, ["key trace_rtol", "a number", "'1e-9'", "1.0e-9"]),
    ({"trace_rtol": float("nan")}, ["key trace_rtol", "nan"]),
    ({"device": "tpu"}, ["key device", "cpu|cuda", "'tpu'"]),
    ({"stamp": "2026-11-21"}, ["key stamp", "'2026-11-21'"]),
    ({"thresholds": {}}, ["key thresholds", "VG-0", "nothing"]),
]


@pytest.mark.parametrize(("change", "words"), CONFIG_MISTAKES)
def test_config_mistakes(project: Path, change: dict[str, Any], words: list[str]) -> None:
    path = project / "config" / "config.yaml"
    values = {**yaml.safe_load(path.read_text(encoding="utf-8")), **change}
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        plan.settle(values, project, {})
    assert str(caught.value).startswith("config/config.yaml key ")
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_mistake_on_the_command_line_is_told_apart(project: Path) -> None:
    values = yaml.safe_load((project / "config" / "config.yaml").read_text(encoding="utf-8"))
    with pytest.raises(InputError, match=r"^--config key threads: "):
        plan.settle({**values, "threads": -1}, project, {})


CASE_MISTAKES: list[tuple[dict[str, Any], list[str]]] = [
    ({"comand": "-N 1"}, ["key comand", "one of command", "is it command?"]),
    ({"title": ""}, ["key title", "at least 1", "''"]),
    ({"roi": {"slow": [0, 1]}}, ["key roi.fast", "a value", "nothing"]),
    ({"roi": {"slow": [9, 1], "fast": [0, 1]}}, ["key roi.slow", "first <= last", "[9, 1]"]),
    ({"roi": {"slow": [0, -1], "fast": [0, 1]}}, ["key roi.slow.1", ">= 0", "-1"]),
    ({"trace_pixels": []}, ["key trace_pixels", "at least 1 items", "[]"]),
    ({"trace_pixels": [[1, 2, 3]]}, ["key trace_pixels.0", "at most 2"]),
    ({"trace_pixels": [[1, 2.5]]}, ["key trace_pixels.0.1", "an integer", "2.5"]),
    ({"command": "-hkl few.hkl -roi 0 1 0 1"}, ["key command", "no flag that the phases set", "'-roi'"]),
    ({"command": "-hkl few.hkl -floatimage x"}, ["key command", "'-floatimage'"]),
    ({"command": "-hkl other.hkl"}, ["key command", "-hkl with a name under inputs: few.hkl", "'other.hkl'"]),
    ({"command": "-hkl 'few.hkl"}, ["key command", "shell words"]),
    ({"command": "nanoBragg -N 1"}, ["key command", "flags", "'nanoBragg'"]),
    ({"inputs": {"few.hkl": "config/none.hkl"}}, ["key inputs.few.hkl", "a file", "config/none.hkl"]),
    ({"inputs": {"../few.hkl": "config/inputs/few.hkl"}}, ["key inputs", "'../few.hkl'"]),
    ({"inputs": {"few.hkl": {"mtz": "x", "colum": "F"}}}, ["inputs.few.hkl.colum", "is it column?"]),
    ({"thresholds": {"VG-9": {}}}, ["under thresholds key VG-9", "one of VG-0"]),
    ({"thresholds": {"VG-0": {"hkl": {"accept": 1.0}}}}, ["VG-0.hkl.goal", "a value", "nothing"]),
    ({"thresholds": {"VG-0": {"factor_ratio": {"accept": [2.0, 3.0], "goal": 1.0}}}}, ["around 1"]),
]


@pytest.mark.parametrize(("change", "words"), CASE_MISTAKES)
def test_case_mistakes(project: Path, change: dict[str, Any], words: list[str]) -> None:
    path = Path("config/cases/tiny.yaml")
    path.write_text(yaml.safe_dump({**TINY, **change}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_case(path)
    assert str(caught.value).startswith("config/cases/tiny.yaml ")
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: a\ntitle: b\n", ["line 2", "title a second time"]),
        ("title: [\n", ["line 2", "YAML"]),
        ("- 1\n", ["keys", "[1]"]),
        ("", ["keys", "None"]),
    ],
)
def test_case_that_is_no_mapping(project: Path, text: str, words: list[str]) -> None:
    Path("config/cases/tiny.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_case(Path("config/cases/tiny.yaml"))
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: T\n? [a]\n: 1\n", "x.yaml line 2: expected YAML, got 'a key that is a list or mapping'"),
        ("a: {? {b: c} : 1}\n", "x.yaml line 1: expected YAML, got 'a key that is a list or mapping'"),
        ("title: 2024-13-45\n", "x.yaml: expected YAML, got 'month"),
    ],
)
def test_yaml_that_python_cannot_hold(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as problem:
        schema.read_yaml(path)
    assert str(problem.value).startswith(f"{tmp_path}/{told}")


def test_case_that_is_not_utf8(project: Path) -> None:
    Path("config/cases/tiny.yaml").write_bytes(b"title: \xff\n")
    with pytest.raises(InputError, match="UTF-8"):
        load_case(Path("config/cases/tiny.yaml"))


def test_name_that_cannot_be_a_target(project: Path) -> None:
    Path("config/cases/My-Case.yaml").touch()
    with pytest.raises(InputError, match="'My-Case'"):
        case_names()


@pytest.mark.parametrize(
    "name", ["benchmark", "build", "logs", "mutation_table", "campaign_grid", "refine_x"]
)
def test_name_of_another_folder_of_results(project: Path, name: str) -> None:
    Path(f"config/cases/{name}.yaml").touch()
    with pytest.raises(InputError, match=rf"^config/cases/{name}\.yaml: expected a name that is none of "):
        case_names()


@pytest.mark.parametrize("load_all", [refinement_case.load_all, trip.load_all])
def test_name_of_a_sweep_or_refinement_that_cannot_be_a_target(
    project: Path, load_all: Callable[[Path], list[Any]]
) -> None:
    for folder in ("roundtrips", "refinements"):
        Path("config", folder).mkdir()
        Path("config", folder, "My Own.yaml").touch()
    with pytest.raises(InputError, match="expected a name of a-z, 0-9 and _ that starts with a letter"):
        load_all(Path())


def test_other_suffix_is_not_passed_over(project: Path) -> None:
    Path("config/cases/mine.yml").touch()
    with pytest.raises(InputError, match=r"ends in \.yaml"):
        case_names()


def test_the_default_case_is_no_input_of_a_job(project: Path) -> None:
    """`phase_k --config case=tiny` and then `parity_tiny` share one bundle and redo nothing."""
    values = yaml.safe_load(Path("config/config.yaml").read_text(encoding="utf-8"))
    Path("config/cases/second.yaml").write_text(yaml.safe_dump(TINY), encoding="utf-8")
    one, other = (plan.settle({**values, "case": name}, project, {}) for name in ("tiny", "second"))
    assert one.values == other.values
    assert one.values != plan.settle({**values, "threads": 3}, project, {}).values


def test_thresholds_of_a_case_replace_single_checks(project: Path) -> None:
    own = {"VG-3": {"correlation": {"accept": 0.5, "goal": 0.6}}}
    Path("config/cases/tiny.yaml").write_text(yaml.safe_dump({**TINY, "thresholds": own}), encoding="utf-8")
    values = yaml.safe_load(Path("config/config.yaml").read_text(encoding="utf-8"))
    found = plan.settle(values, project, {})
    judged = found.settings.judged_by(found.cases["tiny"])
    assert judged["VG-3"]["correlation"]["accept"] == 0.5
    assert judged["VG-3"]["sum_ratio"] == values["thresholds"]["VG-3"]["sum_ratio"]
    assert judged["VG-5"] == values["thresholds"]["VG-5"]


def test_the_projects_own_configuration_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    root = ROOT
    monkeypatch.chdir(root)
    values = yaml.safe_load((root / "config" / "config.yaml").read_text(encoding="utf-8"))
    found = plan.settle(values, root, {})
    assert {"supervisor", "simple_cubic"} <= set(found.cases)
    assert last_values(found.cases["supervisor"].arguments, "-phisteps") == ("10",)
    # design: |dh| < 5e-4, ratios 0.99-1.01, 1e-6 and 5e-5, 1e-6, correlation 0.9995, 1 pixel
    limits = found.settings.thresholds
    assert limits["VG-0"]["hkl"] == {"accept": 5e-4, "goal": 1e-12}
    assert limits["VG-0"]["factor_ratio"] == {"accept": [0.99, 1.01], "goal": 1e-9}
    assert limits["VG-1"] == {
        "spec": {"accept": 1e-6, "goal": 1e-12},
        "c_parity": {"accept": 5e-5, "goal": 1e-12},
    }
    assert limits["VG-2"]["factors"] == {"accept": 1e-6, "goal": 1e-12}
    for gate in ("VG-3", "VG-5"):
        assert limits[gate]["correlation"]["accept"] == 0.9995
        assert limits[gate]["sum_ratio"]["accept"] == [0.99, 1.01]
    assert limits["VG-4"]["peak_distance_px"]["accept"] == limits["VG-5"]["peak_distance_px"]["accept"] == 1.0

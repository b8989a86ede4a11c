"""benchmark.html says what the JSON beside it says, and breaks where that says nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evidence.bench import benchmark_page
from evidence.bench.digest import digest
from evidence.bench.targets import judge
from evidence.provenance import machine
from evidence.report.sourced import MissingNumberError
from tests.helpers.places import ROOT
from tests.helpers.timings import Parts

DATA = re.compile(r'<data value="([^"]+)" data-src="([^"#]+)#([^"]*)"([^>]*)>')


def lay_out(bundle: Path, parts: Parts) -> Path:
    found = digest(parts)
    documents = {"benchmark.json": found, "gates.json": judge(found, bundle.name)}
    documents["env.json"] = machine.environment(ROOT)
    bundle.mkdir(parents=True)
    for name, value in documents.items():
        (bundle / name).write_text(json.dumps(value, allow_nan=False), encoding="utf-8")
    return bundle


def pointed(document: Any, pointer: str) -> Any:
    for key in pointer.strip("/").split("/"):
        key = key.replace("~1", "/").replace("~0", "~")  # noqa: PLW2901
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def test_every_number_stands_in_the_json(tmp_path: Path, parts: Parts) -> None:
    bundle = lay_out(tmp_path / "benchmark" / "20260101T000000Z", parts)
    benchmark_page.build(bundle)
    text = (bundle / "benchmark.html").read_text(encoding="utf-8")
    numbers = DATA.findall(text)
    assert len(numbers) > 150
    for value, name, pointer, more in numbers:
        if "data-how" not in more:
            document = json.loads((bundle / name).read_text(encoding="utf-8"))
            assert float(value) == pointed(document, pointer), (name, pointer)
    assert text.count("<svg") == 5
    assert "0.0084 s" in re.sub(r"</?data[^>]*>", "", text)  # the figure to beat where there is no CUDA
    assert not re.search(r"https?://(?!www\.w3\.org)", text)


def test_missing_number_breaks_the_page(tmp_path: Path, parts: Parts) -> None:
    bundle = lay_out(tmp_path / "benchmark" / "20260101T000000Z", parts)
    found = json.loads((bundle / "benchmark.json").read_text(encoding="utf-8"))
    del found["frame"]["contenders"][0]["rate"]
    (bundle / "benchmark.json").write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(MissingNumberError, match="rate"):
        benchmark_page.build(bundle)


def test_headline_is_for_full_runs(tmp_path: Path, parts: Parts) -> None:
    bundle = lay_out(tmp_path / "benchmark" / "20260101T000000Z", parts)
    kept = benchmark_page.headline(bundle)
    assert kept["float64_vs_c_one"] == pytest.approx(16.0, rel=0.01)
    assert kept["slowest_feature_vs_c_one"] == pytest.approx(12.0, rel=0.01)

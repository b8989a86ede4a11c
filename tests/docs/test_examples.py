"""The examples in docstrings of what people call from Python, and in README.md, run as they stand."""

import doctest
import re
from typing import Any

import pytest

import simulator
from evidence.images.metrics import compare_images
from evidence.traces.divergence import compare
from evidence.traces.log import read_trace
from tests.helpers.places import ROOT

PUBLIC = {name: getattr(simulator, name) for name in simulator.__all__}
PUBLIC |= {"compare_images": compare_images, "compare": compare, "read_trace": read_trace}


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring(name: str) -> None:
    """Every name has an example, and it runs."""
    found: Any = PUBLIC[name]
    tests = [
        test for test in doctest.DocTestFinder(recurse=False).find(found, name, globs={}) if test.examples
    ]
    assert tests, f"{name} has no example"
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_readme() -> None:
    """Its Python runs as it stands, and angles have a gradient."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert bool(names["angles"].grad.isfinite().all())
    assert float(names["angles"].grad.abs().max()) > 0


def test_page_on_gradients() -> None:
    """Its Python runs as it stands."""
    page = (ROOT / "docs" / "gradients.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert bool(names["misset"].grad.any())

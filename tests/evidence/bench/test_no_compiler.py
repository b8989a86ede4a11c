"""Where nothing can be compiled, the race of compiled kernels is blocked, with the reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from evidence.bench.conversation import Worker
from evidence.bench.digest import digest
from evidence.bench.harness import Harness
from evidence.bench.scenes import BOX, square_panel, write_box
from evidence.bench.sizes import SMOKE
from evidence.bench.targets import judge
from evidence.engines.programs import Engine
from tests.helpers.timings import Parts


def test_eager_kernels_do_not_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_box(tmp_path / BOX, 24)
    with Worker(tmp_path, 1, 120) as worker:
        none = Engine("unusable", "c", ("nowhere",), frozenset(), {"image": "no such program"})
        harness = Harness(tmp_path, tmp_path / "failures", replace(SMOKE, compiled=True), 1, none, worker, 60)
        worker.ask("prepare", name="s", argv=square_panel(64, "-phi 0 -osc 0.1 -phisteps 2"))
        found = harness.render("s", "float64", "on", 1)
        assert harness.render("s", "float64", "off", 1).problem is None
        assert harness.c_run([], 1).problem == "no such program"
        said = harness.child(["/bin/sh", "-c", "echo so it goes >&2; exit 3"], 1, "shell")
    assert said.problem == "exit status 3: so it goes"
    assert (tmp_path / "failures" / "shell.log").read_text(encoding="utf-8") == "so it goes\n"
    assert found.problem is not None
    assert "no C++ compiler" in found.problem


def test_the_reason_reaches_the_target(parts: Parts) -> None:
    for sample in parts["frame"]["samples"]:
        if sample["contender"] == "steady_float64_on_2":
            sample["problem"] = "not compiled: eager (no C++ compiler here)"
    speed = judge(digest(parts), "x")["gates"][0]
    assert speed["status"] == "blocked"
    assert "no C++ compiler here" in speed["reason"]

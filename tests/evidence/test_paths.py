"""Which C engine is taken when none is named."""

from pathlib import Path

import pytest

from evidence import paths


def test_the_engine_of_the_project_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the workflow built in its folder is what it runs, whatever lies in the checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, "OWN_ENGINE", tmp_path / "checkout" / paths.BUILT_ENGINE)
    assert paths.c_engine() is None
    for folder in (tmp_path / "checkout", tmp_path):
        engine = folder / paths.BUILT_ENGINE
        engine.parent.mkdir(parents=True)
        engine.touch()
        assert paths.c_engine() == engine

"""The process that renders: what it answers, and what it says when it cannot."""

from pathlib import Path

import numpy as np
import pytest

from evidence.bench.conversation import Worker, WorkerError
from evidence.bench.likeness import likeness
from evidence.bench.scenes import BOX, square_panel, write_box
from simulator.cli import main as nanobragg_torch


def test_renders_what_the_command_line_renders_and_counts_its_loop(tmp_path: Path) -> None:
    write_box(tmp_path / BOX, 24)
    argv = square_panel(40, "-phi 0 -osc 0.1 -phisteps 2")
    with Worker(tmp_path, 1, 120) as worker:
        assert worker.ask("prepare", name="s", argv=argv)["evaluations"] == 40 * 40 * 2
        with pytest.raises(WorkerError, match="KeyError"):
            worker.ask("render", name="nobody", dtype="float64", compiled="off", threads=1)
        found = worker.sample(
            "render", name="s", dtype="float64", compiled="off", threads=1, save=str(tmp_path / "a.npy")
        )
        assert found.problem is None
        assert found.wall_s > 0
        assert str(found.kernels).startswith("eager")
    assert nanobragg_torch([*argv, "-floatfile", "b.bin", "--compile", "off"], tmp_path) == 0
    assert likeness(tmp_path / "b.bin", tmp_path / "a.npy")["identical_share"] == 1.0


def test_a_dead_worker_is_a_reason(tmp_path: Path) -> None:
    with Worker(tmp_path, 1, 60) as worker:
        worker.child.kill()
        worker.child.wait()
        found = worker.sample("devices")
    assert found.problem is not None
    assert "worker" in found.problem


def test_likeness_of_other_sizes_and_of_nan_is_none(tmp_path: Path) -> None:
    np.array([1.0, 2.0], dtype="<f4").tofile(tmp_path / "c.bin")
    for values in ([1.0], [1.0, np.nan]):
        np.save(tmp_path / "py.npy", np.array(values, dtype=np.float32))
        found = likeness(tmp_path / "c.bin", tmp_path / "py.npy")
        assert found["identical_share"] is None
        assert found["reason"]

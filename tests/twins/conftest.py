"""Both engines on one command line, each in a folder of its own with the golden inputs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tests.helpers.both import Both, run_both
from tests.reference.conftest import engine  # noqa: F401  a fixture

Pair = Callable[[str], Both]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The command lines ask for one thread; other tests get theirs back."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def pair(engine: Path, tmp_path: Path) -> Pair:  # noqa: F811
    """`pair(arguments)`: what both engines make of it; twice the same arguments is twice the same folder."""

    def start(arguments: str) -> Both:
        number = len(list(tmp_path.iterdir()))
        return run_both(engine, arguments.split(), tmp_path / str(number))

    return start

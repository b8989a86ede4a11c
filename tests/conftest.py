"""For all tests: what a live comparison needs, and what a worker keeps together."""

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TOGETHER = {"truth"}  # every command line is rendered once, for all files there


@pytest.fixture(autouse=True)
def _live(request: pytest.FixtureRequest) -> None:
    """Tests marked `live` compare with the external nanoBragg that NB_C_BIN names.

    NB_RUN_PARALLEL=1: they run, and fail where there is no such program. Otherwise they are skipped.
    """
    if request.node.get_closest_marker("live") is None:
        return
    if os.environ.get("NB_RUN_PARALLEL") != "1":
        pytest.skip("NB_RUN_PARALLEL is not 1: no comparison with an external nanoBragg was made")
    program = os.environ.get("NB_C_BIN", "")
    if not os.access(program, os.X_OK) or not Path(program).is_file():
        pytest.fail(f"NB_C_BIN: expected the path of a nanoBragg, got '{program}'")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers a file stays with one of them, and so does a folder whose files share long work.

    What takes longest goes first, so that no worker is left alone with it at the end.
    """
    for item in items:
        room = item.path.relative_to(TESTS).parts[0]
        item.add_marker(pytest.mark.xdist_group(room if room in TOGETHER else str(item.path)))
    items.sort(key=lambda item: not item.path.is_relative_to(TESTS / "workflow"))

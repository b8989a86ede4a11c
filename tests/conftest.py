"""For all tests: what a live comparison needs, and what begins first."""

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONGEST = {"slurm", "workflow", "simulator", "truth", "gradients"}


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
    """What takes longest goes first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in LONGEST)

"""The long proof runs with `-m slow` alone."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests marked slow out unless they are asked for."""
    if config.option.markexpr:
        return
    slow = [item for item in items if item.get_closest_marker("slow") and "gradients" in item.path.parts]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]

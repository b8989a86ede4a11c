"""A check as a phase writes it."""

from collections.abc import Mapping
from typing import Any

from evidence.gates import judge
from evidence.limits import Limit


def check(
    gate: str,
    name: str,
    measured: float | None,
    comparison: str,
    limit: Mapping[str, Any],
    unit: str = "1",
    reason: str | None = None,
) -> dict[str, Any]:
    """The judge's answer as JSON."""
    return judge(gate, name, measured, Limit.of(comparison, limit, unit), reason).to_dict()

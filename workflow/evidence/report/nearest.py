"""The check of a gate to look at first, and what is said of it in a line."""

from evidence.records import Record

RANK = {"fail": 0, "blocked": 1, "pass": 2}


def nearest(gate: Record) -> Record | None:
    """Failed, else blocked, else the fewest digits past its threshold; None of a gate without checks."""
    checks = sorted(
        gate["checks"],
        key=lambda check: (
            RANK[check["status"]],
            float("inf") if check["digits_past"] is None else check["digits_past"],
        ),
    )
    return checks[0] if checks else None


def figure(gate: Record) -> Record | None:
    """Of that check: name, figure, and decimal digits between it and the threshold (None: exact, or none)."""
    check = nearest(gate)
    return None if check is None else {key: check.get(key) for key in ("name", "measured", "digits_past")}

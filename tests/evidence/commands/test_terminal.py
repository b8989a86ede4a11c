"""How commands say things to people."""

import pytest

from evidence.report.formats import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0.04, "0.0 s"),
        (59.4, "59.4 s"),
        (73.2, "1 min 13 s"),
        (119.4, "1 min 59 s"),
        (119.7, "2 min 0 s"),
        (3599.6, "60 min 0 s"),
    ],
)
def test_duration_never_says_sixty_seconds(seconds: float | None, text: str | None) -> None:
    assert duration(seconds) == text

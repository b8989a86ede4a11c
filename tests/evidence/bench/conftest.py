"""Timings as a full run leaves them."""

from tests.helpers.timings import parts, slower

__all__ = ["parts", "slower"]

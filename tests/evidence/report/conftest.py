"""Small bundles in the shapes that the pipeline writes."""

from tests.helpers.reports import fresh, plain, ready

__all__ = ["fresh", "plain", "ready"]

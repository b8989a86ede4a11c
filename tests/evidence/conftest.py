"""Fixtures of the evidence package's tests."""

from tests.helpers.external import outsider, program
from tests.helpers.project import bundle, project, traces

__all__ = ["bundle", "outsider", "program", "project", "traces"]

"""A small project folder."""

from tests.helpers.project import project

__all__ = ["project"]

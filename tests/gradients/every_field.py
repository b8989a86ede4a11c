"""An experiment with a tensor in every field that may hold one, and what came back of each."""

from evidence.derivatives.every_field import gradients, is_none

__all__ = ["gradients", "is_none"]

"""The physics: pure functions on tensors, one concept a module."""

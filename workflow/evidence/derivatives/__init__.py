"""Derivatives of the PyTorch engine, held against differences of the C engine."""

"""The PyTorch engine: nanoBragg's physics as pure functions on tensors."""

from simulator.experiment import Beam, Crystal, Detector, Experiment, Goniometer, Reflections, Sampling
from simulator.image import simulate

__all__ = ["Beam", "Crystal", "Detector", "Experiment", "Goniometer", "Reflections", "Sampling", "simulate"]

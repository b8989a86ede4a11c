"""The PyTorch engine: nanoBragg physics as pure functions on tensors."""

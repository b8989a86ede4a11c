"""Single faults in a copy of the PyTorch engine, and which gate of which shipped case catches each."""

"""Which machine, source and inputs a result comes from."""

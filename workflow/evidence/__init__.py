"""The evidence pipeline: compare, trace, gate, seal, report."""

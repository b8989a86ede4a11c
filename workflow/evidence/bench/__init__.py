"""Speed and memory of both engines: what `snakemake benchmark` measures, judges and shows."""

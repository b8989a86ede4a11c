"""What Snakemake passes to a function of a rule."""

from typing import Protocol


class Wildcards(Protocol):
    """Of a rule, as Snakemake passes them; each has some of these."""

    bundle: str
    made: str
    phase: str

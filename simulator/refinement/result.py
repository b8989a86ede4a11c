"""What came of a refinement."""

from dataclasses import dataclass

from torch import Tensor

from simulator.experiment import Experiment
from simulator.refinement.objective import Vector
from simulator.refinement.parameters import Unknown
from simulator.refinement.search import Step
from simulator.refinement.statistics import Fit, Information


@dataclass(frozen=True)
class Refinement:
    """Values of the unknowns with their errors, and how well they explain the images.

    verdict: `converged` where the search came to rest and Poisson noise alone explains what is left of the
    images; else `stuck`. Read the eigenvalues before an error: a small one is a combination of unknowns that
    the images hardly tell.
    """

    unknowns: tuple[Unknown, ...]
    start: Vector  # (p)
    values: Vector  # (p)
    information: Information
    fit: Fit
    verdict: str
    history: tuple[Step, ...]
    experiments: tuple[Experiment, ...]  # as refined
    models: tuple[Tensor, ...]  # (slow, fast) each: photons predicted
    residuals: tuple[
        Tensor, ...
    ]  # (slow, fast) each: (seen - predicted)/sqrt(predicted), 0 where not looked at
    seconds: float
    starts: tuple["Refinement", ...] = ()  # every start, this one among them, if there were several

    @property
    def experiment(self) -> Experiment:
        """The first image's, as refined."""
        return self.experiments[0]

    @property
    def names(self) -> list[str]:
        """Of the unknowns, in the order of all vectors."""
        return [one.name for one in self.unknowns]

    def __getitem__(self, name: str) -> tuple[float, float]:
        """Value and standard error of one unknown. Raises ValueError for a name that is none."""
        place = self.names.index(name)
        return float(self.values[place]), float(self.information.errors[place])

    def __str__(self) -> str:
        """A table."""
        width = max(map(len, self.names))
        rows = [
            f"{name:{width}}  {value:16.9g} +- {error:.2g}"
            for name, value, error in zip(self.names, self.values, self.information.errors, strict=True)
        ]
        likely = (
            f"deviance {self.fit.deviance:.1f}, {self.fit.expected:.1f} +- {self.fit.spread:.1f} expected"
        )
        return "\n".join([*rows, f"{self.verdict}: {likely}; {self.seconds:.1f} s"])

"""The engines as inputs of rules: built here, or brought along."""

from pathlib import Path

from evidence.cases.settings import Settings
from evidence.engines.found import CEngines, asked_programs, find_c_engines
from evidence.jobs import preflight
from evidence.jobs.wildcards import Wildcards
from evidence.paths import BUILT_ENGINE, RESULTS
from evidence.phases import redo


class EngineInputs:
    """What the plan tells the rules about engines."""

    settings: Settings
    first: bool  # whether this is the invocation itself, not a job of it

    @property
    def programs(self) -> list[str]:
        """Paths of the external C engines. Others make Snakemake run the phases again."""
        return asked_programs(self.settings.c_engine)

    @property
    def c_program(self) -> str | None:
        """The first of them."""
        return next(iter(self.programs), None)

    def c_engine_of(self, _: object) -> list[str]:
        """The C side of a comparison of two: the engine we build, or an external program that is there."""
        other = self.c_program
        if other is None:
            return [str(BUILT_ENGINE)]
        return [other] if Path(other).is_file() else []

    def c_engines_of(self, _: object) -> list[str]:
        """The engine we build, unless a twin takes its place, and every external program.

        One that cannot be started ends the invocation.
        """
        if self.first:
            preflight.refuse_engines(self.settings)
        built = [] if self.programs and self.engines.replaced else [str(BUILT_ENGINE)]
        return [*built, *self.programs]

    @property
    def engines(self) -> CEngines:
        """What the programs turned out to be."""
        return find_c_engines(self.settings.c_engine, self.settings.timeout_s)

    def attempt_of(self, wildcards: Wildcards) -> int:
        """Which attempt at a phase is due: runs that had no room or time, or were killed, are done again."""
        return redo.number(RESULTS / str(wildcards.bundle) / f"phase_{wildcards.phase}")

    def frames_of(self, wildcards: Wildcards) -> list[str]:
        """Phase N looks at the brightest spots of the full frames of phase O.

        So does every phase of traces that has an external engine: by its frame it is known what may stand
        for what it does not print.
        """
        outside = self.programs and wildcards.phase in "klm" and self.engines.external
        needed = wildcards.phase == "n" or outside
        return [f"results/{wildcards.bundle}/phase_o/runs.json"] if needed else []

"""What a case may have beside its phases, as the rules ask for it: shards of its full frame, tests."""

import re
from dataclasses import dataclass

from evidence.jobs.plan import Plan
from evidence.jobs.wildcards import Wildcards


@dataclass(frozen=True)
class CaseParts:
    """The part of a plan that is about the keys `shards` and `tests` of a case."""

    plan: Plan

    def _pattern(self, split: bool) -> str:
        counts = {name: self.plan.cases[name.split("/", 1)[0]].shards for name in self.plan.open_bundles}
        return "|".join(re.escape(name) for name in counts if (counts[name] > 1) == split) or "(?!)"

    @property
    def split(self) -> str:
        """Pattern of the open bundles whose frame is rendered in shards."""
        return self._pattern(True)

    @property
    def whole(self) -> str:
        """Pattern of the others."""
        return self._pattern(False)

    def shards_of(self, wildcards: Wildcards) -> list[str]:
        """The records and pixels of a bundle's shards, in their order."""
        of = self.plan.case_of(wildcards).shards
        names = [f"results/{wildcards.bundle}/phase_o/shards/{number:03d}-{of:03d}" for number in range(of)]
        return [f"{name}.{kind}" for kind in ("json", "npz") for name in names]

    def tests_of(self, wildcards: Wildcards) -> list[str]:
        """The pytest selectors that its case names."""
        return list(self.plan.case_of(wildcards).tests)

    def test_records_of(self, wildcards: Wildcards) -> list[str]:
        """The record of their run, where there are any."""
        return [f"results/{wildcards.bundle}/tests/tests.json"] if self.tests_of(wildcards) else []

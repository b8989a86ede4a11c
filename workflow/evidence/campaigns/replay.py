"""One case again: through the engines of today, from the bundle's inputs, beside what the bundle holds."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.campaigns.batch import run_case
from evidence.campaigns.campaign_inputs import stage_inputs
from evidence.campaigns.contenders import Contender, contenders
from evidence.campaigns.expand import Case
from evidence.campaigns.outcome import Outcome
from evidence.campaigns.runners import Runners
from evidence.campaigns.suite import Suite, named
from evidence.campaigns.table import read_batches
from evidence.errors import StoreError
from evidence.ledger import documents
from evidence.ledger.bundles import Bundle
from evidence.records import Record


@dataclass(frozen=True)
class Replayed:
    """The case, its row of today with the outcomes, and the row that the bundle holds (None: no bundle)."""

    case: Case
    row: Record
    outcomes: dict[str, Outcome]
    before: Record | None

    def same(self, engine: str) -> bool | None:
        """Whether the image is that of the bundle, to the last bit; None without one to compare."""
        old = (self.before or {"cells": {}})["cells"].get(engine, {}).get("image_sha256")
        return None if old is None else bool(old == self.row["cells"][engine]["image_sha256"])


def replay(suite: Suite, name: str, bundle: Bundle | None) -> Replayed:
    """Run the case of this name; from a bundle, its own command line and files."""
    if bundle is None:
        case = named(suite.all_cases(), name, suite.name)
        with tempfile.TemporaryDirectory(prefix="replay-") as folder:
            stage_inputs(suite, Path(folder))
            row, outcomes = once(suite, contenders(suite), case, Path(folder))
        return Replayed(case, row, outcomes, None)
    listed = bundle.load("inputs/cases.json", documents.CASES)["cases"]
    case = named([Case.from_dict(each) for each in listed], name, bundle.name)
    before = next((row for row in read_batches(bundle.path) if row["case"] == name), None)
    if before is None:
        raise StoreError(bundle.path / "batches", f"a row of {name}", "none")
    row, outcomes = once(suite, contenders(suite), case, bundle.path / "inputs")
    return Replayed(case, row, outcomes, before)


def once(
    suite: Suite, engines: Sequence[Contender], case: Case, inputs: Path, simulator: Path | None = None
) -> tuple[Record, dict[str, Outcome]]:
    """One case through these engines."""
    with Runners(inputs, suite.timeout_s, simulator) as runners:
        return run_case(suite, engines, runners, case)

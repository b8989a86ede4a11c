"""What the target mutation_table is about: faults, the cases they are tried on, its bundle. Rules ask it."""

import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evidence.campaigns import mutants
from evidence.campaigns.mutants import Mutation
from evidence.cases.case import case_names, load_case
from evidence.errors import InputError
from evidence.ledger import stamp
from evidence.paths import CASES, RESULTS
from evidence.records import FrozenRecord

FAULTS = Path("config/faults.yaml")
TABLE = "mutation_table"


class Wildcards(Protocol):
    """Of a rule, as Snakemake passes them; each has some of these."""

    bundle: str
    case: str
    fault: str


@dataclass(frozen=True)
class FaultPlan:
    """`bundle` is mutation_table/STAMP, the folder below results/."""

    bundle: str
    faults: Mapping[str, Mutation]

    @property
    def cases(self) -> list[str]:
        """The cases that some fault names, in the order of the file."""
        return list(dict.fromkeys(fault.case for fault in self.faults.values() if fault.case))

    @property
    def open_bundle(self) -> str:
        """The bundle if it may be written, else what matches nothing."""
        return "(?!)" if stamp.is_sealed(RESULTS / self.bundle) else self.bundle

    @property
    def variables(self) -> list[str]:
        """Environment variable that carries the stamp into the jobs."""
        return [stamp.variable(TABLE)]

    def files_of(self, wildcards: Wildcards) -> list[str]:
        """The case's file and what its inputs come from."""
        case = load_case(CASES / f"{wildcards.case}.yaml")
        return [str(case.path), *(str(source.path) for source in case.inputs.values())]

    def fault_of(self, wildcards: Wildcards) -> str:
        """The fault as text: another one makes Snakemake try it again."""
        return str(self.faults[wildcards.fault])

    def order_of(self, wildcards: Wildcards) -> list[str]:
        """The cases, that which the fault names first."""
        first = self.faults[wildcards.fault].case
        return sorted(self.cases, key=lambda name: name != first)


def settle(
    values: FrozenRecord, environ: MutableMapping[str, str] = os.environ, path: Path = FAULTS
) -> FaultPlan:
    """The plan of this invocation; a mistake in the faults is an InputError. No file: no faults."""
    faults = {fault.name: fault for fault in mutants.load(path)} if path.is_file() else {}
    known = case_names()
    for fault in faults.values():
        if fault.file is None or fault.case not in known:
            place = f"{path} fault {fault.name}"
            raise InputError(place, f"a file, and a case of {' '.join(known)}", f"'{fault.case}'")
    return FaultPlan(f"{TABLE}/{stamp.settle(TABLE, values.get('stamp'), RESULTS, environ)}", faults)


def settle_or_exit(values: FrozenRecord) -> FaultPlan:
    """For the Snakefile: a mistake ends the run with one line and status 2."""
    try:
        return settle(values)
    except InputError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(2)

"""The sealed bundle of a search for a cause: what was found, the case it was found in, and where."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from evidence.gates import Gate, gate_row, judge, verdict
from evidence.ledger import attempts, seal, stamp
from evidence.ledger.bundles import CAUSE
from evidence.limits import Limit
from evidence.paths import LEDGER, ROOT
from evidence.provenance import crate, machine
from evidence.records import FrozenRecord
from evidence.store import atomic

FEW_FLAGS = Limit("<=", 6.0, unit="flags")
NAMED = Limit(">=", 1.0, unit="taps")


class CauseBundle:
    """Opened before the search, so that one that is cut off is in the ledger too."""

    def __init__(self, results: Path, kind: str, suite: str) -> None:
        self.results, self.kind = results, kind
        self.case = f"{kind}_{suite}"
        self.stamp = stamp.fresh(results / self.case)
        self.path = results / self.case / self.stamp
        self.started = datetime.now(UTC)
        atomic.make_folder(self.path)
        attempts.append_start(results, self.case, self.stamp)

    def drop(self) -> None:
        """The search came to nothing: the ledger says so, and no empty folder stays."""
        attempts.append_end(self.results, self.case, self.stamp, "error")
        with suppress(OSError):  # what went wrong is told, not that something is in the way here
            self.path.rmdir()

    def close(self, found: FrozenRecord, command: str, files: Mapping[str, str]) -> Path:
        """Write, describe, seal."""
        for name, text in files.items():
            atomic.write_text(self.path / name, text)
        atomic.write_json(self.path / CAUSE, dict(found))
        gate = Gate("CAUSE", self.kind, f"The cause of {found['case']}")
        taps = 1.0 if found["divergence"] else 0.0
        checks = [judge(gate.id, "taps named", taps, NAMED, found["reason"] or None, CAUSE)]
        if "flags" in found:
            checks.append(judge(gate.id, "flags left", float(found["flags"]), FEW_FLAGS, None, CAUSE))
        gates = verdict(self.case, self.stamp, [gate_row(gate, [each.to_dict() for each in checks], command)])
        environment = machine.environment(ROOT)
        atomic.write_json(self.path / "gates.json", gates)
        atomic.write_json(self.path / "env.json", environment)
        metadata = {
            "schema": 1,
            "case": self.case,
            "stamp": self.stamp,
            "started": self.started.isoformat(timespec="milliseconds"),
            "finished": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "engines": {},
            "steps": [],
            "git": environment["git"],
            "command": command,
        }
        atomic.write_json(self.path / "run_metadata.json", metadata)
        crate.build(self.path)
        rows = {row["id"]: row["status"] for row in gates["gates"]}
        about = {"verdict": gates["verdict"], "gates": rows, "metrics": {}, "engines": {}}
        seal.seal(self.path, self.results / LEDGER, about)
        return self.path

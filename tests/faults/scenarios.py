"""What the crash tests interrupt: not `prepare`, but `act`, which must complete when called again."""

import shutil
from pathlib import Path

from evidence.ledger import attempts, pins
from evidence.ledger.seal import seal
from evidence.store import atomic

BUNDLE = Path(__file__).resolve().parents[1] / "data" / "bundle"
CASE, STAMP = "toy", "20261121T120000Z"
MOST = shutil.ignore_patterns(
    "phase_k", "py_float64", "inputs", "*.html", "env.json", "run_*", "*.txt"
)  # for speed
SUMMARY = {
    "verdict": "pass",
    "gates": {"VG-0": "pass", "VG-5": "pass"},
    "metrics": {"correlation": 0.9999999},
}


class Artifact:
    """One file written over its older self."""

    kinds: frozenset[str] = frozenset({"unsealed", "nothing"})

    def prepare(self, results: Path) -> None:
        atomic.write_json(results / CASE / STAMP / "gates.json", {"value": "old"})

    def act(self, results: Path) -> None:
        atomic.write_json(results / CASE / STAMP / "gates.json", {"value": "new"})


class Append:
    """One more record in a ledger."""

    kinds = frozenset({"torn", "nothing"})

    def prepare(self, results: Path) -> None:
        attempts.append_start(results, CASE, STAMP, pid=1)
        attempts.append_end(results, CASE, STAMP, "incomplete")

    def act(self, results: Path) -> None:
        attempts.append_start(results, CASE, "20261121T130000Z")


class Attempt:
    """A whole attempt: start, files of engines that sync nothing, an artifact, the seal."""

    kinds = frozenset({"unsealed", "half-sealed", "unlisted", "torn", "tear", "nothing"})

    def prepare(self, results: Path) -> None:
        shutil.copytree(BUNDLE, results / CASE / STAMP, dirs_exist_ok=True, ignore=MOST)

    def act(self, results: Path) -> None:
        bundle = results / CASE / STAMP
        if not (bundle / atomic.SEALED).exists():
            attempts.append_start(results, CASE, STAMP)
            atomic.write_text(bundle / "memo.md", "# toy: pass, as the gates say\n")
        seal(bundle, results / attempts.LEDGER, dict(SUMMARY))


class Pin:
    """A pin moved from one bundle to another."""

    kinds = frozenset({"pins", "torn", "tear"})

    def prepare(self, results: Path) -> None:
        for stamp in (STAMP, "20261121T130000Z"):
            shutil.copytree(BUNDLE, results / CASE / stamp, ignore=MOST)
            seal(results / CASE / stamp, results / attempts.LEDGER, dict(SUMMARY))
        pins.pin(results, "base", CASE, STAMP)

    def act(self, results: Path) -> None:
        pins.pin(results, "base", CASE, "20261121T130000Z", force=True)


SCENARIOS = {"artifact": Artifact(), "append": Append(), "attempt": Attempt(), "pin": Pin()}

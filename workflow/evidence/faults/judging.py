"""The phases of a case, run and measured in this process: `python -m evidence.faults.judging REQUEST`.

A process of its own: the PyTorch engine that is judged is the `simulator` first on its path, a copy with a
fault in it or the one as it is. Without a fault every phase is run; with one the runs of C stand from before,
and the first phase whose checks do not all pass is the last.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import measure_phase
from evidence.phases.run_phase import run_phase

ORDER = "monkl"  # M names the tap at which traces part; N needs the frames of O


def judge(job: PhaseJob, faulty: bool) -> None:
    """Run and measure: metrics.json of each phase, up to the one that catches the fault."""
    for phase in ORDER:
        run_phase(job, phase, kept=frozenset({"c"} if faulty else ()))
        if measure_phase(job, phase)["status"] != "pass" and faulty:
            return


def main(argv: Sequence[str]) -> None:
    """REQUEST is a JSON file: bundle, case, settings, faulty."""
    asked = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    judge(PhaseJob.of(Path(asked["bundle"]), Path(asked["case"]), asked["settings"], 1), asked["faulty"])


if __name__ == "__main__":
    main(sys.argv[1:])

"""Run a scenario with a kill at its step 1, 2, 3, ... until it gets through: `crash.py SCENARIO MODE FOLDER`.

Each run leaves its results in FOLDER/<step>; the number of kills is printed. A child process is forked for
each, from this small process with one thread.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

from layer import Layer
from scenarios import CASE, SCENARIOS, STAMP


def strike(scenario: str, mode: str, root: Path, step: int) -> None:
    """In the child: prepare, then act with the failing layer in place; never returns."""
    status = 1
    try:
        os.fsync = lambda descriptor: None  # the layer models the disk; the real one need not keep up
        results, attic = root / str(step) / "results", root / str(step) / "attic"
        attic.mkdir(parents=True)
        SCENARIOS[scenario].prepare(results)
        layer = Layer(step, mode, attic)
        if scenario == "attempt":
            layer.unsafe(results / CASE / STAMP)
        layer.install()
        SCENARIOS[scenario].act(results)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def main(scenario: str, mode: str, folder: str) -> int:
    """Strike until nothing is left to strike."""
    for step in range(1, 1000):
        child = os.fork()
        if child == 0:
            strike(scenario, mode, Path(folder), step)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != -signal.SIGKILL:
            print(step - 1)
            return status
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

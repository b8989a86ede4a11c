"""Kill a scenario at its step 1, 2, ... until it gets through: `crash.py SCENARIO MODE FOLDER [AGAIN]`.

Each run leaves its results in FOLDER/<step>; the number of kills is printed. A child process is forked for
each, from this small process with one thread. With AGAIN, the resumption is killed too, at its step AGAIN.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

from layer import Layer
from scenarios import CASE, SCENARIOS, STAMP


def strike(scenario: str, mode: str, folder: Path, step: int) -> None:
    """In the child: prepare, then act with the failing layer in place; never returns."""
    status = 1
    try:
        os.fsync = lambda descriptor: None  # the layer models the disk; the real one need not keep up
        results, attic = folder / "results", folder / f"attic{os.getpid()}"
        attic.mkdir(parents=True)
        layer = Layer(step, mode, attic)
        if not (results / CASE / STAMP / "SEALED").exists():
            SCENARIOS[scenario].prepare(results)
            if scenario == "attempt":
                layer.unsafe(results / CASE / STAMP)
        layer.install()
        SCENARIOS[scenario].act(results)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def struck(scenario: str, mode: str, folder: Path, step: int) -> int:
    """Exit status of a child that is struck at `step`: -9, or 0 when it gets through."""
    child = os.fork()
    if child == 0:
        strike(scenario, mode, folder, step)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(scenario: str, mode: str, root: str, again: str = "0") -> int:
    """Strike until nothing is left to strike."""
    for step in range(1, 1000):
        status = struck(scenario, mode, Path(root, str(step)), step)
        if status != -signal.SIGKILL:
            print(step - 1)
            return status
        if int(again) and struck(scenario, mode, Path(root, str(step)), int(again)) not in (
            0,
            -signal.SIGKILL,
        ):
            return 1
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

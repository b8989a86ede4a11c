"""The PyTorch engine kept warm: `python -m evidence.campaigns.warm_worker`.

Reads requests from standard input and answers on standard output, one line of JSON each. A request is a
command line and the folder to run it in; no interpreter and no torch is started for it.
"""

import io
import resource
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import torch

from evidence.engines.talking import answer
from evidence.records import Record
from simulator.cli import main as run_engine


def render(argv: list[str], folder: str) -> Record:
    """Run a command line; what a user would see, and what it took."""
    out, err = io.StringIO(), io.StringIO()
    measured = forget_peak()
    started = time.perf_counter()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run_engine(argv, Path(folder))
    except Exception:
        code = 1
        err.write(traceback.format_exc())
    wall = time.perf_counter() - started
    return {
        "code": code,
        "said": out.getvalue(),
        "told": err.getvalue(),
        "wall_s": wall,
        "peak_rss_bytes": peak(measured),
    }


def devices() -> Record:
    """Devices beside the processor."""
    return {"devices": ["cpu", *(["cuda"] if torch.cuda.is_available() else [])], "torch": torch.__version__}


def forget_peak() -> bool:
    """Start the kernel's high-water mark of this process anew; False where that is not possible."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def peak(since_reset: bool) -> int:
    """Peak resident memory in bytes: of the last run, or of the process."""
    if since_reset:
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def respond(request: Record) -> Record:
    """What the worker answers."""
    return devices() if request.get("do") == "devices" else render(request["argv"], request["folder"])


if __name__ == "__main__":
    answer(respond)

"""This machine's peak: fused multiply-adds a second, measured with a small C program compiled here."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("peak.c")
FLAGS = ("-O3", "-march=native", "-ffp-contract=fast", "-fopenmp")
REALS = {"float64": "double", "float32": "float"}


def measure(folder: Path, threads: int, seconds: float) -> dict[str, Any]:
    """{"peaks": [{"dtype", "threads", "flops"}], "command", "reason"}; without a compiler the reason."""
    compiler = shutil.which(os.environ.get("CC") or "cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return {"peaks": [], "command": None, "reason": "no C compiler here"}
    command = [compiler, *FLAGS]
    peaks = []
    try:
        for dtype, real in REALS.items():
            binary = folder / f"peak_{dtype}"
            build = [*command, f"-DREAL={real}", "-o", str(binary), str(SOURCE)]
            subprocess.run(build, check=True, capture_output=True, text=True)
            for n in dict.fromkeys((1, threads)):
                done = subprocess.run(
                    [str(binary), str(seconds), str(n)], check=True, capture_output=True, text=True
                )
                peaks.append({"dtype": dtype, "threads": n, "flops": float(done.stdout.split()[0])})
    except (OSError, subprocess.SubprocessError, ValueError) as problem:
        said = getattr(problem, "stderr", None) or str(problem)
        return {"peaks": [], "command": " ".join(command), "reason": str(said).strip().splitlines()[-1][:200]}
    return {"peaks": peaks, "command": " ".join(command), "reason": None}

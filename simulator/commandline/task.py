"""What a command line asks for beside the experiment: files, traces, display.

Twin: reference/commandline/task.c.
"""

from dataclasses import dataclass
from pathlib import Path

from simulator.commandline.options import Given
from simulator.errors import InputError
from simulator.files.disk import check_writable

DEFAULT_FILES = {
    "-floatfile": "floatimage.bin",
    "-intfile": "intimage.img",
    "-pgmfile": "image.pgm",
    "-noisefile": "noiseimage.img",
}


@dataclass(frozen=True)
class Task:
    """Files to write by flag, and how."""

    files: dict[str, Path]
    cache: Path | None = None  # where the reflections just read are kept for runs without -hkl
    trace: Path | None = None
    trace_pixels: tuple[tuple[int, int], ...] = ()
    trace_only: bool = False
    trace_blocks: bool = False
    printout: bool = False
    printout_pixel: tuple[int, int] | None = None  # fast, slow
    scale: float | None = None
    adc: float = 40.0
    pgm_scale: float | None = None
    seed: int = 12345678
    progress: bool | None = None
    mode: str = "c-parity"
    quirks: str | None = None
    dtype: str = "float64"
    device: str = "cpu"
    compile: str = "auto"
    threads: int | None = None
    warnings: tuple[str, ...] = ()


def read_task(given: Given, cwd: Path, shape: tuple[int, int], warnings: list[str]) -> Task:
    """The task; raises InputError for pixels off the detector or files that cannot be written."""
    for slow, fast in given.traces:
        _check_pixel("-trace_pixel", ("slow", "fast"), (slow, fast), shape)
    pixel = given.flags.get("-printout_pixel")
    fast_slow = None if pixel is None else (int(pixel[0]), int(pixel[1]))
    if fast_slow:
        _check_pixel("-printout_pixel", ("fast", "slow"), fast_slow, shape[::-1])
    trace_only = "--trace-only" in given.flags
    wanted = {} if trace_only else dict(DEFAULT_FILES)
    for flag, off in (("-pgmfile", "-nopgm"), ("-noisefile", "-nonoise")):
        if off in given.flags:
            wanted.pop(flag, None)
    names = {flag: given.text(flag) or name for flag, name in wanted.items()}
    if "--trace" in given.flags:
        names["--trace"] = str(given.text("--trace"))
    for flag, name in names.items():
        check_writable(cwd / name, f"{flag} {name}")
    files = {flag: cwd / name for flag, name in names.items()}
    return Task(
        files=files,
        trace=files.pop("--trace", None),
        trace_pixels=tuple(given.traces),
        trace_only=trace_only,
        trace_blocks="--trace-blocks" in given.flags,
        printout="-printout" in given.flags,
        printout_pixel=fast_slow,
        scale=given.get("-scale"),
        adc=given.number("-adc", 40.0),
        pgm_scale=given.get("-pgmscale"),
        seed=int(given.number("-seed", 12345678)),
        progress=given.opposites.get("progress"),
        mode=given.text("--mode") or "c-parity",
        quirks=given.text("--quirks"),
        dtype=given.text("--dtype") or "float64",
        device=given.text("--device") or "cpu",
        compile=given.text("--compile") or "auto",
        threads=given.whole("--threads"),
        warnings=tuple(warnings),
    )


def _check_pixel(flag: str, names: tuple[str, str], pixel: tuple[int, int], limits: tuple[int, ...]) -> None:
    if not all(0 <= value < limit for value, limit in zip(pixel, limits, strict=True)):
        asked = " and ".join(f"0 <= {name} <= {limit - 1}" for name, limit in zip(names, limits, strict=True))
        raise InputError(flag, asked, f"{pixel[0]} {pixel[1]}")

"""What a command line asks for beside the experiment: files, traces, display.

Twin: reference/commandline/task.c.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.commandline.clashes import Named
from simulator.commandline.options import Options
from simulator.errors import InputError
from simulator.files.disk import check_writable, read_bytes
from simulator.files.image_names import check_name, companions
from simulator.rendering.quirks import DEFAULT_MODE
from simulator.rendering.scene import Part, Scene
from simulator.rendering.terms import runs
from simulator.units import DEFAULT_SEED

MOST_THREADS = 1024  # what a system lets a program start is not much more
Photons = npt.NDArray[np.float32]
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
    band: tuple[int, int] | None = None  # first and last row to render; None: all
    part: Part | None = None  # of each pixel's sum; None: all of it
    photons: Photons | None = None  # of the image, read; None: it is rendered
    printout: bool = False
    printout_pixel: tuple[int, int] | None = None  # fast, slow
    scale: float | None = None
    adc: float = 40.0
    pgm_scale: float | None = None
    seed: int = DEFAULT_SEED
    progress: bool | None = None
    mode: str = DEFAULT_MODE
    quirks: str | None = None
    dtype: str = "float64"
    device: str = "cpu"
    compile: str = "auto"
    threads: int | None = None
    warnings: tuple[str, ...] = ()
    images: tuple[Path, ...] = ()  # in other formats, by name
    pixels: str = "float"  # what those hold
    words: tuple[str, ...] = ()  # the command line itself
    written: tuple[Named, ...] = ()  # every file to write


def read_task(options: Options, cwd: Path, shape: tuple[int, int], warnings: list[str]) -> Task:
    """The task; raises InputError for pixels off the detector or files that cannot be written."""
    for slow, fast in options.traces:
        _check_pixel("-trace_pixel", ("slow", "fast"), (slow, fast), shape)
    pixel = options.flags.get("-printout_pixel")
    fast_slow = None if pixel is None else (int(pixel[0]), int(pixel[1]))
    if fast_slow:
        _check_pixel("-printout_pixel", ("fast", "slow"), fast_slow, shape[::-1])
    check_beside(options)
    band, photons = read_band(options, shape[0]), read_photons(options, cwd, shape)
    trace_only = "--trace-only" in options.flags
    wanted = {} if trace_only else dict(DEFAULT_FILES)
    for flag, off in (("-pgmfile", "-nopgm"), ("-noisefile", "-nonoise")):
        if off in options.flags:
            wanted.pop(flag, None)
    names = {flag: options.text(flag) or name for flag, name in wanted.items()}
    if "--trace" in options.flags:
        names["--trace"] = str(options.text("--trace"))
    for flag, name in names.items():
        check_writable(cwd / name, f"{flag} {name}")
    files = {flag: cwd / name for flag, name in names.items()}
    pixels = options.text("--pixels") or Task.pixels
    images = read_images(options, cwd, pixels)
    written = [(f"{flag} {name}", cwd / name) for flag, name in names.items()]
    for name in options.images:
        written.append((f"-o {name}", cwd / name))
        written += [(f"{each} beside -o {name}", cwd / each) for each in companions(name)]
    return Task(
        files=files,
        trace=files.pop("--trace", None),
        trace_pixels=tuple(options.traces),
        trace_only=trace_only,
        trace_blocks="--trace-blocks" in options.flags,
        band=band,
        photons=photons,
        part=read_part(options),
        printout="-printout" in options.flags,
        printout_pixel=fast_slow,
        scale=options.get("-scale"),
        adc=options.number("-adc", Task.adc),
        pgm_scale=options.get("-pgmscale"),
        seed=int(options.number("-seed", Task.seed)),
        progress=options.opposites.get("progress"),
        mode=options.text("--mode") or Task.mode,
        quirks=options.text("--quirks"),
        dtype=options.text("--dtype") or Task.dtype,
        device=options.text("--device") or Task.device,
        compile=options.text("--compile") or Task.compile,
        threads=options.whole("--threads", MOST_THREADS),
        warnings=tuple(warnings),
        images=images,
        pixels=pixels,
        written=tuple(written),
    )


def check_beside(options: Options) -> None:
    """Raise InputError for flags that leave another one nothing to do."""
    for flag, other in (("--photons", "--band"), ("--photons", "--part"), ("--trace-only", "-o")):
        if flag in options.flags and other in options.flags:
            raise InputError(flag, f"no {other} beside it", "both")
    if "--trace" in options.flags and not options.traces:
        raise InputError("--trace", "-trace_pixel beside it", "none")


def read_band(options: Options, rows: int) -> tuple[int, int] | None:
    """First and last row to render, None for all; raises InputError for rows off the detector."""
    if "--band" not in options.flags:
        return None
    first, last = (int(value) for value in options.flags["--band"])
    if not 0 <= first <= last < rows:
        raise InputError("--band", f"0 <= first <= last <= {rows - 1}", f"{first} {last}")
    return first, last


def read_part(options: Options) -> Part | None:
    """Which domains or sources to add up, None for all."""
    if "--part" not in options.flags:
        return None
    of, first, last = options.flags["--part"]
    return Part(str(of), int(first), int(last))


def read_photons(options: Options, cwd: Path, shape: tuple[int, int]) -> Photons | None:
    """The image of --photons (slow, fast), None without."""
    name = options.text("--photons")
    if name is None:
        return None
    raw, expected = read_bytes(cwd / name, f"--photons {name}"), 4 * shape[0] * shape[1]
    if len(raw) != expected:
        raise InputError(f"--photons {name}", f"{expected} bytes", len(raw))
    return np.frombuffer(raw, "<f4").reshape(shape)


def check_part(scene: Scene, part: Part | None) -> None:
    """Raises InputError for domains or sources that are not there, and where terms do not add up."""
    if part is None:
        return
    domains = scene.experiment.crystal.mosaic_domains
    count = domains if part.of == "domains" else len(scene.sources.weight)
    if not 0 <= part.first <= part.last < count:
        raise InputError("--part", f"0 <= first <= last <= {count - 1}", f"{part.first} {part.last}")
    if runs(scene):
        raise InputError("--part", "a sum of terms", "factors that multiply all of it: quirk running-sum")


def read_images(options: Options, cwd: Path, pixels: str) -> tuple[Path, ...]:
    """Files of -o; raises InputError for names that stand for no format or cannot be written."""
    for name in options.images:
        check_name(name, pixels)
        for each in (name, *companions(name)):
            check_writable(cwd / each, f"-o {each}")
    return tuple(cwd / name for name in options.images)


def _check_pixel(flag: str, names: tuple[str, str], pixel: tuple[int, int], limits: tuple[int, ...]) -> None:
    if not all(0 <= value < limit for value, limit in zip(pixel, limits, strict=True)):
        asked = " and ".join(f"0 <= {name} <= {limit - 1}" for name, limit in zip(names, limits, strict=True))
        raise InputError(flag, asked, f"{pixel[0]} {pixel[1]}")

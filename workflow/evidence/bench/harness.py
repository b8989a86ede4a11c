"""What the measurements work with, and the contenders that they all use."""

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evidence.bench.contest import Contender, Sample
from evidence.bench.conversation import Worker
from evidence.bench.sizes import Size
from evidence.engines import programs
from evidence.engines.child import run_child
from evidence.engines.programs import Engine
from evidence.store import atomic

ONE_PIXEL = ("-roi", "0", "0", "0", "0")


@dataclass(frozen=True)
class Harness:
    """A scratch folder, one for the logs of what fails, how much to measure, all cores, C, the worker."""

    folder: Path
    failures: Path
    size: Size
    threads: int
    c_engine: Engine
    worker: Worker
    timeout_s: float

    def child(self, argv: list[str], threads: int, log: str, **environ: str) -> Sample:
        """One process from its start to its end."""
        env = {**os.environ, **programs.environment(threads), **environ}
        path = self.folder / f"{log}.log"
        end = run_child(argv, self.folder, path, env, self.timeout_s)
        if end.problem:
            atomic.copy_file(path, self.failures / path.name)
        return Sample(end.wall_s, end.cpu_s, end.peak_rss_bytes, None, end.problem)

    def c_run(self, argv: list[str], threads: int, log: str = "c") -> Sample:
        """The C engine on a command line."""
        if "image" not in self.c_engine.can:
            return Sample(0.0, problem=self.c_engine.reason.get("image", "no usable C engine"))
        own = ["--threads", str(threads)] if self.c_engine.kind == "ours" else []
        return self.child([*self.c_engine.command, *argv, *own], threads, log)

    def py_run(self, argv: list[str], threads: int, log: str = "py", **environ: str) -> Sample:
        """The PyTorch engine on a command line; which kernels it chose is taken from what it says."""
        command = [*programs.py_engine("float64").command[:3], *argv, "--threads", str(threads)]
        found = self.child(command, threads, log, **environ)
        lines = (self.folder / f"{log}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        chosen = next((line.partition(": ")[2] for line in lines if line.startswith("kernels: ")), None)
        return Sample(found.wall_s, found.cpu_s, found.peak_rss_bytes, chosen, found.problem)

    def c_contenders(
        self, name: str, title: str, argv: list[str], threads: tuple[int, ...]
    ) -> list[Contender]:
        """C as a whole process, and the same for one pixel: the difference is its time to render."""
        made = []
        for n in threads:
            image = [*argv, "-floatfile", f"{name}_c{n}.bin"]
            many = f"{n} thread{'s' if n > 1 else ''}"
            made += [
                Contender(
                    f"{name}_c{n}", f"C, {many}", "whole", partial(self.c_run, image, n), "c", threads=n
                ),
                Contender(
                    f"{name}_c{n}_pixel", f"C, {many}, one pixel", "pixel",
                    partial(self.c_run, [*image[:-1], "pixel.bin", *ONE_PIXEL], n), "c", threads=n
                ),
            ]  # fmt: skip
        return made

    def steady(self, name: str, scene: str, dtype: str, compiled: str, threads: int) -> Contender:
        """render_image in the worker, on a scene that stands."""
        kernels = "compiled" if compiled == "on" else "eager"
        many = f"{threads} thread{'s' if threads > 1 else ''}"
        return Contender(
            name,
            f"PyTorch {dtype}, {kernels}, {many}",
            "steady",
            partial(self.render, scene, dtype, compiled, threads),
            dtype=dtype,
            threads=threads,
            compiled=compiled,
        )

    def render(self, scene: str, dtype: str, compiled: str, threads: int) -> Sample:
        """One image; eager kernels where compiled ones are raced are no measurement."""
        found = self.worker.sample("render", name=scene, dtype=dtype, compiled=compiled, threads=threads)
        if compiled == "on" and not found.problem and not str(found.kernels).startswith("compiled"):
            return replace(found, problem=f"not compiled: {found.kernels}")
        return found

    @property
    def kernels(self) -> tuple[str, ...]:
        """Which kernels a run of this size compares."""
        return ("on", "off") if self.size.compiled else ("off",)

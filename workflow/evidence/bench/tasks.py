"""What else people wait for: imports, reflections, the MTZ rule, nb-compare, the whole workflow."""

import sys
from functools import partial
from typing import Any

from evidence.bench.contest import Contender, Sample, contest
from evidence.bench.frame import SCENE
from evidence.bench.harness import Means
from evidence.bench.scaling import IMPORTS
from evidence.bench.scenes import BOX, stage_frame, write_box
from evidence.paths import ROOT

MTZ = ROOT / "config" / "inputs" / "hewl_2vb1_fc.mtz"
CONVERT = (
    "import sys; from pathlib import Path; from evidence.cases import mtz; "
    "mtz.write_hkl(Path('made.hkl'), mtz.reflections(Path(sys.argv[1]), None))"
)
COMPARE = "from evidence.commands.nb_compare import console; console()"
STAMP = "20200101T000000Z"


def measure(means: Means) -> dict[str, Any]:
    """Seconds of each chore."""
    side = means.size.reflections_side
    write_box(means.folder / BOX, 24)
    write_box(means.folder / "many.hkl", side // 2)
    lines = (means.folder / "many.hkl").read_bytes().count(b"\n")
    shape = _two_images(means)
    found = contest(contenders(means, shape), means.size.rounds, means.size.warmups)
    return {**found, "facts": {"reflections": lines, "shape": list(shape)}}


def contenders(means: Means, shape: tuple[int, int]) -> list[Contender]:
    """Short ones first; the workflow once, then again with nothing to do."""
    words = ["a.npy", "b.npy", "--outdir", "compared"]
    pixels = shape[0] * shape[1]
    made = [
        _task(means, "python", "Python alone", ["-c", "pass"]),
        _task(means, "torch", "import torch", ["-c", "import torch"]),
        _task(means, "import", "import the engine", ["-c", IMPORTS]),
        Contender(
            "read", "read the reflections", "task", partial(means.worker.sample, "read", path="many.hkl")
        ),
        _task(means, "mtz", "MTZ file to reflections", ["-c", CONVERT, str(MTZ)]),
        _task(means, "compare", f"nb-compare, {pixels} pixels, figures", ["-c", COMPARE, *words]),
    ]
    if means.size.brief:
        return [each for each in made if each.name not in ("torch", "import")]
    return [*made, *_workflow(means)]


def _task(means: Means, name: str, title: str, argv: list[str]) -> Contender:
    def go() -> Sample:
        return means.child([sys.executable, *argv], means.threads, name)

    return Contender(name, title, "task", go, threads=means.threads)


def _two_images(means: Means) -> tuple[int, int]:
    """The frame from the PyTorch engine in both precisions, as files."""
    found = means.worker.ask("prepare", name=SCENE, argv=stage_frame(means.size.case, means.folder))
    for name, dtype in (("a", "float64"), ("b", "float32")):
        path = str(means.folder / f"{name}.npy")
        means.worker.ask("render", name=SCENE, dtype=dtype, compiled="off", threads=means.threads, save=path)
    slow, fast = found["shape"]
    return slow, fast


def _workflow(means: Means) -> list[Contender]:
    """parity_supervisor in a project folder of its own, and once more when it is sealed."""
    project = means.folder / "project"
    project.mkdir()
    for name in ("config", "profiles"):
        (project / name).symlink_to(ROOT / name)
    snakemake = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-d", str(project)]
    words = [*snakemake, "--cores", str(means.threads), "--config", f"stamp={STAMP}"]
    words += ["--", f"parity_{means.size.case}"]

    def go(log: str) -> Sample:
        return means.child(words, means.threads, log)

    return [
        Contender("parity", f"snakemake parity_{means.size.case}", "task", partial(go, "parity"), once=True),
        Contender("no_op", "the same with nothing to do", "task", partial(go, "no_op"), once=True),
    ]

"""What else people wait for: imports, reflections, the MTZ rule, nb-compare, the whole workflow."""

import sys
from functools import partial

from evidence.bench.contest import Contender, Sample, contest
from evidence.bench.frame import SCENE
from evidence.bench.harness import Harness
from evidence.bench.scaling import IMPORTS
from evidence.bench.scenes import BOX, stage_frame, write_box
from evidence.paths import ROOT
from evidence.records import Record

MTZ = ROOT / "config" / "inputs" / "hewl_2vb1_fc.mtz"
CONVERT = (
    "import sys; from pathlib import Path; from evidence.cases import reflection_list; "
    "reflection_list.make(Path(sys.argv[1]), Path('made.hkl'), decimals=2)"
)
COMPARE = "from evidence.commands.nb_compare import console; console()"
STAMP = "20200101T000000Z"


def measure(harness: Harness) -> Record:
    """Seconds of each task."""
    side = harness.size.reflections_side
    write_box(harness.folder / BOX, 24)
    write_box(harness.folder / "many.hkl", side // 2)
    lines = (harness.folder / "many.hkl").read_bytes().count(b"\n")
    shape = _two_images(harness)
    found = contest(contenders(harness, shape), harness.size.rounds, harness.size.warmups)
    return {**found, "facts": {"reflections": lines, "shape": list(shape)}}


def contenders(harness: Harness, shape: tuple[int, int]) -> list[Contender]:
    """Short ones first; the workflow once, then again with nothing to do."""
    words = ["a.npy", "b.npy", "--outdir", "compared"]
    pixels = shape[0] * shape[1]
    made = [
        _task(harness, "python", "Python alone", ["-c", "pass"]),
        _task(harness, "torch", "import torch", ["-c", "import torch"]),
        _task(harness, "import", "import the engine", ["-c", IMPORTS]),
        Contender(
            "read", "read the reflections", "task", partial(harness.worker.sample, "read", path="many.hkl")
        ),
        _task(harness, "mtz", "MTZ file to reflections", ["-c", CONVERT, str(MTZ)]),
        _task(harness, "compare", f"nb-compare, {pixels} pixels, figures", ["-c", COMPARE, *words]),
    ]
    if harness.size.brief:
        return [each for each in made if each.name not in ("torch", "import")]
    return [*made, *_workflow(harness)]


def _task(harness: Harness, name: str, title: str, argv: list[str]) -> Contender:
    def go() -> Sample:
        return harness.child([sys.executable, *argv], harness.threads, name)

    return Contender(name, title, "task", go, threads=harness.threads)


def _two_images(harness: Harness) -> tuple[int, int]:
    """The frame from the PyTorch engine in both precisions, as files."""
    found = harness.worker.ask("prepare", name=SCENE, argv=stage_frame(harness.size.case, harness.folder))
    for name, dtype in (("a", "float64"), ("b", "float32")):
        path = str(harness.folder / f"{name}.npy")
        harness.worker.ask(
            "render", name=SCENE, dtype=dtype, compiled="off", threads=harness.threads, save=path
        )
    slow, fast = found["shape"]
    return slow, fast


def _workflow(harness: Harness) -> list[Contender]:
    """parity_supervisor in a project folder of its own, and once more when it is sealed."""
    project = harness.folder / "project"
    project.mkdir()
    for name in ("config", "profiles"):
        (project / name).symlink_to(ROOT / name)
    snakemake = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-d", str(project)]
    words = [*snakemake, "--cores", str(harness.threads), "--config", f"stamp={STAMP}"]
    words += ["--", f"parity_{harness.size.case}"]

    def go(log: str) -> Sample:
        return harness.child(words, harness.threads, log)

    return [
        Contender(
            "parity", f"snakemake parity_{harness.size.case}", "task", partial(go, "parity"), once=True
        ),
        Contender("no_op", "the same with nothing to do", "task", partial(go, "no_op"), once=True),
    ]

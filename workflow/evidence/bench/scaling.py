"""Time against pixels and against steps per pixel; memory, whatever the work is made of."""

import sys
from functools import partial

from evidence.bench.contest import Contender, Sample, contest
from evidence.bench.harness import Harness
from evidence.bench.scenes import BOX, domains, square_panel, write_box
from evidence.records import Record

IMPORTS = "import simulator.commandline.command, simulator.commandline.session"


def measure(harness: Harness) -> Record:
    """Two series for each engine, and the peak memory of whole processes."""
    write_box(harness.folder / BOX, 24)
    racing: list[Contender] = []
    series = []
    for axis, side, steps in points(harness):
        name = f"{axis}_{side}_{steps}"
        argv = domains(side, steps)
        prepared = harness.worker.ask("prepare", name=name, argv=argv)
        series.append({"axis": axis, "name": name, "side": side, "steps": steps, **prepared})
        racing.append(harness.steady(f"{name}_py", name, "float64", harness.kernels[0], harness.threads))
        if prepared["evaluations"] <= harness.size.c_most:
            racing += harness.c_contenders(name, name, argv, (1,))
    found = contest([*racing, *memory(harness)], harness.size.rounds, harness.size.warmups)
    return {**found, "facts": {"series": series}}


def points(harness: Harness) -> list[tuple[str, int, int]]:
    """(axis, pixels along a side, steps per pixel)."""
    size = harness.size
    pixels = [("pixels", side, size.pixel_steps) for side in size.pixel_sides]
    return [*pixels, *(("steps", size.step_side, steps) for steps in size.steps)]


def memory(harness: Harness) -> list[Contender]:
    """Whole processes, once each: the interpreter with everything imported, then work of every kind."""
    side, many = harness.size.step_side, harness.size.many_steps
    part = max(many // 100, 1)
    kinds = {
        "few": ("few steps", domains(side, 1)),
        "domains": (f"{part} mosaic domains", domains(side, part)),
        "sources": (
            "100 sources",
            square_panel(side, "-divergence 1 -hdivsteps 10 -vdivsteps 10 -square_div"),
        ),
        "subpixels": ("oversample 8", square_panel(side, "-oversample 8")),
        "phi": (f"{part} phi steps", square_panel(side, f"-phi 0 -osc 1 -phisteps {part}")),
        "many": (f"{many} steps a pixel", domains(side, many)),
    }
    kinds = {"many": kinds["many"]} if harness.size.brief else kinds
    made = [
        Contender("memory_imports", "imports alone", "memory", partial(_imports, harness), once=True),
    ]
    for name, (title, argv) in kinds.items():
        words = [*argv, "--dtype", "float32" if name == "many" else "float64"]
        made.append(
            Contender(
                f"memory_{name}",
                title,
                "memory",
                partial(harness.py_run, words, harness.threads),
                threads=harness.threads,
                compiled="auto",
                once=True,
                dtype=words[-1],
            )
        )
    return made


def _imports(harness: Harness) -> Sample:
    return harness.child([sys.executable, "-c", IMPORTS], harness.threads, "imports")

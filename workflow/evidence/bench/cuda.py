"""The same code on a GPU, where there is one; where there is none, the figures to beat stand alone."""

from functools import partial

from evidence.bench.contest import Contender, contest
from evidence.bench.harness import Harness
from evidence.bench.scenes import BOX, square_panel, write_box
from evidence.records import Record

SIDE = 1024
# Public figure for another GPU simulator: RTX 4090, 1024 x 1024 pixels, float32, warm.
TO_BEAT = ({"domains": 1, "seconds": 0.0084}, {"domains": 1000, "seconds": 0.0172})
SOURCE = "RTX 4090, 1024 x 1024 pixels, float32, warm"


def measure(harness: Harness) -> Record:
    """Steady state of both scenes on the first device."""
    found = harness.worker.ask("devices")
    facts: Record = {
        "devices": found["cuda"],
        "to_beat": [*TO_BEAT],
        "source": SOURCE,
        "reason": None if found["cuda"] else f"torch {found['torch']} finds no CUDA device here",
    }
    racing: list[Contender] = []
    if found["cuda"]:
        write_box(harness.folder / BOX, 24)
        racing = [_contender(harness, int(row["domains"])) for row in TO_BEAT]
    return {**contest(racing, harness.size.rounds, max(harness.size.warmups, 1)), "facts": facts}


def _contender(harness: Harness, domains: int) -> Contender:
    name = f"cuda_{domains}"
    argv = square_panel(SIDE, f"-mosaic 0.5 -mosaic_dom {domains}")
    harness.worker.ask("prepare", name=name, argv=argv, device="cuda")
    go = partial(
        harness.worker.sample, "render", name=name, dtype="float32", compiled="auto", threads=harness.threads
    )
    many = f"{domains} mosaic domain{'s' if domains > 1 else ''}"
    return Contender(name, many, "steady", go, dtype="float32", threads=harness.threads, compiled="auto")

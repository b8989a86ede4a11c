"""Phase O: the full frame, C against PyTorch in float64 and float32."""

from collections.abc import Sequence
from pathlib import Path

from evidence.errors import MissingError
from evidence.phases import rendered, resolution
from evidence.phases.job import Measurements, PhaseJob, PlannedRun
from evidence.store import atomic

LABELS = {"py_float64": "", "py_float32": "_float32"}
WHOLE = ("correlation", "sum_ratio", "peak_distance_px")
# A sum in float32 is not the same to the last bit: no single pixel is judged there, but every block.
NAMES = {"": (*WHOLE, *rendered.PIXELS), "_float32": (*WHOLE, "block_sum_rel")}
CHECKS = (
    *rendered.image_specs("VG-5", NAMES[""]),
    *rendered.image_specs("VG-5", NAMES["_float32"], "_float32", goal=False, variant="float32"),
)


def runs(job: PhaseJob) -> tuple[PlannedRun, ...]:
    """Three frames."""
    return PlannedRun("c", "c", ()), *(
        PlannedRun(label, "py", (), dtype=label.removeprefix("py_")) for label in LABELS
    )


def measure(job: PhaseJob) -> Measurements:
    """Each precision is blocked on its own."""
    found, pairs = Measurements(), {}
    for label, suffix in LABELS.items():
        dtype = label.removeprefix("py_")
        try:
            a, b = (rendered.read(job, "o", name) for name in ("c", label))
            comparison = rendered.compare(a, b, steps=rendered.steps_of(job, "VG-5"))
        except MissingError as problem:
            found.reasons |= {f"{name}{suffix}": str(problem) for name in NAMES[suffix]}
            continue
        rendered.record(found, dtype, comparison, suffix)
        pairs[dtype] = (a, b)
    resolution.add(job, found, pairs)
    return found


def draw(job: PhaseJob, names: Sequence[Path]) -> None:
    """Figures of C against PyTorch in float64; where there is nothing to draw, each says why."""
    try:
        a, b = (rendered.read(job, "o", label) for label in ("c", "py_float64"))
        comparison = rendered.compare(a, b)
    except MissingError as problem:
        print(f"not drawn: {problem}", flush=True)
        for path in names:
            _draw_reason(path, str(problem))
        return
    from evidence.images import figures  # noqa: PLC0415 (takes a second; a run draws nothing)

    figures.draw_all(a, b, comparison, names[0].parent, names=("C", "PyTorch"), title="Full frame")


def _draw_reason(path: Path, reason: str) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(6.4, 2.4))
    figure.text(0.5, 0.5, f"{path.stem}: not drawn\n{reason}", ha="center", va="center", wrap=True)
    with atomic.staged(path) as made:
        figure.savefig(made, format="png")

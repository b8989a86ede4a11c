"""Phase O: the full frame, C against PyTorch in float64 and float32."""

from evidence import figures
from evidence.phases import images
from evidence.phases.work import Findings, MissingError, Run, Work

LABELS = {"py_float64": "", "py_float32": "_float32"}
NAMES = ("correlation", "sum_ratio", "peak_distance_px", "identical_share")
CHECKS = (
    *images.image_specs("VG-5", NAMES),
    *images.image_specs("VG-5", NAMES, "_float32", goal=False),
)


def runs(work: Work) -> tuple[Run, ...]:
    """Three frames."""
    return Run("c", "c", ()), *(Run(label, "py", (), dtype=label.removeprefix("py_")) for label in LABELS)


def measure(work: Work) -> Findings:
    """Each precision is blocked on its own."""
    found = Findings()
    for label, suffix in LABELS.items():
        dtype = label.removeprefix("py_")
        try:
            a, b = (images.read(work, "o", name) for name in ("c", label))
            comparison = images.compare(a, b)
        except MissingError as problem:
            found.reasons |= {f"{name}{suffix}": str(problem) for name in NAMES}
            continue
        images.record(found, dtype, comparison, suffix)
        if not suffix:
            place = work.folder("o") / "figures"
            figures.draw_all(a, b, comparison, place, names=("C", "PyTorch"), title="Full frame")
    return found

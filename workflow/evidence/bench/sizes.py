"""How much is measured: the full run, and a smoke run that only shows that everything works."""

from dataclasses import dataclass

from evidence.errors import InputError


@dataclass(frozen=True)
class Size:
    """Pixels are counted along one side of a square detector; evaluations are pixels times steps."""

    name: str
    rounds: int  # after the warm-up
    warmups: int
    case: str | None  # whose frame is raced; None: a small one
    evaluations: int  # of each feature
    pixel_sides: tuple[int, ...]  # time against pixels
    pixel_steps: int  # steps per pixel there
    c_most: int  # evaluations that C is given at most, in the fits
    steps: tuple[int, ...]  # time against steps per pixel
    step_side: int
    many_steps: int  # memory at this many steps per pixel
    reflections_side: int  # its third power is read
    workflow: bool  # whether the whole workflow is timed
    compiled: bool  # whether kernels may be compiled

    @property
    def brief(self) -> bool:
        """Whether the figures only show that they can be had: they are not judged."""
        return self.name == "smoke"


FULL = Size(
    name="full",
    rounds=5,
    warmups=1,
    case="supervisor",
    evaluations=10_000_000,
    pixel_sides=(128, 226, 400, 716, 1280),
    pixel_steps=100,
    c_most=25_000_000,
    steps=(100, 316, 1000, 3162, 10_000),  # below, what a pixel costs without any step shows
    step_side=256,
    many_steps=100_000,
    reflections_side=100,
    workflow=True,
    compiled=True,
)
SMOKE = Size(
    name="smoke",
    rounds=1,
    warmups=0,
    case=None,
    evaluations=10_000,
    pixel_sides=(16, 32, 64),
    pixel_steps=4,
    c_most=1_000_000,
    steps=(4, 16, 64),
    step_side=16,
    many_steps=256,
    reflections_side=10,
    workflow=False,
    compiled=False,
)
SIZES = {size.name: size for size in (FULL, SMOKE)}


def find(name: str) -> Size:
    """The size of this name."""
    if name not in SIZES:
        raise InputError("--config key bench", f"one of {' '.join(SIZES)}", f"'{name}'")
    return SIZES[name]

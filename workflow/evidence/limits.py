"""What is accepted of a number, and what is aimed at.

The limits of the gates are the user's to set, in config/config.yaml; all others stand here.
"""

import math
from dataclasses import dataclass
from typing import Self

from evidence.records import Record


@dataclass(frozen=True)
class Limit:
    """What is accepted: "<=", ">=" (values up to 1), "equals" a number, or "range": (low, high) around 1."""

    comparison: str
    accept: float | tuple[float, float]
    goal: float | None = None  # what is aimed at; of a range, the distance from 1
    unit: str = "1"

    @classmethod
    def of(cls, comparison: str, given: Record, unit: str = "1") -> Self:
        """From {"accept": number or [low, high], "goal": number or None} of the configuration."""
        accept = given["accept"]
        return cls(
            comparison, accept if isinstance(accept, int | float) else tuple(accept), given.get("goal"), unit
        )

    def holds(self, value: float) -> bool:
        """Whether `value` is accepted; NaN never is."""
        if isinstance(self.accept, tuple):
            return self.accept[0] <= value <= self.accept[1]
        tests = {"<=": value <= self.accept, ">=": value >= self.accept, "equals": value == self.accept}
        return tests[self.comparison]

    @property
    def text(self) -> str:
        """As `<= 1e-06` or `0.99 to 1.01`."""
        if isinstance(self.accept, tuple):
            return f"{self.accept[0]:g} to {self.accept[1]:g}"
        return f"{self.comparison} {self.accept:g}"

    def distance(self, value: float) -> tuple[float | None, float | None]:
        """Margin in the unit of the limit, and decimal digits past it (None where it is exact)."""
        if self.comparison == "equals":
            return None, None
        if isinstance(self.accept, tuple):
            room = (self.accept[1] - 1.0) if value >= 1.0 else (1.0 - self.accept[0])
            left = abs(value - 1.0)
        elif self.comparison == ">=":
            room, left = 1.0 - self.accept, 1.0 - value
        else:
            room, left = float(self.accept), abs(value)
        return room - left, math.log10(room / left) if room > 0 and left > 0 else None


NOTHING = Limit("equals", 0.0)  # of what must not occur
TRACE_RTOL = (
    1e-9  # relative difference of a traced quantity, unless nb-trace or the configuration is told another
)
GRADIENT_RTOL = 1e-5  # autograd against differences, relative to the parameter's largest derivative


@dataclass(frozen=True)
class Thresholds:
    """What nb-compare accepts: the field's own bar for float32 images; the gates' goals are far tighter."""

    correlation: float = 0.9999  # Pearson, at least
    sum_ratio: tuple[float, float] = (0.999, 1.001)  # B/A, from and to
    mean_distance_px: float = 1.0  # of paired peaks, pixels, at most


IMAGES = Thresholds()
GRADIENTS = {  # promises of a bundle of gradients, beside the thresholds of VG-6
    "parameters": Limit(">=", 15.0, unit="numbers"),  # of the command line, compared with C
    "configurations": Limit(">=", 250.0, unit="runs"),
    "gradient_float64": Limit("<=", 6.0, unit="times"),  # value and gradient over the steady render
    "gradient_float32": Limit("<=", 5.0, unit="times"),
    "forward": Limit("<=", 1.1, unit="times"),  # `simulate` over the steady render
    "memory": Limit("<=", 2.0**30, unit="bytes"),  # above the interpreter
    "memory_eager": Limit("<=", 2.5 * 2**30, unit="bytes"),
    "memory_steps": Limit("<=", 1.1, unit="times"),  # at a hundred spindle steps over that at ten
}
BENCHMARK = {  # promises of speed and memory
    "float64_vs_c_one": Limit(">=", 12.0, unit="times"),
    "float64_vs_c_all": Limit(">=", 6.0, unit="times"),
    "float32_vs_c_one": Limit(">=", 30.0, unit="times"),
    "float64_same_pixels": Limit(">=", 0.999),
    "feature": Limit(">=", 5.0, unit="times"),  # each, against C on one thread
    "whole_over_c_all": Limit("<=", 1.0, unit="times"),
    "whole_first_over_c_all": Limit("<=", 1.0, unit="times"),
    "memory": Limit("<=", 600_000_000, unit="bytes"),  # above the interpreter
    "exponent": Limit("range", (0.95, 1.05)),  # of time in work
    "import": Limit("<=", 2.0, unit="s"),
    "read": Limit("<=", 1.0, unit="s"),
    "mtz": Limit("<=", 2.0, unit="s"),
    "compare": Limit("<=", 5.0, unit="s"),
    "parity": Limit("<=", 60.0, unit="s"),
    "no_op": Limit("<=", 5.0, unit="s"),
}

"""Random command lines that depend on nothing but a seed.

`{low:high}` is a number of four digits, whole where both limits are; `{quirks}` three switches.
"""

import random
import re
from collections.abc import Sequence

BLANK = re.compile(r"\{(?:(quirks)|([^:}]+):([^:}]+))\}")


def fill_in(part: str, seed: str) -> str:
    """The flags with numbers for the blanks; they depend on nothing but these flags and the seed."""
    chance = random.Random(f"{seed} {part}")

    def value(blank: re.Match[str]) -> str:
        if blank[1]:
            from simulator.rendering.quirks import NAMES  # noqa: PLC0415  torch takes seconds to load

            return ",".join(chance.choice("+-") + chance.choice(NAMES) for _ in range(3))
        if "." in blank[2] + blank[3]:
            return f"{chance.uniform(float(blank[2]), float(blank[3])):.4g}"
        return str(chance.randint(int(blank[2]), int(blank[3])))

    return BLANK.sub(value, part)


def arrange(parts: Sequence[str], seed: str) -> str:
    """One command line. A part's place hangs on it and the seed alone, whatever else is there."""
    order = sorted(parts, key=lambda part: random.Random(f"order {seed} {part}").random())
    return " ".join(fill_in(part, seed) for part in order if part)


def draw(rows: Sequence[Sequence[str]], seed: str) -> str:
    """One command line: of each row one alternative, in any order."""
    chance = random.Random(seed)
    return arrange([chance.choice(row) for row in rows], seed)

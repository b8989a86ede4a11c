"""Random command lines that depend on nothing but a seed.

`{low:high}` is a number of four digits, whole where both limits are; `{quirks}` three switches.
"""

import math
import random
import re
from collections.abc import Iterable, Sequence

BLANK = re.compile(r"\{(?:(quirks)|([^:}]+):([^:}]+))\}")
BRACED = re.compile(r"\{[^{}]*\}?|\}")


def wrong_blank(parts: Iterable[str]) -> str | None:
    """The first piece in braces that no draw could fill in: an engine would get it as it stands."""
    found = (braced[0] for part in parts for braced in BRACED.finditer(part))
    return next((text for text in found if not _fits(text)), None)


def _fits(text: str) -> bool:
    blank = BLANK.fullmatch(text)
    if blank is None or blank[1]:
        return blank is not None
    kind = float if "." in blank[2] + blank[3] else int
    try:
        low, high = kind(blank[2]), kind(blank[3])
    except ValueError:
        return False
    return low <= high < math.inf and low > -math.inf


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

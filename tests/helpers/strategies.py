"""Random command lines that both engines must take alike; as a command, many of them.

    python -m tests.helpers.strategies --n 5000 --seed 7

The rows are those of the campaign `random`; evidence.campaigns.draws fills them in.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

import yaml
from hypothesis import strategies as st

from evidence.campaigns.draws import arrange
from tests.helpers.both import differences, run_both
from tests.helpers.engine import compile_engine
from tests.helpers.places import ROOT

SUITE = yaml.safe_load((ROOT / "config" / "suites" / "random.yaml").read_text(encoding="utf-8"))
ROWS = tuple(tuple(row) for row in SUITE["cases"][0]["draws"]["rows"])


def join(parts: tuple[str, ...], seed: int) -> str:
    """One command line."""
    return arrange(parts, str(seed))


def commands() -> st.SearchStrategy[str]:
    """Command lines; a failing one shrinks flag by flag."""
    parts = st.tuples(*(st.sampled_from(row) for row in ROWS))
    return st.builds(join, parts, st.integers(0, 999_999))


def main() -> int:
    """Many draws; prints every command line on which the engines differ."""
    parser = argparse.ArgumentParser(description="random command lines through both engines")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance, bad = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory() as name:
        engine = compile_engine(Path(name))
        for _ in range(asked.n):
            command = join(tuple(chance.choice(row) for row in ROWS), chance.randrange(1_000_000))
            with tempfile.TemporaryDirectory() as folder:
                found = differences(run_both(engine, command.split(), Path(folder), 600.0))
            if found:
                bad += 1
                print(f"{'; '.join(found)}\n  {command}", flush=True)
    print(f"{asked.n} command lines, {bad} on which the engines differ")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())

"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
GOLDEN = TESTS / "golden"  # what nanoBragg itself made
DATA = TESTS / "data"
BUNDLE = DATA / "bundle"  # a small bundle, for those who seal and damage it

"""Where things are: the places of this project, and of what it writes below the current folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the checkout
WORKFLOW = ROOT / "workflow"
SCHEMAS = WORKFLOW / "schemas"
TEMPLATES = WORKFLOW / "report"

CONFIG = Path("config/config.yaml")
CASES = Path("config/cases")
RESULTS = Path("results")
BUILT_ENGINE = RESULTS / "build" / "nanobragg-c"
BUILD_RECORD = RESULTS / "build" / "build.json"
LOCKS = RESULTS / ".locks"
VERIFIED = RESULTS / "logs" / "verified.json"  # what the target verify found in this invocation
LEDGER = "ledger.jsonl"  # below results

"""Where things are: the places of this project, and of what it writes below the current folder."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parents[1]  # of the checkout; of an installed package, where packages are
INSTALLED = not (ROOT / "Snakefile").is_file()
WORKFLOW = PACKAGE / "data" if INSTALLED else ROOT / "workflow"  # setup.py fills data/
SCHEMAS = WORKFLOW / "schemas"
TEMPLATES = WORKFLOW / "report"

CONFIG = Path("config/config.yaml")
CASES = Path("config/cases")
RESULTS = Path("results")
BUILT_ENGINE = RESULTS / "build" / "nanobragg-c"
BUILD_RECORD = RESULTS / "build" / "build.json"
LOCKS = RESULTS / ".locks"
CLOSING = RESULTS / "logs" / "closing"  # what the targets of this invocation say last
LEDGER = "ledger.jsonl"  # below results
OWN_ENGINE = WORKFLOW / BUILT_ENGINE.name if INSTALLED else ROOT / BUILT_ENGINE
NO_ENGINE = (
    "there is no C engine: in a checkout `make env` builds it, an installed package has it if a C compiler "
    "was there when it was installed; NB_C_BIN may name another"
)


def c_engine() -> Path | None:
    """The C engine: what the workflow built in the current folder, else that of checkout or package."""
    return next((place.resolve() for place in (BUILT_ENGINE, OWN_ENGINE) if place.is_file()), None)

"""Where the project's own files are: in a checkout, or in an installed package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_ROOT = PACKAGE.parents[1]
CHECKOUT: Path | None = _ROOT if (_ROOT / "Snakefile").is_file() else None
DATA = CHECKOUT / "workflow" if CHECKOUT else PACKAGE / "data"  # setup.py fills data/
SCHEMAS = DATA / "schemas"
TEMPLATES = DATA / "report"
BUILT_ENGINE = Path("results/build/nanobragg-c")
NO_ENGINE = (
    "there is no C engine: in a checkout `make env` builds it, an installed package has it if a C compiler "
    "was there when it was installed; NB_C_BIN may name another"
)


def c_engine() -> Path | None:
    """The C engine: what the workflow built in the current folder, else that of checkout or package."""
    places = [BUILT_ENGINE, CHECKOUT / BUILT_ENGINE if CHECKOUT else PACKAGE / "data" / BUILT_ENGINE.name]
    return next((place.resolve() for place in places if place.is_file()), None)

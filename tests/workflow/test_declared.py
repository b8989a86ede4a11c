"""What is declared is imported, what is imported is declared, and the profile says what is true."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from evidence.jobs import joblog
from tests.helpers.project import ROOT

# Distribution -> what it is imported as, where the names differ.
IMPORTED_AS = {"pyyaml": "yaml", "pillow": "PIL"}
OURS = {"simulator", "evidence", "tests"}
DEVELOPMENT = {"pytest", "hypothesis", "ruff", "mypy", "snakefmt", "selenium", "selenium-axe-python"}
DEVELOPMENT |= {"pytest-cov", "pytest-xdist", "setuptools", "markdown", "nbclient", "nbformat", "ipykernel"}
DEVELOPMENT |= {"snakemake-executor-plugin-slurm", "snakemake-executor-plugin-cluster-generic"}  # profiles
DEVELOPMENT |= {"mkdocs", "mkdocs-material", "mkdocstrings", "mkdocstrings-python"}


def declared() -> set[str]:
    """Names that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[><=~]", line)[0].strip().lower() for line in project["dependencies"]}


def imported(*folders: str) -> set[str]:
    """Top names of every import in the Python files of these folders, standard library aside."""
    found: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - OURS


def pinned(block: int) -> set[str]:
    """Names in the first or second block of the pins."""
    text = (ROOT / "envs" / "pinned-requirements.txt").read_text(encoding="utf-8")
    lines = text.split("\n\n")[block].splitlines()
    return {line.split("==")[0].lower() for line in lines if not line.startswith("#")}


def test_what_is_declared_is_imported_and_the_reverse() -> None:
    names = {IMPORTED_AS.get(name, name) for name in declared()}
    workflow = (ROOT / "Snakefile").read_text(encoding="utf-8")
    used = imported("simulator", "workflow") | set(re.findall(r"^from (\w+)", workflow, re.MULTILINE))
    assert names - used == set()
    assert used - names == set()


def test_what_is_declared_is_pinned_and_heads_the_pins() -> None:
    assert pinned(0) == declared() | DEVELOPMENT
    assert not pinned(0) & pinned(1)


def test_conda_files_ask_for_no_more_than_the_project() -> None:
    for path in (ROOT / "envs").glob("*.yaml"):
        asked = set(re.findall(r"^  - ([\w-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        others = {"python", "c-compiler", "snakemake-minimal", "pytorch"}
        assert asked - others <= declared(), path


def test_the_profile_names_the_locks_that_are_held() -> None:
    text = (ROOT / "profiles" / "default" / "config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"results/\.\w+", text) == [str(Path(joblog.LOCKS))]

"""The engines of a campaign: named by the suite, described in config/engines.yaml; NB_C_BIN adds others."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence import paths
from evidence.campaigns.suite import Suite
from evidence.cases import schema
from evidence.errors import InputError

ENGINES = Path("config/engines.yaml")


@dataclass(frozen=True)
class Contender:
    """One column of the matrix."""

    name: str
    kind: str  # program, torch, stored
    path: str | None = None  # of a program; None: built here
    arguments: tuple[str, ...] = ()
    device: str = "cpu"
    optional: bool = False

    @property
    def program(self) -> str:
        """Absolute path of a program."""
        return str(Path(self.path).resolve()) if self.path else str(paths.c_engine() or paths.BUILT_ENGINE)


def contenders(
    suite: Suite, environ: Mapping[str, str] = os.environ, path: Path = ENGINES
) -> list[Contender]:
    """The suite's engines in its order, then those that are optional, then those of NB_C_BIN."""
    known = load_engines(path)
    found = []
    for name in (*suite.engines, *suite.optional):
        if name not in known:
            raise InputError(f"{suite.path} engine", f"one of {' '.join(known)} ({path})", f"'{name}'")
        about = known[name]
        found.append(Contender(**{**about.__dict__, "optional": name in suite.optional}))
    return [*found, *outsiders(environ, {each.name for each in found})]


def load_engines(path: Path = ENGINES) -> dict[str, Contender]:
    """All engines of the file."""
    said = schema.read_yaml(path)
    schema.check(said, schema.load_schema("engines"), path)
    return {
        name: Contender(
            name,
            about["kind"],
            about.get("path"),
            tuple(about.get("arguments", "").split()),
            about.get("device", "cpu"),
        )
        for name, about in said.items()
    }


def outsiders(environ: Mapping[str, str], taken: set[str]) -> list[Contender]:
    """One for each path of NB_C_BIN."""
    found: list[Contender] = []
    for number, path in enumerate(text for text in environ.get("NB_C_BIN", "").split(os.pathsep) if text):
        name = Path(path).name
        name = name if name not in taken else f"{name}-{number + 1}"
        taken.add(name)
        found.append(Contender(name, "program", path))
    return found

"""config/refinements/NAME.yaml: the experiment that is observed, and what is refined from where."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from evidence.cases import schema
from evidence.cases.case import target_names
from evidence.cases.structure import HKL, Structure
from evidence.errors import InputError

CASES = Path("config/refinements")


@dataclass(frozen=True)
class RefinementCase:
    """One experiment, what is refined, and how many starts are promised to find it."""

    name: str
    title: str
    description: str
    structure: Structure
    flags: tuple[str, ...]  # nanoBragg's, of the true experiment
    seed: int  # of the noise and of the starts
    parameters: tuple[str, ...]
    perturbed: tuple[str, ...]  # parameters that start wrong, each number by its expected error either way
    starts: int
    promised: int  # starts that are to converge
    seconds: float  # that a start may take

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return CASES / f"{self.name}.yaml"


def load_all(root: Path) -> list[RefinementCase]:
    """Every case there is. Raises InputError for a mistake in one."""
    return [load(CASES / f"{name}.yaml") for name in target_names(root / CASES)]


def load(path: Path) -> RefinementCase:
    """A case from its file. Raises InputError for a mistake in it."""
    found = schema.read_yaml(path)
    schema.check(found, schema.load_schema("refinement"), path)
    strange = sorted(set(found["perturbed"]) - set(found["parameters"]))
    if strange:
        raise InputError(f"{path} key perturbed", "names of key parameters", f"'{strange[0]}'")
    if found["promised"] > found["starts"]:
        raise InputError(f"{path} key promised", f"at most {found['starts']} starts", found["promised"])
    return RefinementCase(
        name=path.stem,
        title=found["title"],
        description=found.get("description", ""),
        structure=Structure.of(found["structure"], path),
        flags=("-hkl", HKL, *shlex.split(found["flags"])),
        seed=found["seed"],
        parameters=tuple(found["parameters"]),
        perturbed=tuple(found["perturbed"]),
        starts=found["starts"],
        promised=found["promised"],
        seconds=float(found["seconds"]),
    )

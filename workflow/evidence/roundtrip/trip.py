"""config/roundtrips/NAME.yaml: the crystal, the sweep and how far it is integrated."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from evidence.cases import schema
from evidence.cases.case import target_names
from evidence.cases.structure import HKL, Structure
from evidence.roundtrip.rotation_scan import Sweep

TRIPS = Path("config/roundtrips")


@dataclass(frozen=True)
class Trip:
    """One sweep and where its structure factors come from."""

    name: str
    title: str
    description: str
    structure: Structure
    sweep: Sweep
    integrate_dmin: float

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return TRIPS / f"{self.name}.yaml"


def load_all(root: Path) -> list[Trip]:
    """Every sweep there is. Raises InputError for a mistake in one."""
    return [load(TRIPS / f"{name}.yaml") for name in target_names(root / TRIPS)]


def load(path: Path) -> Trip:
    """A sweep from its file. Raises InputError for a mistake in it."""
    found = schema.read_yaml(path)
    schema.check(found, schema.load_schema("roundtrip"), path)
    flags = ("-hkl", HKL, *shlex.split(found["flags"]))
    return Trip(
        path.stem,
        found["title"],
        found.get("description", ""),
        Structure.of(found["structure"], path),
        Sweep(flags, **found["sweep"]),
        float(found["integrate_dmin"]),
    )

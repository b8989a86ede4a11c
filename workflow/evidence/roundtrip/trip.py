"""config/roundtrips/NAME.yaml: the crystal, the sweep and how far it is integrated."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from evidence.cases import reflection_list, schema
from evidence.errors import InputError
from evidence.records import Record
from evidence.roundtrip.rotation_scan import Sweep

TRIPS = Path("config/roundtrips")
HKL = "scaled.hkl"


@dataclass(frozen=True)
class Trip:
    """One sweep and where its structure factors come from."""

    name: str
    title: str
    description: str
    structure: Record  # file, dmin and perhaps column, wavelength: options of nb-hkl
    sweep: Sweep
    integrate_dmin: float

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return TRIPS / f"{self.name}.yaml"

    def hkl_command(self, output: Path) -> list[str]:
        """Arguments of nb-hkl."""
        options = {key: value for key, value in self.structure.items() if key != "file"}
        return reflection_list.words(Path(self.structure["file"]).resolve(), output, **options)


def load_all(root: Path) -> list[Trip]:
    """Every sweep there is. Raises InputError for a mistake in one."""
    return [load(TRIPS / path.name) for path in sorted((root / TRIPS).glob("*.yaml"))]


def load(path: Path) -> Trip:
    """A sweep from its file. Raises InputError for a mistake in it."""
    found = schema.read_yaml(path)
    schema.check(found, schema.load_schema("roundtrip"), path)
    if not Path(found["structure"]["file"]).is_file():
        raise InputError(f"{path} key structure.file", "a file", f"'{found['structure']['file']}'")
    options = {key: value for key, value in found["structure"].items() if key != "file"}
    reflection_list.check(Path(found["structure"]["file"]), f"{path} key structure", options)
    flags = ("-hkl", HKL, *shlex.split(found["flags"]))
    return Trip(
        path.stem,
        found["title"],
        found.get("description", ""),
        found["structure"],
        Sweep(flags, **found["sweep"]),
        float(found["integrate_dmin"]),
    )

"""The key `structure` of round trips and refinements: structure factors as nb-hkl makes them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evidence.cases import reflection_list
from evidence.errors import InputError
from evidence.records import Record
from simulator.formats.nb_hkl import main as nb_hkl

HKL = "scaled.hkl"  # the reflection list that the engines read


@dataclass(frozen=True)
class Structure:
    """A file that nb-hkl reads, and its options: dmin and perhaps column, wavelength."""

    file: Path
    options: Record

    @classmethod
    def of(cls, given: Record, path: Path) -> Self:
        """From the key of the YAML file `path`. Raises InputError if nb-hkl would refuse it."""
        file = Path(given["file"])
        if not file.is_file():
            raise InputError(f"{path} key structure.file", "a file", f"'{file}'")
        options = {key: value for key, value in given.items() if key != "file"}
        reflection_list.check(file, f"{path} key structure", options)
        return cls(file, options)

    def make(self, folder: Path) -> None:
        """Write the reflection list into the folder. Raises RuntimeError where nb-hkl cannot."""
        if nb_hkl(reflection_list.words(self.file.resolve(), folder / HKL, **self.options)):
            raise RuntimeError(f"nb-hkl: no structure factors could be made from {self.file}")

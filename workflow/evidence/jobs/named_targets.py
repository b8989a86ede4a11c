"""Targets PREFIX_NAME, one for each file of a folder of the configuration, and the bundles that they seal."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.jobs.wildcards import Wildcards
from evidence.ledger import stamp
from evidence.paths import RESULTS


@dataclass(frozen=True)
class Targets:
    """`bundles` maps a target to `target/stamp`, the folder below results/."""

    prefix: str
    folder: Path
    bundles: Mapping[str, str]

    @property
    def open(self) -> str:
        """Pattern of the bundles that may be written: those that are not sealed."""
        return (
            "|".join(each for each in self.bundles.values() if not stamp.is_sealed(RESULTS / each)) or "(?!)"
        )

    def file_of(self, wildcards: Wildcards) -> str:
        """The YAML file that a bundle is made from."""
        name = str(wildcards.bundle).split("/", 1)[0].removeprefix(self.prefix)
        return (self.folder / f"{name}.yaml").as_posix()

"""inputs/ of a campaign: the suite, its cases one by one, and the files that they name."""

from collections.abc import Sequence
from pathlib import Path

from evidence.campaigns.contenders import ENGINES
from evidence.campaigns.expand import Case
from evidence.campaigns.suite import Suite
from evidence.errors import InputError
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import readable_hash


def stage(suite: Suite, cases: Sequence[Case], selection: str | None, folder: Path) -> None:
    """Fill `folder`; cases.json, which the batches read, comes last."""
    atomic.copy_file(suite.path, folder / "suite.yaml")
    atomic.copy_file(ENGINES, folder / "engines.yaml")
    stage_inputs(suite, folder)
    listed = [case.to_dict() for case in cases]
    about = {"schema": 1, "kind": "campaign cases", "suite": suite.name, "selection": selection}
    atomic.write_json(folder / "cases.json", {**about, "cases": listed})


def stage_inputs(suite: Suite, folder: Path) -> None:
    """The files that commands name."""
    for name, source in suite.inputs.items():
        if isinstance(source, str):
            try:
                atomic.copy_file(Path(source), folder / name)
            except OSError as problem:
                raise InputError(f"{suite.path} input {name}", f"a file {source}", problem.strerror) from None
        else:
            atomic.write_text(folder / name, source["text"])


def fingerprint(suite: Suite) -> Record:
    """What decides the cases: a change makes Snakemake stage and run them again."""
    named = [source for source in suite.inputs.values() if isinstance(source, str)]
    stored = [block["stored"][key] for block in suite.cases if "stored" in block for key in block["stored"]]
    files = [suite.path.as_posix(), ENGINES.as_posix(), *named, *stored]
    return {path: readable_hash(Path(path)) for path in files}

"""Everything a report says, read from one bundle and nowhere else."""

from dataclasses import dataclass
from pathlib import Path

from evidence.records import Record
from evidence.report import history as attempts
from evidence.report.sourced import Whole, find, load
from evidence.store.hashes import file_hash

WRITTEN_HERE = {"report.html", "report.md", "memo.md", "fix_checklist.md", "summary.md"}
WRITTEN_LATER = {"SHA256SUMS", "SEALED", "ro-crate-metadata.json"}
COMPARISON_KEYS = {"correlation", "rmse", "sum_ratio", "max_ulp", "shape", "roi"}
TRACE_KEYS = {"rows", "missing_c", "missing_py", "first_divergence", "compared"}


@dataclass(frozen=True)
class Entry:
    """A part of a JSON file that has a known form: `file`, the names on the way to it, and the part."""

    file: str
    where: str
    data: Record

    @property
    def phase(self) -> str:
        return self.file.split("/")[0].removeprefix("phase_").upper()

    @property
    def title(self) -> str:
        """The folder and the keys that lead here, as words."""
        folders = [part for part in Path(self.file).parent.parts[1:]]
        keys = [key for key in self.where.split("/") if key and key != "tables"]
        return " · ".join((*folders, *keys)).replace("_", " ") or self.phase


@dataclass(frozen=True)
class Facts:
    """One bundle, read once."""

    bundle: Path
    gates: Record
    phases: dict[str, Record]
    metadata: Record
    environment: Record
    comparisons: list[Entry]
    traces: list[Entry]
    runs: list[Entry]
    history: list[attempts.Attempt]

    @property
    def headline(self) -> Entry | None:
        """The comparison that stands for the case: the full frame in float64, else the last one made."""
        ranked = sorted(self.comparisons, key=lambda e: (e.phase, "float64" in f"{e.file}/{e.where}"))
        return ranked[-1] if ranked else None

    @property
    def checks(self) -> list[Record]:
        return [check for gate in self.gates["gates"] for check in gate["checks"]]


def read(bundle: Path) -> Facts:
    """The facts of `bundle`; gates.json, env.json and run_metadata.json must be there."""
    phases = {
        p.parent.name[-1].upper(): _relative(bundle, p) for p in sorted(bundle.glob("phase_?/metrics.json"))
    }
    documents = [(name, load(bundle, name)) for name in _json_names(bundle)]
    return Facts(
        bundle=bundle,
        gates=load(bundle, "gates.json"),
        phases={letter: load(bundle, name) for letter, name in phases.items()},
        metadata=load(bundle, "run_metadata.json"),
        environment=load(bundle, "env.json"),
        comparisons=_entries(documents, COMPARISON_KEYS),
        traces=_entries(documents, TRACE_KEYS),
        runs=_entries(documents, {"engine", "argv", "exit_code", "wall_s"}),
        history=[a for a in attempts.read(bundle.parent.parent) if a.case == bundle.parent.name],
    )


def misread(runs: list[Entry]) -> list[str]:
    """What an external nanoBragg reads otherwise in the command lines, each once."""
    return list(dict.fromkeys(str(text) for run in runs for text in run.data.get("warnings", [])))


def files(bundle: Path) -> list[Record]:
    """Name, size and sha256 of every file, but those that reports and the seal write after this list."""
    rows = []
    for path in sorted(bundle.rglob("*")):
        if not path.is_file() or path.name in WRITTEN_HERE | WRITTEN_LATER or path.name.startswith("."):
            continue
        name = _relative(bundle, path)
        rows.append(
            {"path": name, "bytes": Whole(path.stat().st_size, name, "size"), "sha256": file_hash(path)}
        )
    return rows


def _entries(documents: list[tuple[str, object]], keys: set[str]) -> list[Entry]:
    """Every part with `keys`; one that a phase copied into its metrics.json counts once."""
    found: list[Entry] = []
    for name, document in sorted(documents, key=lambda pair: pair[0].endswith("/metrics.json")):
        for where, data in find(document, keys):
            if all(entry.data != data for entry in found):
                found.append(Entry(name, where, data))
    return sorted(found, key=lambda entry: (entry.file, entry.where))


def _json_names(bundle: Path) -> list[str]:
    return sorted(_relative(bundle, path) for path in bundle.glob("phase_?/**/*.json"))


def _relative(bundle: Path, path: Path) -> str:
    return path.relative_to(bundle).as_posix()

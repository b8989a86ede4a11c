"""Run an engine in a folder of its own and record what came of it.

A failing engine is a result, not an exception: its record says `failed` or `blocked` and why.
"""

import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from evidence.engines.adapters import OURS, translate
from evidence.engines.arguments import last_values, with_inputs
from evidence.engines.child import run_child
from evidence.engines.lint import lint
from evidence.engines.outputs import Output, clear, described, program_of, snapshot
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import readable_hash, tree_hash


@dataclass(frozen=True)
class Engine:
    """A program that renders: what it is, how it is called, what it can do and why it cannot the rest."""

    kind: str  # ours, instrumented, stock, unusable
    role: str  # c, py
    command: tuple[str, ...]
    can: frozenset[str]
    reason: Mapping[str, str] = field(default_factory=dict)
    dtype: str = "float64"
    unstartable: str | None = None  # why it cannot be started at all, or does not answer


@dataclass(frozen=True)
class RunRecord:
    """run.json: one engine run. Paths are relative to the bundle (cwd) or to the folder (the rest)."""

    engine: str
    label: str
    argv: list[str]
    cwd: str
    exit_code: int | None
    status: str  # ok, failed, blocked
    reason: str | None
    wall_s: float
    cpu_s: float
    peak_rss_bytes: int
    started: str
    binary: str
    binary_sha256: str | None
    threads: int
    dtype: str
    mode: str
    env: dict[str, str]
    log: str
    outputs: list[Output]
    program: str = "ours"  # kind of the engine
    warnings: list[str] = field(default_factory=list)  # what an external nanoBragg would misread
    cause: str | None = None  # room, time or signal: it failed for want of what another run may have
    gathered_from: list[str] = field(default_factory=list)  # folders of the runs that rendered its bands

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    def to_dict(self) -> Record:
        found = {"kind": "run", "schema": 1, **asdict(self)}
        return {key: value for key, value in found.items() if key not in ("cause", "gathered_from") or value}

    @classmethod
    def from_dict(cls, found: Record) -> Self:
        """The record that `to_dict` wrote, now or when `kind` was that of the program."""
        known = {key: value for key, value in found.items() if key in cls.__dataclass_fields__}
        known |= {"program": program_of(found)}
        return cls(**known)

    def save(self, path: Path) -> None:
        atomic.write_json(path, self.to_dict())


def py_engine(dtype: str | None = None, device: str = "cpu", extra: tuple[str, ...] = ()) -> Engine:
    """The PyTorch side, in the Python that runs this; dtype None: NB_PYTORCH_DTYPE or float64."""
    chosen = dtype or os.environ.get("NB_PYTORCH_DTYPE") or "float64"
    command = (sys.executable, "-m", "simulator", "--dtype", chosen, "--device", device, *extra)
    return Engine("ours", "py", command, OURS, {}, chosen)


def run(
    engine: Engine,
    arguments: list[str],
    folder: Path,
    label: str,
    inputs: Mapping[str, Path],
    threads: int = 1,
    timeout_s: float | None = None,
    keep: bool = True,
) -> RunRecord:
    """Run `arguments` (our grammar) in `folder`; writes LABEL.log and run.json there, whatever happens.

    Input files are named by the keys of `inputs`. Only what this run wrote counts as its output; with `keep`
    False it is removed. An external program gets one thread: on several its image depends on their number.
    """
    threads = threads if engine.kind == "ours" else 1
    atomic.make_folder(folder)
    clear(folder)
    before = snapshot(folder)
    words = translate(engine.kind, with_inputs(arguments, inputs, folder))
    own = ["--threads", str(threads)] if engine.kind == "ours" and "--threads" not in arguments else []
    argv = [*engine.command, *words.arguments, *own]
    env = environment(threads)
    log = folder / f"{label}.log"
    started = datetime.now(UTC).isoformat(timespec="seconds")
    blocked = words.blocked or (None if "image" in engine.can else engine.reason.get("image", "unusable"))
    if blocked:
        atomic.write_text(log, f"not run: {blocked}\n")
        end = None
    else:
        end = run_child(argv, folder, log, {**os.environ, **env}, timeout_s)
    after = snapshot(folder)
    fresh = [name for name in sorted(after) if after[name] != before.get(name) and name != log.name]
    for name in [] if keep else fresh:
        (folder / name).unlink()
    outputs = [described(folder / name) for name in fresh if keep]
    wrong = blocked or (end.problem if end else None) or _unwritten(words.arguments, outputs)
    mode = last_values(arguments, "--mode") or ("c-parity",)
    record = RunRecord(
        engine=engine.role,
        label=label,
        argv=argv,
        cwd=os.path.relpath(folder.resolve(), folder.resolve().parents[1]),
        exit_code=end.exit_code if end else None,
        status="blocked" if blocked else "failed" if wrong else "ok",
        reason=wrong,
        wall_s=end.wall_s if end else 0.0,
        cpu_s=end.cpu_s if end else 0.0,
        peak_rss_bytes=end.peak_rss_bytes if end else 0,
        started=started,
        binary=engine.command[0],
        binary_sha256=fingerprint(engine),
        threads=threads,
        dtype=engine.dtype,
        mode=" ".join(mode),
        env=env,
        log=log.name,
        outputs=outputs,
        program=engine.kind,
        cause=end.cause if end else None,
        warnings=[] if engine.kind == "ours" else [f"{warn.flag} {warn.text}" for warn in lint(arguments)],
    )
    record.save(folder / "run.json")
    return record


def environment(threads: int) -> dict[str, str]:
    """What a child gets on top of the environment: thread counts, and where `simulator` is."""
    found = importlib.util.find_spec("simulator")
    root = str(Path(found.origin).resolve().parents[1]) if found and found.origin else ""
    paths = [root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {
        "KMP_DUPLICATE_LIB_OK": "TRUE",  # two OpenMP libraries in one process are torch's usual state
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(str(Path(path).resolve()) for path in paths if path)),
    }


def fingerprint(engine: Engine) -> str | None:
    """SHA-256 of the C binary, or over the names and contents of the Python engine's files."""
    if engine.role != "py":
        return readable_hash(Path(engine.command[0]))
    found = importlib.util.find_spec("simulator")
    if found is None or found.origin is None:
        return None
    root = Path(found.origin).parent
    return tree_hash(root.rglob("*.py"), root)


def _unwritten(arguments: list[str], outputs: list[Output]) -> str | None:
    """A program that says all is well but left no image has failed."""
    asked = last_values(arguments, "-floatfile")
    if asked is None or "--trace-only" in arguments:
        return None
    if any(found["path"] == asked[0] and found["bytes"] for found in outputs):
        return None
    return f"it wrote no {asked[0]}"

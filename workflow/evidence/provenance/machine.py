"""Machine, software and source that a result comes from: the content of env.json.

Works with and without a git checkout; what cannot be found out is null, with the reason beside it.
"""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import psutil

from evidence.records import Record
from evidence.store import process
from evidence.store.hashes import tree_hash

PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "gemmi",
    "snakemake",
    "matplotlib",
    "fabio",
    "jinja2",
    "rocrate",
    "mpmath",
    "pyyaml",
    "jsonschema",
    "psutil",
    "tabulate",
)
HONOURED = (
    "NB_C_BIN",
    "NB_PYTORCH_DTYPE",
    "NB_RUN_PARALLEL",
    "KMP_DUPLICATE_LIB_OK",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "CUDA_VISIBLE_DEVICES",
)
SOURCES = ("Snakefile", "simulator", "workflow", "config")


def environment(root: Path) -> Record:
    """Everything about this machine and the source tree `root` that can change a result or its speed."""
    return {
        "kind": "environment",
        "schema": 1,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "host": process.host(),
        "cpu": cpu(),
        "memory_bytes": psutil.virtual_memory().total,
        "accelerators": accelerators(),
        "packages": {name: _version(name) for name in PACKAGES},
        "compiler": compiler(),
        "git": git(root),
        "source_sha256": source_hash(root),
        "environment": {name: os.environ.get(name) for name in HONOURED},
    }


def cpu() -> Record:
    """Model and cores; `cores_usable` are those that this process may run on."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else psutil.cpu_count()
    return {
        "model": _cpu_model(),
        "architecture": platform.machine(),
        "cores_logical": psutil.cpu_count(),
        "cores_physical": psutil.cpu_count(logical=False),
        "cores_usable": usable,
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def accelerators() -> list[str]:
    """Names of the NVIDIA devices, as their driver gives them."""
    said = _said(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"])
    return said.splitlines() if said else []


def compiler() -> dict[str, str | None]:
    """The C compiler of the path (`CC`, else cc); the built engine's own record is in results/build."""
    command = os.environ.get("CC") or "cc"
    said = _said([*command.split(), "--version"])
    if said is None:
        return {"command": command, "version": None, "reason": "not found or does not answer --version"}
    return {"command": command, "version": said.splitlines()[0] if said else "", "reason": None}


def git(root: Path) -> Record:
    """Commit, whether anything differs from it, and the hash of the difference (untracked files included)."""
    top = _said(["git", "-C", str(root), "rev-parse", "--show-toplevel"])
    commit = _said(["git", "-C", str(root), "rev-parse", "HEAD"])
    if top is None or commit is None or Path(top).resolve() != root.resolve():
        reason = "not a git checkout" if shutil.which("git") else "git is not installed"
        return {"commit": None, "dirty": None, "diff_sha256": None, "reason": reason}
    digest = _difference(root)
    return {"commit": commit, "dirty": digest is not None, "diff_sha256": digest, "reason": None}


def _difference(root: Path) -> str | None:
    """Hash of `git diff HEAD` and of each untracked file; None when there is no difference."""
    base = ["git", "-C", str(root)]
    diff = subprocess.run(
        [*base, "diff", "HEAD", "--binary", "--no-ext-diff"], capture_output=True, check=True
    )
    listing = [*base, "ls-files", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, capture_output=True, check=True).stdout.split(b"\0")[:-1]
    if not diff.stdout and not names:
        return None
    digest = hashlib.sha256(diff.stdout)
    for name in sorted(names):
        digest.update(b"\0" + name + b"\0" + _content(root / os.fsdecode(name)))
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    return (
        os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
    )


def source_hash(root: Path) -> str:
    """One hash of the program's files (names and bytes): says which source ran where git cannot."""
    return tree_hash(_source_files(root), root)


def _source_files(root: Path) -> Iterable[Path]:
    for name in SOURCES:
        top = root / name
        found = [top] if top.is_file() else top.rglob("*")
        yield from (p for p in found if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".so")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _said(command: list[str]) -> str | None:
    """What a program prints; None when it is not there, fails, or does not come back."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True, env=_plain())
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _plain() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}

"""Programs compiled ahead of time and kept on disk. The only module that knows torch's compiler."""

import ast
import functools
import hashlib
import platform
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from simulator.compiled.programs import Program
from simulator.physics.structure import NODES

PACKAGE = Path(__file__).parents[1]
ROOT = "compiled/fused.py"  # inputs, programs, settings: everything compiled is made from what it imports
SETTINGS = {
    "cpp.dynamic_threads": True,  # as many threads as torch has at the time of the call
    "assert_indirect_indexing": False,  # lookups are clamped to the table
    "realize_opcount_threshold": 1 << 20,  # keep everything in registers: no temporaries in memory
    "realize_reads_threshold": 1 << 20,
    "realize_acc_reads_threshold": 1 << 20,
}

SMALLEST = dict.fromkeys(("nh", "nk", "nl"), NODES)  # a table with room for one cubic


class Library:
    """A loaded program: call it with its inputs; it uses as many threads as torch is set to."""

    def __init__(self, path: Path) -> None:
        # the loader behind torch._inductor.aoti_load_package, without the second it takes to import that
        self._loader = torch._C._aoti.AOTIModelPackageLoader(str(path), "model", False, 1, -1)

    def __call__(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The program's outputs."""
        outputs: list[Tensor] = self._loader.boxed_run(list(inputs))
        return outputs


def load_library(path: Path) -> Library:
    """The program at a path, loaded once a process for as long as the file is the same."""
    return _loaded(path, path.stat().st_mtime_ns)


@functools.cache
def _loaded(path: Path, _written: int) -> Library:
    return Library(path)


def sources(package: Path = PACKAGE) -> list[Path]:
    """Every module of the package that programs are made from: what `ROOT` imports, directly or not."""
    found, ahead = set(), [package / ROOT]
    while ahead:
        module = ahead.pop()
        if module not in found and module.exists():
            found.add(module)
            ahead += [package / name for name in _imports(module.read_text(), package.name)]
    return sorted(found)


def _imports(text: str, package: str) -> Iterator[str]:
    """Modules of the package that a source names in an import, wherever it stands, as paths within it."""
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            head, _, rest = name.partition(".")
            if head == package and rest:
                yield rest.replace(".", "/") + ".py"


@functools.cache
def fingerprint(package: Path = PACKAGE) -> str:
    """What compiled code depends on beside its program: our source, torch, the processor."""
    digest = hashlib.sha256()
    for module in sources(package):
        digest.update(module.relative_to(package).as_posix().encode() + module.read_bytes())
    for text in (torch.__version__, platform.machine(), torch.backends.cpu.get_cpu_capability(), _flags()):
        digest.update(text.encode())
    return digest.hexdigest()[:16]


def _flags() -> str:
    """The processor's instruction sets, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n")
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def library_path(folder: Path, program: Program) -> Path:
    """Where a program is kept."""
    return folder / fingerprint() / f"{program.name}.pt2"


def can_build() -> bool:
    """Whether a C++ compiler is at hand."""
    return any(shutil.which(compiler) for compiler in ("g++", "clang++", "c++"))


def build_library(program: Program, path: Path) -> None:
    """Compile a program (5 to 30 s) and keep it; a second process at the same time does no harm."""
    from torch._inductor import aoti_compile_and_package  # noqa: PLC0415  a second to import

    path.parent.mkdir(parents=True, exist_ok=True)
    names = {name for free in program.free for name in free.values()}
    sizes = {name: torch.export.Dim(name, min=SMALLEST.get(name, 2)) for name in names}
    shapes = tuple({axis: sizes[name] for axis, name in free.items()} for free in program.free)
    with (
        torch.inference_mode(False),
        warnings.catch_warnings(),
        tempfile.TemporaryDirectory(dir=path.parent) as scratch,
    ):
        warnings.simplefilter("ignore")  # torch's own, about its internals
        contract = "fast" if program.contract else "off"
        inputs = tuple(tensor.detach().clone() for tensor in program.example)
        exported = torch.export.export(program.code, (inputs,), dynamic_shapes=(shapes,))
        made = aoti_compile_and_package(
            exported,
            package_path=str(Path(scratch) / "made.pt2"),
            inductor_configs=SETTINGS | {"cpp.enable_floating_point_contract_flag": contract},
        )
        Path(made).replace(path)

"""What a wheel carries beside the packages: schemas, report templates, the commit, and the C engine.

The engine is compiled where there is a C compiler; the wheel is then for this platform alone. Without one the
wheel is made all the same, and a command that needs the engine says what is missing.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent


def load(path: str) -> ModuleType:
    """A module by itself: nothing that the project depends on is installed yet."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


compiler = load("workflow/evidence/engines/compiler.py")
version = load("simulator/version.py")
COMMIT = version.commit() or ""  # now: a build leaves files behind that git would see


def write_commit(out: Path) -> None:
    """For --version, where there is no git."""
    (out / "simulator" / version.BAKED.name).write_text(f"{COMMIT}\n", encoding="ascii")


class BuildPy(build_py):
    """The packages, and what they read."""

    def run(self) -> None:
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)  # what a former build left
        super().run()
        if not self.editable_mode:  # a checkout has everything in its place
            self.add_data(Path(self.build_lib))

    def add_data(self, out: Path) -> None:
        """Files from outside the packages."""
        data = out / "evidence" / "data"
        shutil.copytree(ROOT / "workflow" / "schemas", data / "schemas")
        unused = shutil.ignore_patterns("screenshots", "captions")
        shutil.copytree(ROOT / "workflow" / "report", data / "report", ignore=unused)
        write_commit(out)
        self.compile_engine(data / "nanobragg-c")

    def compile_engine(self, binary: Path) -> None:
        """With the flags of the workflow; a failure leaves the engine out."""
        command = compiler.find_compiler()
        try:
            if command is None:
                raise FileNotFoundError("no C compiler found")
            flags = compiler.engine_flags(command, version.VERSION, version.commit("simulator/reference"))
            code = sorted((ROOT / "simulator" / "reference").rglob("*.c"))
            compiler.compile_engine(command, flags, code, binary)
        except (OSError, subprocess.CalledProcessError) as problem:
            print(f"warning: the C engine is left out: {problem}", file=sys.stderr)


class Source(sdist):
    """The sources, which know their commit."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        write_commit(Path(base_dir))


class Wheel(bdist_wheel):
    """Any Python 3: the program inside does not depend on it."""

    def get_tag(self) -> tuple[str, str, str]:
        return ("py3", "none", super().get_tag()[2])


class Braggproof(Distribution):
    """For one platform if there is a program inside."""

    def has_ext_modules(self) -> bool:
        return compiler.find_compiler() is not None


setup(distclass=Braggproof, cmdclass={"build_py": BuildPy, "bdist_wheel": Wheel, "sdist": Source})

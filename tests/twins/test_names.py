"""Each concept exists twice under one name: module beside file, function beside function.

What exists once is listed with its reason, so that nothing loses its twin unnoticed.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

PYTHON = ROOT / "simulator"
C = PYTHON / "reference"
# The physics, and what reads and writes it: these functions are on both sides.
TWINS = {
    "physics/vectors": "dot cross norm unit rotate_axis rotate_xyz",
    "physics/conventions": "convention_frame",
    "physics/detector": "detector_frame pixel_position curved_position solid_angle "
    "capture_fraction obliquity",
    "physics/cell": "reciprocal_from_cell misset_cell direct_cell cell_volume",
    "physics/lattice": "sincg sinc3 lattice_axis lattice_square lattice_round spot_distance lattice_gauss "
    "lattice_tophat",
    "physics/structure": "interpolates nearest_index lookup polint_weights tricubic block_inside",
    "physics/polarization": "polarization_factor",
    "physics/steps": "ceil_steps phi_steps range_steps thick_steps mosaic_steps",
    "physics/sources": "generate_sources",
    "physics/rotations": "phi_rotations carryover_index mosaic_rotations random_misset",
    "physics/rng": "mosaic_rotation axis_matrix",
    "physics/background": "water_background",
    "physics/fluence": "fluence_from_flux clip_to_beam",
    "physics/scattering": "scattering_vector miller_indices lattice_factor structure_factor scatter",
    "physics/ray": "trace_ray",
    "rendering/placing": "place_crystal place_detector orient_crystal beam_centre",
    "rendering/scene": "build_scene automatic_oversample",
    "rendering/history": "first_swept find_latch has_unlit",
    "rendering/image": "render_image",
    "rendering/terms": "is_dark resolution_skip in_part has_background",
    "physics/noise": "poisson_noise",
    "rendering/quirks": "active_quirks",
    "rendering/trace": "trace_cell trace_pixel",
    "commandline/printout": "printout printout_pixel",
    "files/matrix": "read_matrix",
    "files/hkl": "read_hkl",
    "files/cache": "read_cache write_cache",
    "files/sourcefile": "read_sources",
    "files/smv": "read_header read_pixels format_header",
    "files/outputs": "write_float write_pgm smv_keys statistics clipped",
    "files/disk": "read_bytes check_writable is_special same_file",
    "files/standard_output": "outlive_reader close_standard_output",
    "files/tokens": "expected convert",
    "commandline/grammar": "parse_flags help_text is_flag",
    "commandline/task": "read_task check_part read_part read_band read_photons",
    "commandline/clashes": "check_clashes",
    "commandline/command": "parse_command take_file read_quirks read_sampling warn_clipped read_goniometer",
    "commandline/command_crystal": "read_crystal read_cell read_misset count_cells read_reflections",
    "commandline/command_beam": "read_beam read_divergence check_table check_tables",
    "commandline/command_detector": "read_detector count_pixels read_sensor",
    "commandline/session": "run",
    "cli": "main",
    "version": "version_text",
}
# Modules whose every public function is in the table above, or here with the reason why it stands alone.
COMPLETE = (
    "physics/vectors physics/conventions physics/detector physics/cell physics/lattice physics/structure "
    "physics/polarization physics/steps physics/sources physics/rotations physics/rng physics/background "
    "physics/fluence physics/scattering physics/ray files/cache files/hkl files/matrix files/sourcefile "
    "commandline/printout"
).split()
ALONE = {
    "planes": "tensors: how the components of many vectors lie in memory",
    "root": "tensors: libm's sqrt is rounded correctly as it is",
    "add": "C has no operator for it",
    "scale": "C has no operator for it",
    "transform": "C has no operator for it",
    "convention_name": "C: an enum has no name of its own",
    "vertical_axis": "one line in Python's generate_sources",
    "grating": "tensors: the value of sincg, whose slopes are apart",
    "sphere": "tensors: the value of sinc3, whose slopes are apart",
    "kahn_factor": "tensors: the value of the polarization factor, whose slopes are apart",
    "reduced_axis": "kernels: one axis of lattice_reduced",
    "parity": "tensors: in slopes.py",
    "table_offset": "tensors: where gradients of structure factors are gathered",
    "polarization_form": "tensors: the polarization factor as derivatives need it",
    "scatter_at": "tensors: derivatives start from h, k, l",
    "lattice_reduced": "kernels: h - h0 before the trigonometry, where digits are short",
    "step_of": "experiments made in Python: the command line settles its steps",
    "split": "tensors: raster indices to slow and fast",
    "make_table": "tensors: a border of default_F saves tests in the loop",
    "add_source": "C: lists grow by hand",
    "mean_weight": "a method of Python's tensors",
    "carries_over": "private to quirks.c",
    "turn_domains": "tensors: all products at once",
    "ran1": "Ran1.draw",
    "ran1_start": "Ran1.__init__",
    "ran1_double": "C's noise alone draws from ran1",
}
FILES_ALONE = {
    "__init__": "Python's front door",
    "__main__": "Python's front door",
    "experiment": "structures only: engine.h",
    "errors": "C: fail() ends the run",
    "units": "macros: engine.h",
    "deviations": "a page, rendered by the PyTorch engine",
    "physics/__init__": "Python's packages",
    "rendering/__init__": "Python's packages",
    "compiled/__init__": "Python's packages",
    "files/__init__": "Python's packages",
    "commandline/__init__": "Python's packages",
    "physics/trig": "libm",
    "physics/slopes": "C computes values only",
    "physics/derivatives": "as slopes",
    "rendering/gradient": "as slopes",
    "rendering/differentiable": "as slopes",
    "rendering/known": "as slopes",
    "rendering/checks": "experiments from Python: a command line is judged word by word",
    "rendering/rules": "as checks",
    "rendering/kernels": "compiled tensor kernels: C is compiled as it stands",
    "compiled/fused": "as kernels",
    "compiled/inputs": "as kernels",
    "compiled/choice": "as kernels",
    "compiled/simulation": "Python's front door",
    "rendering/recording": "derivatives: C has none",
    "compiled/programs": "as kernels",
    "compiled/library": "as kernels",
    "files/image_names": "as formats",
    "files/lines": "Python's bytes.split",
    **{
        f"refinement/{path.stem}": "from an image back to the experiment: Python alone"
        for path in (PYTHON / "refinement").glob("*.py")
    },
    **{
        f"formats/{path.stem}": "other programs' files, which nanoBragg does not know"
        for path in (PYTHON / "formats").glob("*.py")
    },
}
DEFINITION = re.compile(
    r"^(static )?(?:inline )?(?:const )?[A-Za-z_]\w*[ *]+(\w+)\([^;{}]*\)\s*\{", re.MULTILINE
)


def python_functions(path: Path) -> dict[str, bool]:
    """Functions of a module, without a leading underscore, and whether they are public."""
    body = ast.parse(path.read_text()).body
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    return {name.lstrip("_"): not name.startswith("_") for name in names}


def c_functions(path: Path) -> dict[str, bool]:
    """Functions defined in a file, and whether they are public."""
    return {name: not static for static, name in DEFINITION.findall(path.read_text())}


def names(top: Path, suffix: str) -> set[str]:
    """Room and module of every file."""
    return {path.relative_to(top).with_suffix("").as_posix() for path in top.rglob(f"*.{suffix}")}


def lacking(wanted: str, found: dict[str, bool]) -> list[str]:
    """The names that are not there."""
    return [name for name in wanted.split() if name not in found]


INLINE = dict.fromkeys(c_functions(C / "engine.h"), False)


@pytest.mark.parametrize("module", TWINS)
def test_functions_have_twins(module: str) -> None:
    """Every function of the table, on both sides."""
    assert lacking(TWINS[module], python_functions(PYTHON / f"{module}.py")) == []
    assert lacking(TWINS[module], c_functions(C / f"{module}.c") | INLINE) == []


@pytest.mark.parametrize("module", COMPLETE)
def test_nothing_stands_alone_unsaid(module: str) -> None:
    """A public function of the physics without a twin has a reason."""
    sides = python_functions(PYTHON / f"{module}.py"), c_functions(C / f"{module}.c")
    for one, other in (sides, sides[::-1]):
        public = {name for name, is_public in one.items() if is_public}
        assert public - other.keys() - INLINE.keys() - ALONE.keys() == set()


def test_reasons_are_needed() -> None:
    """No reason outlives what it explains."""
    functions: set[str] = set()
    for module in COMPLETE:
        sides = python_functions(PYTHON / f"{module}.py"), c_functions(C / f"{module}.c")
        functions |= sides[0].keys() ^ sides[1].keys()
    assert ALONE.keys() - functions == set()
    assert not [
        name for name in FILES_ALONE if (PYTHON / f"{name}.py").exists() == (C / f"{name}.c").exists()
    ]


def test_files_have_twins() -> None:
    """foo.py beside foo.c, but for those that say why not."""
    modules = names(PYTHON, "py"), names(C, "c")
    assert len(modules[0] & modules[1]) > 30
    assert (modules[0] ^ modules[1]) - FILES_ALONE.keys() == set()
    assert set(TWINS) <= modules[0] & modules[1]


@pytest.mark.parametrize("path", sorted(C.rglob("*.c")), ids=lambda path: path.name)
def test_c_files_name_their_twin(path: Path) -> None:
    """The head of each C file points to the module beside it."""
    head = path.read_text().partition("*/")[0]
    assert head.startswith(f"/* {path.name}: ")
    name = path.relative_to(C).with_suffix("").as_posix()
    assert f"simulator/{name}.py" in head or name in FILES_ALONE


def test_readers_of_source_see_functions(tmp_path: Path) -> None:
    """A function taken away is missed, on either side: the readers find definitions, not calls."""
    for name, text, read in (
        ("a.py", "def one(): ...\ndef _two(): one()\nthree()\n", python_functions),
        (
            "a.c",
            "int one(int x) {\n  return two(x);\n}\nstatic vec *two(\n  vec v) {\n}\nint three(int);\n",
            c_functions,
        ),
    ):
        (tmp_path / name).write_text(text)
        assert read(tmp_path / name) == {"one": True, "two": False}
        assert lacking("one two three", read(tmp_path / name)) == ["three"]

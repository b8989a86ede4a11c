"""Other programs' files from Python: what the methods of `Experiment` and `Reflections` do."""

from dataclasses import replace
from pathlib import Path

from simulator.experiment import Experiment, Reflections
from simulator.formats.amplitudes import expand, to_reflections
from simulator.formats.convert import Found, read_geometry, write_geometry
from simulator.formats.coordinates import B_SOL, K_SOL, Model, read_coordinates
from simulator.formats.geometry import geometry_of
from simulator.formats.mtz import read_mtz
from simulator.rendering.rules import POSITIVE, require


def reflections_from_mtz(
    path: str | Path, column: str | None = None, dmin: float | None = None, default_f: float = 0.0
) -> Reflections:
    """An amplitude column of an MTZ file, or two (`F(+),F(-)`), in P1 to dmin (A); holes hold default_f.

    Without a name the first amplitude. Raises InputError (a ValueError) for a file without such a column, and
    for a dmin of 0 or less.
    """
    if dmin is not None:
        require("dmin", dmin, POSITIVE)
    return to_reflections(expand(read_mtz(Path(path), str(path), column), dmin), default_f)


def reflections_from_coordinates(
    path: str | Path, dmin: float, wavelength: float | None = None, k_sol: float = K_SOL, b_sol: float = B_SOL
) -> Reflections:
    """Structure factors of a PDB or mmCIF file to dmin (A), with bulk solvent (e/A^3, A^2), in P1.

    With a wavelength (A) atoms scatter anomalously. Raises InputError for a file without a crystal, and for a
    dmin or wavelength of 0 or less.
    """
    require("dmin", dmin, POSITIVE)
    if wavelength is not None:
        require("wavelength", wavelength, POSITIVE)
    model = Model(dmin, wavelength, k_sol, b_sol)
    return to_reflections(expand(read_coordinates(Path(path), str(path), model), dmin))


def experiment_from_expt(path: str | Path) -> Experiment:
    """The experiment of a DIALS .expt with one panel; of one written by `experiment_to_expt` to the last bit.

    Raises InputError for any other file.
    """
    return read_geometry(Path(path), str(path), "dials").experiment


def experiment_from_xds(path: str | Path) -> Experiment:
    """The experiment of an XPARM.XDS or GXPARM.XDS. Raises InputError for any other file."""
    return read_geometry(Path(path), str(path), "xds").experiment


def experiment_to_expt(
    experiment: Experiment,
    path: str | Path,
    template: str | None = None,
    images: int = 1,
    mode: str = "c-parity",
) -> None:
    """Write a DIALS .expt of this geometry, of a sweep if a template (`sim_####.img`) names its images.

    Reflections, sources and sampling are not in it.
    """
    geometry = replace(geometry_of(experiment, mode), images=images)
    write_geometry(Found(experiment, geometry, True, mode), Path(path), str(path), "dials", template)

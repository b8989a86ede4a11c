"""Command lines that between them use every convention, pivot, tilt, sensor and orientation."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.cli import main as engine

SMALL = "-default_F 100 -detpixels 64 -pixel 0.5 -nopgm -nonoise -noprogress -oversample 1"
COMMANDS = {
    "mosflm": f"{SMALL} -cell 40 50 60 80 85 95 -misset 10 20 30 -distance 123.4567 -lambda 1.1 -N 3",
    "tilted": f"{SMALL} -cell 40 50 60 -detector_rotx 3 -detector_roty -2 -detector_rotz 7 -twotheta 15 -N 4",
    "denzo": f"{SMALL} -denzo -cell 40 -Xbeam 15.3 -Ybeam 14.7 -distance 99.99 "
    "-misset random -misset_seed 5 -N 3",
    "adxv": f"{SMALL} -adxv -cell 40 50 60 90 97 90 -Xbeam 17.123 -Ybeam 13.777 -energy 12000 -N 5",
    "xds": f"{SMALL} -xds -cell 40 50 60 -ORGX 30.3 -ORGY 35.1 -close_distance 88.8 -twotheta 10 -N 3",
    "dials": f"{SMALL} -dials -cell 40 50 60 -Xclose 14 -Yclose 19 -polar 0.7 -phi 33.3 "
    "-osc 0.7 -phisteps 3 -N 3",
    "custom": f"{SMALL} -cell 30 35 41 77 83 99 -misset 1 2 3 -beam_vector 0.00051387949 0.0 -0.99999986 "
    "-fdet_vector 0.999982 -0.005998 -0.000118 -sdet_vector -0.005998 -0.999970 -0.004913 "
    "-odet_vector -0.000088 0.004914 -0.999988 -spindle_axis -1 0 0 -Xbeam 16.2 -Ybeam 15.9 "
    "-distance 231.27466 -lambda 0.9768 -osc 1 -phi 4 -N 3",
    "sensor": f"{SMALL} -cell 40 50 60 -detector_abs 500 -detector_thick 320 -thicksteps 3 -N 3",
    "curved": f"{SMALL} -cell 40 50 60 -curved_det -point_pixel -nopolar -N 3",
    "mosaic": f"{SMALL} -cell 40 50 60 -mosaic 0.5 -mosaic_dom 3 -mosaic_seed 9 -gauss_xtal "
    "-fudge 0.7 -Na 3 -Nb 4",
    "matrix": f"{SMALL} -mat A.mat -lambda 0.9768 -N 4 -distance 77.7 -osc 0.3 -phisteps 3",
    "steps": f"{SMALL} -cell 40 50 60 -phistep 0.3 -fluence 1e25 -water 0.001 -N 3",
    "spec": f"{SMALL} -cell 40 50 60 80 85 95 --mode spec -pix0_vector_mm 90 17 -15 -spindle_axis 0 1 0 -N 3",
}
MATRIX = """\
-0.02837711 -0.00305386 0.02535816
-0.02871390 0.01019549 -0.01400049
0.01050048 -0.03209440 -0.01036054
"""
REST = SMALL.split()  # what no geometry file holds is given again


def image(arguments: list[str], folder: Path) -> npt.NDArray[np.uint32]:
    """The bits of the float image of a command line."""
    assert engine(arguments, folder) == 0
    return np.fromfile(folder / "floatimage.bin", dtype="<u4")

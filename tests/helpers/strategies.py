"""Random command lines that both engines must take alike; as a command, many of them.

    python -m tests.helpers.strategies --n 5000 --seed 7

Of each row one alternative is taken, in any order. `{low:high}` stands for a random number of four digits,
whole where both limits are whole; `{quirks}` for three switches.
"""

import argparse
import random
import re
import sys
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from simulator.rendering.quirks import NAMES
from tests.helpers.both import differences, run_both
from tests.helpers.engine import compile_engine

CRYSTAL = (
    (
        "-cell 50 60 70 80 95 105",
        "-cell 40",
        "-cell 50 60 70 90 90 90",
        "-mat A.mat",
        "-mat A.mat -cell 26.75 31.31 33.67 88.69 71.53 68.14",
    ),
    (
        "-default_F 10",
        "-default_F -1e200",
        "-hkl half.hkl -default_F 5",
        "-hkl wilson_p1.hkl",
        "-hkl half.hkl -interpolate -default_F 3",
        "-hkl wilson_p1.hkl -nointerpolate",
        "-hkl wilson_p1.hkl -interpolate",
    ),
    (
        "-N 1",
        "-N 2",
        "-N 3 -oversample {1:3}",
        "-N 12 -oversample {1:3}",
        "-Na 2 -Nb 5 -Nc 1 -oversample 2",
        "-xtalsize 0.00002 -oversample 1",
        "-N 4 -xtal_width 0.00004 -oversample 1",
    ),
    ("", "-square_xtal", "-round_xtal", "-gauss_xtal", "-tophat_spots"),
    ("", "", "", "-fudge {0.5:3.0}"),
    ("", "", "", "-misset {-90.:90.} {-90.:90.} {-90.:90.}", "-misset random -misset_seed {1:9999}"),
    ("", "", "", "-mosaic {0.:5.} -mosaic_dom {1:4}", "-mosaic {0.:5.} -mosaic_seed {1:9999}"),
)
DETECTOR = (
    (
        *("-detpixels_f {1:14} -detpixels_s {1:14} -pixel {0.1:0.8}",) * 4,
        "-detsize {1.:6.} -pixel {0.2:0.6}",
        "-detpixels 14 -roi {0:4} {5:13} {0:4} {5:13} -pixel {0.1:0.8}",
        "-mask mask.img -roi 22 34 13 26",
        "-mask mask.img -detpixels 9",
        "-img header.img -detpixels 9",
    ),
    ("", "-distance {50.:200.}", "-close_distance {50.:200.}"),
    ("", "", "", "-mosflm", "-xds", "-adxv", "-denzo", "-dials"),
    ("", "", "-Xbeam {0.:8.} -Ybeam {0.:8.}", "-ORGX {0.:8.} -ORGY {0.:8.}", "-Xclose {0.:8.}"),
    ("", "", "", "-pivot beam", "-pivot sample"),
    ("", "", "-detector_rotx {-20.:20.} -detector_roty {-20.:20.} -detector_rotz {-20.:20.}"),
    ("", "", "", "-twotheta {-20.:30.}", "-twotheta {-20.:30.} -twotheta_axis {-1.:1.} {-1.:1.} {0.1:1.}"),
    ("",) * 8 + ("-fdet_vector 0 0.02 1 -sdet_vector 0 -1 0.02 -odet_vector 1 0.001 0",),
    ("",) * 8 + ("-pix0_vector_mm {50.:90.} 3 -4", "-pix0_vector {0.05:0.09} .003 .004"),
    (
        *("",) * 4,
        "-detector_abs 300 -detector_thick 400",
        "-detector_thick 300 -thicksteps 3",
        "-detector_abs inf -detector_thick 300",
        "-detector_abs 200 -detector_thick 450 -thicksteps 1",
        "-thicksteps 3",
    ),
    ("",) * 6 + ("-curved_det", "-point_pixel", "-curved_det -point_pixel"),
)
BEAM = (
    ("", "", "-lambda {0.5:3.}", "-energy {5000.:15000.}"),
    ("",) * 8 + ("-polar_vector {-1.:1.} {-1.:1.} {0.1:1.}", "-beam_vector 1 0.01 0.02"),
    ("", "", "", "-polar {-1.:1.}", "-polar {-9.:9.}", "-nopolar"),
    ("", "", "", "", "-dispersion 1", "-dispersion 1 -dispsteps 3", "-dispsteps 3"),
    (
        *("",) * 8,
        "-divergence 2",
        "-hdivrange 2 -hdivsteps 3",
        "-divsteps 2 -divergence 1",
        "-hdivstep 1",
        "-vdivrange 1 -vdivstep .4",
        "-hdivsteps 3 -square_div -divergence 2",
        "-vdivstep 0 -vdivrange 1",
        "-hdivrange 0 -hdivsteps 3",
        "-hdivstep 1 -hdivsteps 5",
        "-sourcefile sources3.txt",
        "-sourcefile sources_xds.txt",
    ),
    (
        *("",) * 6,
        "-fluence 1e24",
        "-fluence 1e300",
        "-flux {1.:5.}e12 -exposure .1 -beamsize {0.01:0.2}",
        "-water {1.:50.}",
    ),
)
ROTATION = (
    (
        *("",) * 3,
        "-osc 1",
        "-phistep 0.3",
        "-phisteps 3",
        "-osc 1 -phistep 0.3",
        "-osc 1 -phisteps 3",
        "-phistep .3 -phisteps 4",
        "-osc 2 -phistep .4 -phisteps 3",
        "-osc 0 -phisteps 2",
    ),
    ("", "", "-phi 0", "-phi -1", "-phi -0.3", "-phi 5", "-phi -0.6"),
    ("",) * 5 + ("-spindle_axis {-1.:1.} {-1.:1.} {0.1:1.}",),
)
SWITCHES = (
    ("", "", "", "-oversample_thick"),
    ("", "", "", "-oversample_polar"),
    ("", "", "", "-oversample_omega"),
    ("", "", "", "-dmin {0.5:4.}"),
    ("", "", "--mode spec"),
    ("", "", "", "--quirks {quirks}"),
)
# A second word on what another row has said, before or after it: values at the edge, other names of flags.
CRYSTAL_AGAIN = (
    ("",) * 10
    + ("-N 0", "-Na 0 -Nb 3", "-Nc 2", "-xtal_size 0.00003", "-xtalsize 0.00006 -beamsize 0.00002"),
    ("",) * 10 + ("-samplesize 0.00002", "-sample_size 0.00004", "-sample_x 0.00003", "-width 0.00002"),
    ("",) * 10 + ("-sample_width 0.00002", "-height 0.00003", "-xtal_z 0.00005", "-fudge 2"),
    ("",) * 6
    + ("-mosaic 0 -mosaic_dom 4", "-mosaic_dom 0", "-mosaici 0.7", "-mosaic_spread 0.4 -mosaic_domains 3"),
    ("",) * 10 + ("-binary_spots", "-round_xtal", "-square_xtal", "-interpolate", "-nointerpolate"),
    ("",) * 10 + ("-density 1.2", "-sample_den 1", "-MW 14000", "-molec 18", "-coherent"),
    ("",) * 40 + ("-misset_seed -1", "-mosaic_seed 0", "-misset random", "-mosaic 1 -mosaic_seed 9806"),
)
DETECTOR_AGAIN = (
    ("",) * 10 + ("-oversample 0", "-oversample 1", "-dmin 60", "-adxv -twotheta 3", "-pivot beam"),
    ("",) * 10 + ("-detector_abs inf", "-detector_abs 0", "-detector_absorb 300", "-detector_thick 0"),
    ("",) * 10 + ("-detector_thick 300", "-thicksteps 0", "-detector_thicksteps 2", "-thicksteps 1"),
    ("",) * 10 + ("-mosflm", "-xds", "-adxv", "-denzo", "-dials", "-xds -mosflm"),
    ("",) * 10 + ("-odet_vector 2 0 0", "-odet_vector 0.99 0.1 0", "-beam_vector 1 0.01 0.02"),
    ("",) * 10 + ("-distance {60.:90.}", "-close_distance 80", "-Xbeam 2", "-ORGX 5", "-Xclose 3 -Yclose 4"),
    ("",) * 10 + ("-twotheta 5 -twotheta_axis 0 0 -2", "-twotheta -9", "-twotheta_axis 0.3 -0.2 0.1"),
)
BEAM_AGAIN = (
    ("",) * 10 + ("-nopolar", "-polar 0.9", "-polar -1", "-nopolar -polar 0.5", "-polar_vector 0.1 0.2 1"),
    ("",) * 10
    + ("-hdivstep 0 -hdivsteps 2", "-hdivrange 0", "-hdivrange -1", "-hdivsteps 0", "-vdivstep -1"),
    ("",) * 5
    + ("-vdivsteps 0", "-divsteps 0", "-vdivrange -2", "-dispsteps 0", "-dispersion 0 -dispsteps 2"),
    ("",) * 5 + ("-flux 1e12 -exposure 0", "-flux 0", "-flux 1e12", "-wave 1.3", "-energy 9000"),
)
ROTATION_AGAIN = (
    ("",) * 5
    + ("-phistep 0", "-phistep -1", "-phisteps 0", "-osc -1", "-osc 0", "-osc 2 -phistep 0 -phisteps 3"),
)
AGAIN = (*CRYSTAL_AGAIN, *DETECTOR_AGAIN, *BEAM_AGAIN, *ROTATION_AGAIN)
ROWS = (*CRYSTAL, *DETECTOR, *BEAM, *ROTATION, *SWITCHES, *AGAIN)
BLANK = re.compile(r"\{(?:(quirks)|([^:}]+):([^:}]+))\}")


def fill_in(part: str, seed: int) -> str:
    """The flags with numbers for the blanks. They depend on nothing but these flags and the seed."""
    chance = random.Random(f"{seed} {part}")

    def value(blank: re.Match[str]) -> str:
        if blank[1]:
            return ",".join(chance.choice("+-") + chance.choice(NAMES) for _ in range(3))
        if "." in blank[2] + blank[3]:
            return f"{chance.uniform(float(blank[2]), float(blank[3])):.4g}"
        return str(chance.randint(int(blank[2]), int(blank[3])))

    return BLANK.sub(value, part)


def join(parts: tuple[str, ...], seed: int) -> str:
    """One command line. A part's place hangs on it and the seed alone, whatever else is there."""
    order = sorted(parts, key=lambda part: random.Random(f"order {seed} {part}").random())
    return " ".join(fill_in(part, seed) for part in order if part)


def commands() -> st.SearchStrategy[str]:
    """Command lines; a failing one shrinks flag by flag."""
    parts = st.tuples(*(st.sampled_from(row) for row in ROWS))
    return st.builds(join, parts, st.integers(0, 999_999))


def main() -> int:
    """Many draws; prints every command line on which the engines differ."""
    parser = argparse.ArgumentParser(description="random command lines through both engines")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance, bad = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory() as name:
        engine = compile_engine(Path(name))
        for _ in range(asked.n):
            command = join(tuple(chance.choice(row) for row in ROWS), chance.randrange(1_000_000))
            with tempfile.TemporaryDirectory() as folder:
                found = differences(run_both(engine, command.split(), Path(folder), 600.0))
            if found:
                bad += 1
                print(f"{'; '.join(found)}\n  {command}", flush=True)
    print(f"{asked.n} command lines, {bad} on which the engines differ")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())

"""The taps of a trace: order, unit, meaning, and the function on either side that computes each.

A tap's twin is `room/module:function`: simulator/<room>/<module>.py and simulator/reference/<room>/<module>.c
both have it (`module:many/one` where Python's function takes many pixels at once and C's takes one).
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Tap:
    """One named value of a trace; `count` numbers in `unit`."""

    name: str
    count: int
    unit: str
    twin: str
    meaning: str
    square_only: bool = False  # printed for the parallelepiped crystal alone


def _rows(text: str) -> tuple[Tap, ...]:
    found = []
    for line in text.strip().splitlines():
        name, count, unit, twin, meaning = (part.strip() for part in line.split("|"))
        found.append(
            Tap(name, int(count), unit.replace("none", ""), twin, meaning, name[:-2].endswith("F_latt"))
        )
    return tuple(found)


# Once per trace: the crystal at phi = 0.
CELL = _rows("""
cell_a_star_A_inv | 3 | 1/A | physics/cell:direct_cell | a* with misset, rebuilt from the real cell
cell_b_star_A_inv | 3 | 1/A | physics/cell:direct_cell | b* likewise
cell_c_star_A_inv | 3 | 1/A | physics/cell:direct_cell | c* likewise
cell_a_angstroms | 3 | A | physics/cell:direct_cell | a, unrotated
cell_b_angstroms | 3 | A | physics/cell:direct_cell | b, unrotated
cell_c_angstroms | 3 | A | physics/cell:direct_cell | c, unrotated
V_cell_A3 | 1 | A^3 | physics/cell:direct_cell | cell volume
V_star_A3_inv | 1 | A^-3 | physics/cell:direct_cell | volume of the reciprocal cell
""")
# Once per pixel, in the order of computation.
PIXEL = _rows("""
pix0_vector_meters | 3 | m | physics/detector:detector_frame | corner of the first pixel
fdet_vec | 3 | none | physics/detector:detector_frame | fast direction
sdet_vec | 3 | none | physics/detector:detector_frame | slow direction
odet_vec | 3 | none | physics/detector:detector_frame | detector normal
pixel_pos_meters | 3 | m | physics/detector:pixel_position | pixel, or its first subpixel
R_distance_meters | 1 | m | physics/vectors:norm | sample to pixel
omega_pixel_sr | 1 | sr | physics/detector:solid_angle | solid angle
close_distance_meters | 1 | m | physics/detector:detector_frame | sample to detector plane
obliquity_factor | 1 | none | physics/detector:obliquity | close distance over R
diffracted_vec | 3 | none | physics/vectors:unit | direction of the diffracted ray
incident_vec | 3 | none | physics/sources:generate_sources | direction of the incident ray
lambda_meters | 1 | m | physics/sources:generate_sources | wavelength
scattering_vec_m_inv | 3 | 1/m | physics/scattering:scattering_vector | (d - i)/lambda
rot_a_angstroms | 3 | A | physics/rotations:phi_rotations | a, rotated by phi and mosaic domain
rot_b_angstroms | 3 | A | physics/rotations:phi_rotations | b likewise
rot_c_angstroms | 3 | A | physics/rotations:phi_rotations | c likewise
rot_a_star_A_inv | 3 | 1/A | physics/cell:direct_cell | a*, not rotated by phi
rot_b_star_A_inv | 3 | 1/A | physics/cell:direct_cell | b* likewise
rot_c_star_A_inv | 3 | 1/A | physics/cell:direct_cell | c* likewise
hkl_frac | 3 | none | physics/scattering:miller_indices | fractional Miller indices
hkl_rounded | 3 | none | physics/structure:nearest_index | nearest reflection
F_latt_a | 1 | none | physics/lattice:sincg | grating function along a
F_latt_b | 1 | none | physics/lattice:sincg | grating function along b
F_latt_c | 1 | none | physics/lattice:sincg | grating function along c
F_latt | 1 | none | physics/lattice:lattice_square | lattice factor
F_cell | 1 | electrons | physics/structure:lookup | structure factor
I_before_scaling | 1 | electrons^2 | rendering/render:render_pixels/render_pixel | sum of F_cell^2 F_latt^2
r_e_sqr | 1 | m^2 | rendering/render:render_pixels/render_pixel | electron radius squared
fluence_photons_per_m2 | 1 | photons/m^2 | physics/fluence:fluence_from_flux | incident fluence
steps | 1 | none | rendering/scene:build_scene | terms the sum is averaged over
capture_fraction | 1 | none | physics/detector:capture_fraction | absorbed in the sensor layer
polar | 1 | none | physics/polarization:polarization_factor | polarization factor
omega_pixel | 1 | sr | physics/detector:solid_angle | solid angle used in the scaling
cos_2theta | 1 | none | physics/vectors:dot | incident by diffracted direction
I_pixel_final | 1 | photons | rendering/render:render_pixels/render_pixel | photons in the pixel
""")
# Once per phi step, each block opened by `phi_tic K`.
PHI = _rows("""
phi_deg | 1 | deg | physics/steps:phi_steps | spindle angle
phi_rot_a_angstroms | 3 | A | physics/rotations:phi_rotations | a at this step
phi_rot_b_angstroms | 3 | A | physics/rotations:phi_rotations | b at this step
phi_rot_c_angstroms | 3 | A | physics/rotations:phi_rotations | c at this step
phi_hkl_frac | 3 | none | physics/scattering:miller_indices | fractional Miller indices at this step
phi_hkl_rounded | 3 | none | physics/structure:nearest_index | nearest reflection at this step
phi_F_latt_a | 1 | none | physics/lattice:sincg | grating function along a
phi_F_latt_b | 1 | none | physics/lattice:sincg | grating function along b
phi_F_latt_c | 1 | none | physics/lattice:sincg | grating function along c
phi_F_latt | 1 | none | physics/lattice:lattice_square | lattice factor
phi_F_cell | 1 | electrons | physics/structure:lookup | structure factor
phi_I_term | 1 | electrons^2 | rendering/render:render_pixels/render_pixel | F_cell^2 F_latt^2 of this step
""")
OPENS_PIXEL, OPENS_PHI = "trace_pixel", "phi_tic"
# Layers and subpixels after the first: block_LAYER_ROW_COLUMN_ before the name of each of these taps.
BLOCK_PREFIX = re.compile(r"block_\d+_\d+_\d+_")
SUMS = PIXEL[[tap.name for tap in PIXEL].index("I_before_scaling") :]
BLOCK = PIXEL[: -len(SUMS)]
TAPS = {tap.name: tap for tap in CELL + PIXEL + PHI}
ORDER = {name: place for place, name in enumerate(TAPS)}


def split_block(name: str) -> tuple[str, str]:
    """(`block_0_0_1_`, `hkl_frac`) of `block_0_0_1_hkl_frac`; no prefix: (``, name)."""
    found = BLOCK_PREFIX.match(name)
    return (found[0], name[found.end() :]) if found else ("", name)


def twin(name: str, square: bool = True) -> str:
    """Where a tap is computed: `simulator/physics/lattice.py:sincg | simulator/reference/...`."""
    tap = TAPS.get(split_block(name)[1])
    if tap is None:
        return "no function is known for this tap"
    module, function = tap.twin.split(":")
    if function == "lattice_square" and not square:
        function = "lattice_round, lattice_gauss or lattice_tophat"
    py, _, c = function.partition("/")
    return f"simulator/{module}.py:{py} | simulator/reference/{module}.c:{c or py}"

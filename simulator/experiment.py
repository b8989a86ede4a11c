"""The experiment: what the field's programs call beam, crystal, detector and goniometer.

Lengths in metres, angles in degrees, cell lengths and wavelength in angstrom. A field marked Number may be a
tensor; the image is then differentiable with respect to it. None means "not given": section 5 of the
behaviour page decides.
"""

from dataclasses import dataclass, field

from torch import Tensor

Number = float | Tensor
Triple = tuple[Number, ...] | Tensor  # three numbers
DEFAULT_FLUENCE = 125932015286227086360700780544.0  # photons/m^2: makes r_e^2 fluence = 1


@dataclass(frozen=True)
class Beam:
    """Source: direction, spectrum, divergence, polarization and fluence (photons/m^2)."""

    wavelength: Number = 1.0
    direction: Triple = (1.0, 0.0, 0.0)  # along the beam, from the source
    fluence: Number = DEFAULT_FLUENCE
    kahn: Number = 0.0  # polarization factor K
    nopolar: bool = False  # no polarization correction
    polarization_normal: Triple = (0.0, 0.0, 1.0)
    hdiv: tuple[Number, Number, int] = (0.0, 0.0, 1)  # range, step (radians), steps
    vdiv: tuple[Number, Number, int] = (0.0, 0.0, 1)
    dispersion: tuple[Number, Number, int] = (0.0, 0.0, 1)  # fractions of the wavelength
    round_divergence: bool = True
    sources: Tensor | None = None  # (n, 5): x, y, z (m), weight, wavelength (m); replaces the generated ones
    water_size: Number = 0.0


@dataclass(frozen=True)
class Reflections:
    """Structure factors in a box of Miller indices; outside it `Crystal.default_F` holds."""

    data: Tensor  # (nh, nk, nl)
    lowest: tuple[int, int, int]  # index of data[0, 0, 0]


@dataclass(frozen=True)
class Crystal:
    """Unit cell or A matrix, orientation, size, shape, mosaicity and structure factors."""

    cell: Tensor | tuple[Number, ...] | None = None  # a, b, c (A), al, be, ga (deg)
    a_star: Tensor | None = None  # rows a*, b*, c* (3, 3) in 1/A; replaces the default orientation
    misset: Triple | None = None
    misset_seed: int | None = None  # a random misset with this seed
    n_cells: Triple = (1, 1, 1)
    shape: str = "square"  # round, gauss, tophat
    fudge: Number = 1.0
    mosaic_spread: Number = 0.0
    mosaic_domains: int = 1
    mosaic_seed: int = 12345678
    reflections: Reflections | None = None
    default_F: Number = 0.0
    interpolate: bool | None = False  # None: as the smallest crystals do, by the number of cells
    counts: Triple | None = None  # cells per axis before sizes were turned into cells; None: n_cells


@dataclass(frozen=True)
class Detector:
    """Panel of pixels: axes, distance, beam centre, tilts and sensor."""

    shape: tuple[int, int] = (1024, 1024)  # slow, fast
    pixel_size: Number = 1e-4
    size: tuple[Number | None, Number | None] = (None, None)  # slow, fast side; None: pixels times pixel size
    convention: str = "mosflm"
    fast: Triple = (0.0, 0.0, 1.0)
    slow: Triple = (0.0, -1.0, 0.0)
    normal: Triple = (1.0, 0.0, 0.0)
    distance: Number = 0.1
    close_distance: Number | None = None
    Xbeam: Number | None = None
    Ybeam: Number | None = None
    Xclose: Number | None = None
    Yclose: Number | None = None
    ORGX: Number | None = None  # pixels
    ORGY: Number | None = None
    pix0: Triple | None = None  # corner of the first pixel; without the quirk pix0-derived
    pivot: str = "beam"
    rotation: Triple = (0.0, 0.0, 0.0)  # about lab X, Y, Z
    twotheta: Number = 0.0
    twotheta_axis: Triple = (0.0, 0.0, -1.0)
    curved: bool = False
    point_pixel: bool = False
    thickness: Number = 0.0
    attenuation: Number | None = None  # 1/m; None: nothing is absorbed
    layers: int = 1
    layer_thickness: Number = 0.0


@dataclass(frozen=True)
class Goniometer:
    """Rotation of the crystal about the spindle: phi_k = phi + k phistep."""

    spindle: Triple = (0.0, 0.0, 1.0)
    phi: Number = 0.0
    osc: Number = 0.0  # range, for the image header
    phistep: Number = 0.0
    phisteps: int = 1


@dataclass(frozen=True)
class Sampling:
    """Which pixels, how many subpixels, and what is recomputed for each."""

    oversample: int | None = None  # None: chosen from the size of the crystal
    oversample_thick: bool = False
    oversample_polar: bool = False
    oversample_omega: bool = False
    # fast min, max, slow min, max, inclusive; or a list of such boxes, which may overlap
    roi: tuple[int, int, int, int] | list[tuple[int, int, int, int]] | None = None
    mask: Tensor | None = None  # (slow, fast), zero: skipped
    dmin: float = 0.0  # A


@dataclass(frozen=True)
class Experiment:
    """Everything the physics needs to know."""

    beam: Beam = field(default_factory=Beam)
    crystal: Crystal = field(default_factory=Crystal)
    detector: Detector = field(default_factory=Detector)
    goniometer: Goniometer = field(default_factory=Goniometer)
    sampling: Sampling = field(default_factory=Sampling)

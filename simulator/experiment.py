"""The experiment: what the field's programs call beam, crystal, detector and goniometer.

Lengths in metres, angles in degrees, cell lengths and wavelength in angstrom. A field marked Number may be a
tensor; the image is then differentiable with respect to it. None means "not given": README "Steps" decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor

from simulator.units import DEFAULT_FLUENCE, DEFAULT_SEED

Number = float | Tensor
API = "simulator.formats.api"  # other programs' files
Triple = tuple[Number, ...] | Tensor  # three numbers
Spread = tuple[Number, Number | None, int]  # range, step (None: range/(steps - 1)), steps
Box = tuple[int, int, int, int]  # of pixels: fast min, max, slow min, max, inclusive


def _of_formats(name: str) -> Callable[..., Any]:
    """A function of `API`, which stands above this module: it loads when it is called."""

    def load(*values: object, **named: object) -> object:
        return getattr(import_module(API), name)(*values, **named)

    return staticmethod(load)


@dataclass(frozen=True)
class Beam:
    """Source: direction, spectrum, divergence, polarization and fluence (photons/m^2).

    >>> from simulator import Beam
    >>> Beam(wavelength=0.9768, fluence=1e24, kahn=0.9).direction
    (1.0, 0.0, 0.0)
    """

    wavelength: Number = 1.0
    direction: Triple = (1.0, 0.0, 0.0)  # along the beam, from the source
    fluence: Number = DEFAULT_FLUENCE
    kahn: Number = 0.0  # polarization factor K
    nopolar: bool = False  # no polarization correction
    polarization_normal: Triple = (0.0, 0.0, 1.0)
    hdiv: Spread = (0.0, 0.0, 1)  # radians
    vdiv: Spread = (0.0, 0.0, 1)
    dispersion: Spread = (0.0, 0.0, 1)  # fractions of the wavelength
    round_divergence: bool = True
    sources: Tensor | None = None  # (n, 5): x, y, z (m), weight, wavelength (m); replaces the generated ones
    water_size: Number = 0.0


@dataclass(frozen=True)
class Reflections:
    """Structure factors in a box of Miller indices; outside it `Crystal.default_F` holds.

    >>> import torch
    >>> from simulator import Reflections
    >>> box = Reflections(data=torch.full((5, 7, 9), 100.0, dtype=torch.float64), lowest=(-2, -3, -4))
    >>> float(box.data[0 + 2, 1 + 3, -2 + 4])  # F of 0 1 -2
    100.0
    """

    data: Tensor  # (nh, nk, nl)
    lowest: tuple[int, int, int]  # index of data[0, 0, 0]

    # Reflections.from_mtz(path, column), .from_coordinates(path, dmin, wavelength): see simulator.formats.api
    from_mtz: ClassVar[Callable[..., "Reflections"]] = _of_formats("reflections_from_mtz")
    from_coordinates: ClassVar[Callable[..., "Reflections"]] = _of_formats("reflections_from_coordinates")


@dataclass(frozen=True)
class Crystal:
    """Unit cell or A matrix, orientation, size, shape, mosaicity and structure factors.

    >>> import torch
    >>> from simulator import Crystal
    >>> misset = torch.tensor([0.1, -0.2, 0.3], dtype=torch.float64, requires_grad=True)  # degrees
    >>> cell = (27.2, 31.9, 34.3, 88.5, 109.0, 111.9)
    >>> Crystal(cell=cell, misset=misset, n_cells=(5, 5, 5), default_F=50.0).shape
    'square'
    """

    cell: Tensor | tuple[Number, ...] | None = None  # a, b, c (A), al, be, ga (deg)
    a_star: Tensor | None = None  # rows a*, b*, c* (3, 3) in 1/A; replaces the default orientation
    misset: Triple | None = None
    misset_seed: int | None = None  # a random misset with this seed
    n_cells: Triple = (1, 1, 1)
    shape: str = "square"  # round, gauss, tophat
    fudge: Number = 1.0
    mosaic_spread: Number = 0.0
    mosaic_domains: int = 1
    mosaic_seed: int = DEFAULT_SEED
    reflections: Reflections | None = None
    default_F: Number = 0.0
    interpolate: bool | None = False  # None: as the smallest crystals do, by the number of cells
    counts: Triple | None = None  # cells per axis before sizes were turned into cells; None: n_cells


@dataclass(frozen=True)
class Detector:
    """Panel of pixels: axes, distance, beam centre, tilts and sensor.

    >>> from simulator import Detector
    >>> panel = Detector(shape=(195, 487), pixel_size=172e-6, distance=0.25, twotheta=15.0, pivot="sample")
    >>> panel.shape  # slow, fast
    (195, 487)
    """

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
    layer_thickness: Number | None = None  # None: thickness/(layers - 1), or all of it


@dataclass(frozen=True)
class Goniometer:
    """Rotation of the crystal about the spindle: phi_k = phi + k phistep, in degrees.

    >>> from simulator import Goniometer
    >>> turn = Goniometer(phi=10.0, osc=0.1, phisteps=10)  # steps of 0.01
    >>> round(turn.phi + (turn.phisteps - 1) * turn.osc / turn.phisteps, 6)  # the last step
    10.09
    """

    spindle: Triple = (0.0, 0.0, 1.0)
    phi: Number = 0.0
    osc: Number = 0.0  # range
    phistep: Number | None = None  # None: osc/phisteps
    phisteps: int = 1


@dataclass(frozen=True)
class Sampling:
    """Which pixels, how many subpixels, and what is recomputed for each.

    >>> from simulator import Sampling
    >>> Sampling(oversample=2, roi=(100, 199, 50, 149)).dmin  # 100 x 100 pixels, no resolution limit
    0.0
    """

    oversample: int | None = None  # None: chosen from the size of the crystal
    oversample_thick: bool = False
    oversample_polar: bool = False
    oversample_omega: bool = False
    roi: Box | list[Box] | None = None  # boxes may overlap
    mask: Tensor | None = None  # (slow, fast), zero: skipped
    dmin: float = 0.0  # A


@dataclass(frozen=True)
class Experiment:
    """Everything the physics needs to know. Another is made with `dataclasses.replace`.

    >>> from dataclasses import replace
    >>> from simulator import Crystal, Experiment
    >>> one = Experiment(crystal=Crystal(cell=(50.0, 60.0, 70.0, 90.0, 90.0, 90.0), default_F=10.0))
    >>> other = replace(one, crystal=replace(one.crystal, n_cells=(10, 10, 10)))
    >>> one.crystal.n_cells, other.crystal.n_cells
    ((1, 1, 1), (10, 10, 10))
    """

    beam: Beam = field(default_factory=Beam)
    crystal: Crystal = field(default_factory=Crystal)
    detector: Detector = field(default_factory=Detector)
    goniometer: Goniometer = field(default_factory=Goniometer)
    sampling: Sampling = field(default_factory=Sampling)

    # Experiment.from_expt(path), .from_xds(path): see simulator.formats.api
    from_expt: ClassVar[Callable[..., "Experiment"]] = _of_formats("experiment_from_expt")
    from_xds: ClassVar[Callable[..., "Experiment"]] = _of_formats("experiment_from_xds")

    def to_expt(self, path: str | Path, template: str | None = None, images: int = 1) -> None:
        """Write a DIALS .expt: `simulator.formats.api.experiment_to_expt`."""
        _of_formats("experiment_to_expt")(self, path, template, images)

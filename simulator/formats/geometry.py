"""What every program's geometry file says in its own way: beam, panel, spindle, scan and crystal.

Vectors are in one right-handed laboratory frame, lengths in metres, cells and wavelengths in angstrom, angles
in degrees.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from simulator.experiment import Beam, Crystal, Detector, Experiment, Goniometer, Triple
from simulator.formats.frames import Vector, direction
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import build_scene

CPU = torch.device("cpu")
SQUARE = 1e-12  # cosine between axes that are at right angles but for rounding
STEEP = 0.1  # cosine between beam and normal above which a beam centre is a good number


@dataclass(frozen=True)
class Panel:
    """A flat panel of square pixels: unit axes, corner of the first pixel (m), sensor."""

    fast: Vector
    slow: Vector
    origin: Vector
    shape: tuple[int, int]  # slow, fast
    pixel: float  # m
    thickness: float = 0.0  # m
    attenuation: float | None = None  # 1/m


@dataclass(frozen=True)
class Geometry:
    """An experiment's geometry; None: the file it came from does not say."""

    beam: Vector | None = None  # unit, along the beam
    wavelength: float | None = None
    kahn: float | None = None  # 2 f - 1, f the fraction polarized along `electric`
    electric: Vector | None = None  # direction of the electric field
    panel: Panel | None = None
    spindle: Vector | None = None
    phi: float = 0.0  # start of the first image
    osc: float = 0.0  # width of one image
    images: int = 1
    first_image: int = 1
    direct: Vector | None = None  # rows a, b, c (A) at spindle angle 0

    def turned(self, rotation: Vector) -> "Geometry":
        """The same in another laboratory frame: every vector v becomes rotation @ v."""

        def turn(v: Vector | None) -> Vector | None:
            return None if v is None else v @ rotation.T + 0.0

        panel = self.panel
        if panel is not None:
            fast, slow, origin = (axis @ rotation.T + 0.0 for axis in (panel.fast, panel.slow, panel.origin))
            panel = replace(panel, fast=fast, slow=slow, origin=origin)
        return replace(
            self,
            beam=turn(self.beam),
            electric=turn(self.electric),
            panel=panel,
            spindle=turn(self.spindle),
            direct=turn(self.direct),
        )

    @property
    def normal(self) -> Vector:
        """The panel's normal (3), away from the sample."""
        assert self.panel is not None
        normal = direction(np.cross(self.panel.fast, self.panel.slow))
        return normal if float(np.dot(normal, self.panel.origin)) >= 0 else -normal


def geometry_of(experiment: Experiment, mode: str = "c-parity", quirks: str | None = None) -> Geometry:
    """Where the engine puts everything, in its own laboratory frame.

    An experiment without a cell has no crystal. Panel axes that were given to a few digits are made square.
    Raises InputError for a detector that the beam never meets.
    """
    crystal = experiment.crystal
    bare = Crystal(a_star=torch.eye(3, dtype=torch.float64))
    if crystal.cell is not None or crystal.a_star is not None:
        bare = replace(
            bare,
            cell=crystal.cell,
            a_star=crystal.a_star,
            misset=crystal.misset,
            misset_seed=crystal.misset_seed,
        )
    sampling = replace(experiment.sampling, oversample=1, mask=None)
    scene = build_scene(replace(experiment, crystal=bare, sampling=sampling), Quirks.of(mode, quirks), CPU)
    beam, detector, goniometer = experiment.beam, experiment.detector, experiment.goniometer
    frame = scene.frame
    fast, slow = at_right_angles(_vector(frame.fast), _vector(frame.slow))
    has_crystal = crystal.cell is not None or crystal.a_star is not None
    absorbs = detector.attenuation is not None and detector.thickness > 0
    return Geometry(
        beam=_vector(frame.beam),
        wavelength=float(beam.wavelength),
        kahn=None if beam.nopolar else float(beam.kahn),
        electric=_vector(scene.polar_normal),
        panel=Panel(
            fast=fast,
            slow=slow,
            origin=_vector(frame.origin),
            shape=detector.shape,
            pixel=float(scene.pixel),
            thickness=float(detector.thickness),
            attenuation=float(detector.attenuation) if absorbs and detector.attenuation is not None else None,
        ),
        spindle=direction(_vector(torch.as_tensor(_numbers(goniometer.spindle), dtype=torch.float64))),
        phi=float(goniometer.phi),
        osc=float(goniometer.osc),
        direct=_vector(scene.direct) if has_crystal else None,
    )


def at_right_angles(fast: Vector, slow: Vector) -> tuple[Vector, Vector]:
    """Unit axes at right angles, both turned by half of what they lack: other programs take no others."""
    lack = float(np.dot(fast, slow))
    if abs(lack) < SQUARE:
        return fast, slow
    return direction(fast - lack / 2 * slow), direction(slow - lack / 2 * fast)


def experiment_of(geometry: Geometry) -> Experiment:
    """An experiment in the custom convention, in the geometry's own frame; what is unknown is the default."""
    beam = Beam() if geometry.beam is None else Beam(direction=tuple(geometry.beam.tolist()))
    along = np.array(beam.direction)
    if geometry.wavelength is not None:
        beam = replace(beam, wavelength=geometry.wavelength)
    electric = geometry.spindle if geometry.electric is None else geometry.electric
    if electric is not None and float(np.linalg.norm(np.cross(electric, along))) > 0:
        beam = replace(beam, polarization_normal=tuple(electric.tolist()))
    beam = replace(beam, kahn=geometry.kahn or 0.0)
    goniometer = Goniometer()
    if geometry.spindle is not None:
        steps = 2 if geometry.osc > 0 else 1  # as the command line makes of an oscillation range alone
        axis = tuple(geometry.spindle.tolist())
        goniometer = Goniometer(axis, geometry.phi, geometry.osc, geometry.osc / steps, steps)
        if geometry.osc <= 0:
            goniometer = Goniometer(axis, geometry.phi)
    crystal = Crystal()
    if geometry.direct is not None:
        crystal = Crystal(a_star=torch.from_numpy(np.linalg.inv(geometry.direct).T.copy()))
    detector = Detector() if geometry.panel is None else _detector(geometry, along)
    return Experiment(beam, crystal, detector, goniometer)


def _detector(geometry: Geometry, beam: Vector) -> Detector:
    """The panel with the beam pivot, or the sample pivot where the beam grazes or misses it."""
    panel, normal = geometry.panel, geometry.normal
    assert panel is not None
    close, cosine = float(np.dot(panel.origin, normal)), float(np.dot(beam, normal))
    sensor = panel.thickness > 0 and panel.attenuation is not None
    placed = Detector(
        shape=panel.shape,
        pixel_size=panel.pixel,
        convention="custom",
        fast=tuple(panel.fast.tolist()),
        slow=tuple(panel.slow.tolist()),
        normal=tuple(normal.tolist()),
        pix0=tuple(panel.origin.tolist()),
        twotheta_axis=(0.0, 1.0, 0.0),
        thickness=panel.thickness if sensor else 0.0,
        attenuation=panel.attenuation if sensor else None,
        layers=2 if sensor else 1,
        layer_thickness=panel.thickness / 2 if sensor else 0.0,
    )
    if cosine > STEEP:
        gap = close / cosine * beam - panel.origin
        return replace(
            placed,
            distance=close / cosine,
            Xbeam=float(np.dot(gap, panel.fast)),
            Ybeam=float(np.dot(gap, panel.slow)),
        )
    return replace(
        placed,
        close_distance=close,
        Xclose=-float(np.dot(panel.origin, panel.fast)),
        Yclose=-float(np.dot(panel.origin, panel.slow)),
        pivot="sample",
    )


def _numbers(values: Triple) -> list[float]:
    return [float(value) for value in values]


def _vector(tensor: torch.Tensor) -> Vector:
    found: Vector = tensor.detach().numpy().astype(np.float64) + 0.0
    return found

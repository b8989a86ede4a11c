"""NXmx (HDF5): images with the whole geometry, by the NeXus definition for crystallography.

H. J. Bernstein et al., IUCrJ 7 (2020) 784. Axes are in the McStas frame: Z along the beam. Data are kept as
they come, float32 or counts, compressed by bitshuffle and lz4 without loss.
"""

import io
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import numpy.typing as npt
from torch import Tensor

from simulator.experiment import Experiment
from simulator.files.disk import write_bytes
from simulator.formats.frames import Vector, mcstas
from simulator.formats.geometry import Geometry, Panel, geometry_of
from simulator.formats.made import Made, made
from simulator.formats.xds_parm import cell_of

COMPRESSION = hdf5plugin.Bitshuffle(cname="lz4")
THINNEST = 1e-12  # m: dxtbx takes no sensor without depth
Images = npt.NDArray[Any]
OMEGA = "/entry/sample/transformations/omega"
CORNER = "/entry/instrument/detector/transformations/corner"
OFFSET = "/entry/instrument/detector/module/module_offset"


def write_nxmx(
    path: str | Path,
    images: Images | Tensor,
    experiment: Experiment,
    *,
    mode: str = "c-parity",
    quirks: str | None = None,
    by: Made | None = None,
) -> None:
    """One image (slow, fast) or a sweep (n, slow, fast) of an experiment; image k starts at phi + k osc.

    Raises ValueError for images of another shape than the detector's.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulator import Crystal, Detector, Experiment, simulate, write_nxmx
    >>> crystal = Crystal(cell=(40.0, 50.0, 60.0, 90.0, 90.0, 90.0), default_F=100.0, n_cells=(5, 5, 5))
    >>> experiment = Experiment(crystal=crystal, detector=Detector(shape=(32, 32), pixel_size=1e-3))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_nxmx(Path(folder) / "x.nxs", simulate(experiment).float(), experiment)
    ...     print(sorted(path.name for path in Path(folder).iterdir()))
    ['x.nxs']
    """
    images = images.detach().cpu().numpy() if isinstance(images, Tensor) else images
    stack = images[None] if images.ndim == 2 else images
    if stack.ndim != 3 or stack.shape[1:] != experiment.detector.shape or not len(stack):
        raise ValueError(f"images: expected (n, {experiment.detector.shape}), got {images.shape}")
    geometry = geometry_of(experiment, mode, quirks)
    assert geometry.beam is not None
    turned = geometry.turned(mcstas(geometry.beam, geometry.spindle))
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        entry = _group(file, "entry", "NXentry")
        file.attrs["default"] = "entry"
        _fill(entry, stack, turned, by or made([], mode, quirks))
    write_bytes(Path(path), buffer.getbuffer())


def _fill(entry: h5py.Group, stack: Images, geometry: Geometry, by: Made) -> None:
    assert geometry.panel is not None
    assert geometry.direct is not None or geometry.spindle is not None
    entry.attrs["default"] = "data"
    _text(entry, "definition", "NXmx", version="1.0")
    _text(entry, "start_time", by.time)
    _text(entry, "end_time_estimated", by.time)
    _text(entry, "program_name", by.program, version=by.version, configuration=by.command)
    note = _group(entry, "braggproof", "NXnote")
    _text(note, "type", "application/json")
    _text(note, "data", by.line())
    source = _group(entry, "source", "NXsource")
    _text(source, "name", "simulated")
    data = _group(entry, "data", "NXdata", signal="data")
    chunk = (1, *stack.shape[1:])
    data.create_dataset("data", data=np.ascontiguousarray(stack), chunks=chunk, **COMPRESSION)
    _sample(entry, geometry, len(stack))
    instrument = _group(entry, "instrument", "NXinstrument")
    _text(instrument, "name", "nanoBragg", short_name="simulated")
    beam = _group(instrument, "beam", "NXbeam")
    _number(beam, "incident_wavelength", geometry.wavelength, "angstrom")
    if geometry.electric is not None:
        beam["incident_polarization_stokes"] = _stokes(geometry)
    _detector(instrument, geometry, geometry.panel, stack.dtype)


def _stokes(geometry: Geometry) -> Vector:
    """I Q U V of the beam; the field of Q = 1 lies along the frame's x."""
    assert geometry.electric is not None
    angle = 2.0 * float(np.arctan2(geometry.electric[1], geometry.electric[0]))
    kahn = geometry.kahn or 0.0
    return np.array([1.0, kahn * np.cos(angle), kahn * np.sin(angle), 0.0])


def _sample(entry: h5py.Group, geometry: Geometry, count: int) -> None:
    sample = _group(entry, "sample", "NXsample")
    _text(sample, "name", "crystal")
    _text(sample, "depends_on", "." if geometry.spindle is None else OMEGA)
    if geometry.direct is not None:
        sample["unit_cell"] = np.array([cell_of(geometry.direct)])
        sample["ub_matrix"] = np.linalg.inv(geometry.direct)[None]
        sample["ub_matrix"].attrs["units"] = "1/angstrom"
    axes = _group(sample, "transformations", "NXtransformations")
    if geometry.spindle is None:
        return
    starts = geometry.phi + geometry.osc * np.arange(count)
    for name, angles in (("omega", starts), ("omega_end", starts + geometry.osc)):
        axis = axes.create_dataset(name, data=angles)
        axis.attrs["units"] = "deg"
    _axis(axes["omega"], "rotation", geometry.spindle, ".", "deg")
    _number(axes, "omega_increment_set", geometry.osc, "deg")


def _detector(instrument: h5py.Group, geometry: Geometry, panel: Panel, dtype: np.dtype[Any]) -> None:
    detector = _group(instrument, "detector", "NXdetector")
    _text(detector, "description", "simulated pixel array")
    _text(detector, "depends_on", CORNER)
    detector["data"] = h5py.SoftLink("/entry/data/data")
    _text(detector, "sensor_material", "Si")
    _number(detector, "sensor_thickness", panel.thickness or THINNEST, "m")
    for name in ("x_pixel_size", "y_pixel_size"):
        _number(detector, name, panel.pixel, "m")
    for name, exposure in (("count_time", 1.0), ("frame_time", 1.0)):
        _number(detector, name, exposure, "s")
    normal = geometry.normal
    along = np.array([0.0, 0.0, 1.0])
    reach = float(np.dot(panel.origin, normal) / np.dot(along, normal)) if abs(normal[2]) > 1e-6 else 0.0
    centre = reach * along - panel.origin
    for name, axis in (("beam_center_x", panel.fast), ("beam_center_y", panel.slow)):
        _number(detector, name, float(np.dot(centre, axis)) / panel.pixel, "pixel")
    _number(detector, "distance", reach, "m")
    if np.issubdtype(dtype, np.integer):
        detector["bit_depth_image"] = dtype.itemsize * 8
        detector["underload_value"] = 0
        detector["saturation_value"] = int(np.iinfo(np.uint16).max)
    axes = _group(detector, "transformations", "NXtransformations")
    length = float(np.linalg.norm(panel.origin))
    corner = axes.create_dataset("corner", data=np.array([length]))
    _axis(corner, "translation", panel.origin / length, ".", "m")
    module = _group(detector, "module", "NXdetector_module")
    module["data_origin"] = np.array([0, 0])
    module["data_size"] = np.array(panel.shape)
    _axis(module.create_dataset("module_offset", data=0.0), "translation", panel.fast, CORNER, "m")
    for name, direction in (("fast", panel.fast), ("slow", panel.slow)):
        pixel = module.create_dataset(f"{name}_pixel_direction", data=panel.pixel)
        _axis(pixel, "translation", direction, OFFSET, "m")


def _group(parent: h5py.Group, name: str, kind: str, **attributes: str) -> h5py.Group:
    group = parent.create_group(name)
    group.attrs["NX_class"] = kind
    group.attrs.update(attributes)
    return group


def _text(group: h5py.Group, name: str, value: str, **attributes: str) -> None:
    group[name] = value
    group[name].attrs.update(attributes)


def _number(group: h5py.Group, name: str, value: float | None, units: str) -> None:
    group[name] = np.float64(0.0 if value is None else value)
    group[name].attrs["units"] = units


def _axis(dataset: h5py.Dataset, kind: str, vector: Vector, depends_on: str, units: str) -> None:
    dataset.attrs["transformation_type"] = kind
    dataset.attrs["vector"] = np.asarray(vector, dtype=np.float64)
    dataset.attrs["offset"] = np.zeros(3)
    dataset.attrs["offset_units"] = "m"
    dataset.attrs["depends_on"] = depends_on
    dataset.attrs["units"] = units

"""A command line folded into what it says: the last flag stands, headers come before all flags.

Twin: reference/commandline/options.c.
"""

from dataclasses import dataclass, field

from simulator.errors import InputError
from simulator.files.smv import Header
from simulator.files.tokens import Value
from simulator.physics.conventions import CONVENTIONS, Vector, convention_frame
from simulator.physics.steps import MANY
from simulator.rendering.rules import has_direction
from simulator.units import HC, MICRON, MM

CUSTOM = {
    "-fdet_vector": "fast",
    "-sdet_vector": "slow",
    "-odet_vector": "normal",
    "-beam_vector": "beam",
    "-polar_vector": "polar",
    "-spindle_axis": "spindle",
    "-twotheta_axis": "twotheta_axis",
    "-pix0_vector": "pix0",
    "-pix0_vector_mm": "pix0",
}
PIVOTS = {
    **dict.fromkeys(("-distance", "-Xbeam", "-Ybeam", "-mosflm", "-adxv", "-denzo", "-dials"), "beam"),
    **dict.fromkeys(
        ("-close_distance", "-Xclose", "-Yclose", "-ORGX", "-ORGY", "-twotheta", "-xds"), "sample"
    ),
}
SHAPES = {"-square_xtal": "square", "-round_xtal": "round", "-gauss_xtal": "gauss", "-tophat_spots": "tophat"}
SEVERAL = {  # flags that stand for several others
    "-N": ("-Na", "-Nb", "-Nc"),
    "-xtalsize": ("-xtal_thick", "-xtal_width", "-xtal_height"),
    "-divergence": ("-hdivrange", "-vdivrange"),
    "-divsteps": ("-hdivsteps", "-vdivsteps"),
    "-detpixels": ("-detpixels_f", "-detpixels_s"),
    "-detsize": ("-detsize_f", "-detsize_s"),
}
OPPOSITES = {  # of two opposites the last one stands
    "-interpolate": ("interpolate", True),
    "-nointerpolate": ("interpolate", False),
    "-polar": ("polarized", True),
    "-nopolar": ("polarized", False),
    "-round_div": ("round_div", True),
    "-square_div": ("round_div", False),
    "-progress": ("progress", True),
    "-noprogress": ("progress", False),
}
NO_EFFECT = ("-density", "-MW", "-coherent")  # taken by nanoBragg and used by nothing
HEADER_KEYS = (  # key, flag it speaks for, kind
    ("SIZE1", "-detpixels_f", "count"),
    ("SIZE2", "-detpixels_s", "count"),
    ("PIXEL_SIZE", "-pixel", "pos"),
    ("DISTANCE", "-distance", "pos"),
    ("CLOSE_DISTANCE", "-close_distance", "pos"),
    ("WAVELENGTH", "-lambda", "pos"),
    ("BEAM_CENTER_X", "-Xbeam", "num"),
    ("BEAM_CENTER_Y", "-Ybeam", "num"),
    ("ORGX", "-ORGX", "num"),
    ("ORGY", "-ORGY", "num"),
    ("PHI", "-phi", "num"),
    ("OSC_RANGE", "-osc", "num"),
)


@dataclass
class Options:
    """Flags by their first spelling, and what depends on their order."""

    flags: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    vectors: dict[str, tuple[float, ...]] = field(default_factory=dict)
    opposites: dict[str, bool] = field(default_factory=dict)
    traces: list[tuple[int, int]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    convention: str = "mosflm"
    pivot: str = "beam"
    shape: str = "square"
    wavelength: float = 1.0  # A

    def take_header(self, header: Header, mask: bool) -> None:
        """Geometry from an SMV header; a mask counts Y from the far edge of the detector."""
        for key, flag, kind in HEADER_KEYS:
            value = header.number(key, kind)
            if value is not None:
                self.flags[flag] = (value,)
        self.wavelength = self.number("-lambda", self.wavelength)
        if mask and "BEAM_CENTER_Y" in header.keys:
            side = self.number("-detpixels_s", 1024) * self.number("-pixel", 0.1)
            self.flags["-Ybeam"] = (side - self.number("-Ybeam", 0.0),)

    def take(self, flag: str, values: tuple[Value, ...]) -> None:
        """One flag with its values."""
        for name in SEVERAL.get(flag, (flag,)):
            self.flags[name] = values
        self.pivot = PIVOTS.get(flag, self.pivot)
        self.shape = SHAPES.get(flag, self.shape)
        if flag in OPPOSITES:
            name, value = OPPOSITES[flag]
            self.opposites[name] = value
        elif flag in CUSTOM:
            self._take_vector(flag, tuple(float(value) for value in values))
        elif flag[1:] in CONVENTIONS:
            self.convention = flag[1:]
        elif flag == "-pivot":
            self.pivot = str(values[0])
        elif flag == "-lambda":
            self.wavelength = float(values[0])
        elif flag == "-energy":
            self.wavelength = HC / float(values[0])
        elif flag == "-detector_abs" and not absorbs(values[0]):
            self.flags["-detector_thick"] = (0.0,)  # a thickness that follows stands again
        elif flag == "-o":
            self.images.append(str(values[0]))
        elif flag == "-trace_pixel":
            self.traces.append((int(values[0]), int(values[1])))

    def _take_vector(self, flag: str, vector: tuple[float, ...]) -> None:
        self.convention = "custom"
        if flag == "-pix0_vector_mm":
            vector = tuple(value / MM for value in vector)
        elif flag != "-pix0_vector":
            check_length(flag, vector)
        self.vectors[CUSTOM[flag]] = vector

    def direction(self, name: str) -> Vector:
        """An axis of the convention, or as given where it is the custom convention."""
        own: Vector = getattr(convention_frame(self.convention), name)
        return self.vectors.get(name, own) if self.convention == "custom" else own

    def get(self, flag: str, unit: float = 1.0) -> float | None:
        """A flag's single number divided by a unit, None if not given."""
        value = self.flags.get(flag)
        return None if value is None else float(value[0]) / unit

    def number(self, flag: str, default: float, unit: float = 1.0) -> float:
        """A flag's single number divided by a unit, or the default as it is."""
        value = self.get(flag, unit)
        return default if value is None else value

    def whole(self, flag: str, most: int = MANY) -> int | None:
        """A flag's single integer, None if not given. Raises InputError for a slip of the keyboard."""
        value = self.get(flag)
        if value is not None and value > most:
            raise InputError(flag, f"an integer <= {most}", f"'{int(value)}'")
        return None if value is None else int(value)

    def text(self, flag: str) -> str | None:
        """A flag's word or file name, None if not given."""
        value = self.flags.get(flag)
        return None if value is None else str(value[0])


def absorbs(depth: Value) -> bool:
    """Whether an attenuation depth (um) stands for absorption: neither 0 nor inf does."""
    return depth != "inf" and float(depth) * MICRON > 0


def check_length(flag: str, vector: tuple[float, ...]) -> None:
    """Raise InputError for a vector without a direction: its length is 0, or more than a double holds."""
    if not has_direction(vector):
        size = "non-zero" if max(map(abs, vector)) < 1 else "finite"
        shown = " ".join(f"{value:g}" for value in vector)
        raise InputError(flag, f"a vector of {size} length", shown)

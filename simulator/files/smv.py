"""SMV images: a 512-byte text header, then unsigned 16-bit pixels. Twin: reference/files/smv.c."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError, quoted
from simulator.files.disk import read_bytes, write_bytes
from simulator.files.tokens import convert, expected

HEADER_BYTES = 512
KEY = re.compile(rb"([A-Z0-9_]+)=([^;\n]*);?")
# What goes first when the header would overrun its 512 bytes, least needed first
OPTIONAL = (
    "DENZO_X_BEAM",
    "DENZO_Y_BEAM",
    "DIALS_ORIGIN",
    "XDS_ORGX",
    "XDS_ORGY",
    "CLOSE_DISTANCE",
    "MOSFLM_CENTER_X",
    "MOSFLM_CENTER_Y",
    "ADXV_CENTER_X",
    "ADXV_CENTER_Y",
    "TWOTHETA",
    "PHI",
)


class Header:
    """The keys of an SMV header, looked up as checked numbers."""

    def __init__(self, raw: bytes, where: str) -> None:
        self.where = where
        if not raw.startswith(b"{") or b"HEADER_BYTES=" not in raw[:HEADER_BYTES]:
            raise InputError(where, "an SMV header", quoted(raw[:40]))
        self.keys = {key.decode(): value.strip() for key, value in KEY.findall(raw.partition(b"}")[0])}
        self.size = int(self.number("HEADER_BYTES", "pos") or HEADER_BYTES)

    def number(self, key: str, kind: str) -> float | None:
        """The key's value, None if absent. Raises InputError if it is not of the kind: count, pos, num."""
        if key not in self.keys:
            return None
        word = self.keys[key].decode("latin-1")
        value = convert(kind, word)
        if value is None:
            raise InputError(f"{self.where} key {key}", expected(kind, word), quoted(self.keys[key]))
        return float(value)


def read_header(path: Path, where: str) -> tuple[Header, bytes]:
    """Header and the whole file."""
    raw = read_bytes(path, where)
    return Header(raw, where), raw


def read_pixels(header: Header, raw: bytes, shape: tuple[int, int]) -> npt.NDArray[np.uint16]:
    """Pixels (slow, fast). Raises InputError if there are too few or too many."""
    body = raw[header.size :]
    needed = 2 * shape[0] * shape[1]
    if len(body) != needed:
        raise InputError(header.where, f"{needed} bytes of pixels", len(body))
    order = ">" if header.keys.get("BYTE_ORDER") == b"big_endian" else "<"
    return np.frombuffer(body, dtype=f"{order}u2").reshape(shape).astype(np.uint16)


def format_header(keys: dict[str, str]) -> bytes:
    """Exactly 512 bytes: optional keys are left out rather than overrun."""
    left = dict(keys)
    for drop in (None, *OPTIONAL):
        if drop is not None:
            left.pop(drop, None)
        text = "{\n" + "".join(f"{key}={value};\n" for key, value in left.items()) + "}\f"
        if len(text) <= HEADER_BYTES:
            return text.encode().ljust(HEADER_BYTES)
    raise ValueError(f"SMV header: expected at most {HEADER_BYTES} bytes, got {len(text)}")


def write_smv(path: Path, keys: dict[str, str], pixels: npt.NDArray[np.uint16]) -> None:
    """Header and little-endian pixels."""
    write_bytes(path, format_header(keys), np.ascontiguousarray(pixels, dtype="<u2").tobytes())

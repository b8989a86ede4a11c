"""What the name of an image file means: its format, its number, what is written beside it."""

import re
from pathlib import Path

from simulator.errors import InputError

ENDINGS = (".nxs", ".h5", ".cbf", ".img", ".smv", ".png", ".npy", ".expt")
INTEGER_ONLY = (".cbf", ".img", ".smv")
NUMBERED = re.compile(r"(.*?)([0-9]+)\.(img|smv|cbf)")


def template(name: str, where: str) -> tuple[str, int]:
    """`sim_0001.img` as `sim_####.img` and 1. Raises InputError for a name without a number at its end."""
    found = NUMBERED.fullmatch(name)
    if found is None:
        raise InputError(where, "a name that ends in digits (sim_0001.img)", f"'{name}'")
    return f"{found[1]}{'#' * len(found[2])}.{found[3]}", int(found[2])


def check_name(name: str, pixels: str) -> None:
    """Raise InputError for a name that stands for no format, or for one that cannot hold such pixels."""
    where, ending = f"-o {name}", Path(name).suffix.lower()
    if ending not in ENDINGS:
        raise InputError(where, f"a name that ends in one of {' '.join(ENDINGS)}", f"'{ending}'")
    if ending in (".img", ".smv", ".cbf"):
        template(Path(name).name, where)
    if ending in INTEGER_ONLY and pixels == "float":
        raise InputError(where, "--pixels rounded, counts or noise for integers", "float")


def companions(name: str) -> list[str]:
    """Files that are written beside one of this name."""
    ending = Path(name).suffix.lower()
    stem = str(Path(name).with_suffix(""))
    return [f"{stem}.expt"] if ending in INTEGER_ONLY else [f"{stem}.json"] if ending == ".npy" else []

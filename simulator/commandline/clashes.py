"""No file to write is one that was read, or another to write. Twin: reference/commandline/clashes.c."""

from collections.abc import Iterable
from pathlib import Path

from simulator.errors import InputError
from simulator.files.disk import is_special, same_file

Named = tuple[str, Path]  # a file and the flag that names it, as a message does
READ = ("-mat", "-hkl", "-sourcefile", "-mask", "-img", "-stol", "-4stol", "-Q", "--photons")


def check_clashes(read: Iterable[Named], written: Iterable[Named]) -> None:
    """Raise InputError for two names of one file. Devices and pipes may be shared.

    --photons may be the -floatfile: that is the same image again.
    """
    before = list(read)
    for where, path in written:
        for other, taken in before:
            again = where.startswith("-floatfile ") and other.startswith("--photons ")
            if not again and not is_special(path) and same_file(path, taken):
                raise InputError(where, f"another file than {other}", "the same")
        before.append((where, path))

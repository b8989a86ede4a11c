"""What a user can get wrong, and the one line that says so: arguments, extra files, the line after `error: `.

`{G}` stands for a good command; both engines must say the same.
"""

from typing import NamedTuple

GOOD = "-cell 50 60 70 90 90 90 -default_F 10 -N 3 -detpixels 8"
HEADER = b"{\nHEADER_BYTES=512;\nSIZE1=8;\nSIZE2=8;\n%s}\f"


class Bad(NamedTuple):
    """A mistake, files it needs (None: a folder), and its message."""

    arguments: str
    message: str
    files: dict[str, bytes | None] = {}  # noqa: RUF012  never written to


def smv(keys: bytes = b"", pixels: int = 64) -> bytes:
    """An SMV file of ones."""
    return (HEADER % keys).ljust(512) + b"\x01\x00" * pixels


WORDS = (
    "--quirks: expected +name or -name with a name of phi-carryover running-sum last-layer interp-latch "
    "flat-weights pix0-derived water-twice misset-90rad raw-axis blank-sensor cstar-z early-interpolate "
    "unlit-polar nopolar-undone, got "
)
NOT_READABLE = "expected a readable file, got 'No such file or directory'"
TABLE: tuple[Bad, ...] = (
    # the command line
    Bad("{G} -bogus", "command line: expected a flag, got '-bogus'"),
    Bad("{G} 17", "command line: expected a flag, got '17'"),
    Bad("{G} -Lambda 1", "command line: expected a flag, got '-Lambda'"),
    Bad("{G} " + "-x" * 30, "command line: expected a flag, got '" + "-x" * 20 + "...'"),
    Bad("{G} -distance", "-distance: expected a number > 0, got nothing"),
    Bad("{G} -distance abc", "-distance: expected a number > 0, got 'abc'"),
    Bad("{G} -distance -5", "-distance: expected a number > 0, got '-5'"),
    Bad("{G} -distance 0", "-distance: expected a number > 0, got '0'"),
    Bad("{G} -distance nan", "-distance: expected a number > 0, got 'nan'"),
    Bad("{G} -distance inf", "-distance: expected a number > 0, got 'inf'"),
    Bad("{G} -distance 1e999", "-distance: expected a number > 0, got '1e999'"),
    Bad("{G} -distance 0x10", "-distance: expected a number > 0, got '0x10'"),
    Bad("{G} -distance 1_0", "-distance: expected a number > 0, got '1_0'"),
    Bad("{G} -distance -Xbeam 3", "-distance: expected a number > 0, got '-Xbeam'"),
    Bad("{G} -pixel 0", "-pixel: expected a number > 0, got '0'"),
    Bad("{G} -lambda 0", "-lambda: expected a number > 0, got '0'"),
    Bad("{G} -wave -1", "-wave: expected a number > 0, got '-1'"),
    Bad("{G} -mosaic -1", "-mosaic: expected a number >= 0, got '-1'"),
    Bad("{G} -Na 2.5", "-Na: expected an integer, got '2.5'"),
    Bad("{G} -Na 99999999999", "-Na: expected an integer <= 2147483647, got '99999999999'"),
    Bad("{G} -mosaic_seed 0", "-mosaic_seed: expected an integer >= 1, got '0'"),
    Bad("{G} -seed -5", "-seed: expected an integer >= 1, got '-5'"),
    Bad("{G} -misset_seed 0", "-misset_seed: expected an integer >= 1, got '0'"),
    Bad("{G} -osc 0 -phistep 0.3", "-osc: expected a number > 0 beside -phistep, got 0"),
    Bad("{G} -phisteps 1e3", "-phisteps: expected an integer, got '1e3'"),
    Bad("{G} -detpixels -4", "-detpixels: expected an integer >= 1, got '-4'"),
    Bad("{G} -misset 1 2", "-misset z: expected a number, got nothing"),
    Bad("{G} -misset 1 x 3", "-misset y: expected a number, got 'x'"),
    Bad("{G} -misset any", "-misset x: expected a number or random, got 'any'"),
    Bad("{G} -detector_abs much", "-detector_abs: expected a number >= 0 or inf, got 'much'"),
    Bad("{G} -pivot middle", "-pivot: expected beam or sample, got 'middle'"),
    Bad("{G} -hkl", "-hkl: expected a file name, got nothing"),
    Bad("{G} -hkl -N 3", "-hkl: expected a file name, got '-N'"),
    Bad("{G} -roi 0 1 2", "-roi ymax: expected an integer, got nothing"),
    Bad("{G} --band 0", "--band last: expected an integer, got nothing"),
    Bad("{G} --band 0 8", "--band: expected 0 <= first <= last <= 7, got 0 8"),
    Bad("{G} --band 3 2", "--band: expected 0 <= first <= last <= 7, got 3 2"),
    Bad("{G} --band -1 2", "--band: expected 0 <= first <= last <= 7, got -1 2"),
    Bad("{G} --part rows 0 1", "--part of: expected domains or sources, got 'rows'"),
    Bad("{G} --part domains 0", "--part last: expected an integer, got nothing"),
    Bad("{G} -mosaic 1 --part domains 9 10", "--part: expected 0 <= first <= last <= 9, got 9 10"),
    Bad("{G} --part sources 1 0", "--part: expected 0 <= first <= last <= 0, got 1 0"),
    Bad(
        "{G} -oversample_omega --part sources 0 0",
        "--part: expected a sum of terms, got factors that multiply all of it: quirk running-sum",
    ),
    Bad("{G} --photons none", f"--photons none: {NOT_READABLE}"),
    Bad("{G} --photons p", "--photons p: expected 256 bytes, got 12", {"p": b"0" * 12}),
    Bad("{G} --photons none --band 0 1", "--photons: expected no --band beside it, got both"),
    Bad("{G} --photons none --part domains 0 0", "--photons: expected no --part beside it, got both"),
    Bad("{G} --mode best", "--mode: expected c-parity or spec, got 'best'"),
    Bad("{G} --quirks all", WORDS + "'all'"),
    Bad("{G} --quirks +running-sum,", WORDS + "''"),
    Bad("{G} --threads 0", "--threads: expected an integer >= 1, got '0'"),
    Bad("{G} -misset_seed 2147483648", "-misset_seed: expected an integer <= 2147483647, got '2147483648'"),
    Bad("{G} -oversample 10001", "-oversample: expected an integer <= 10000, got '10001'"),
    Bad("{G} --threads 1025", "--threads: expected an integer <= 1024, got '1025'"),
    Bad("{G} -mosaic 1 -mosaic_dom 99999999", "-mosaic_dom: expected an integer <= 10000000, got '99999999'"),
    # what the flags say together
    Bad("-default_F 10 -detpixels 8", "command line: expected -mat or -cell, got neither"),
    Bad(
        "-cell 50 60 70 90 90 90 -detpixels 8",
        "command line: expected -hkl, a cache file or a non-zero -default_F, got none of them",
    ),
    Bad("{G} -roi 0 8 0 7", "-roi: expected 0 <= xmin <= xmax <= 7 and 0 <= ymin <= ymax <= 7, got 0 8 0 7"),
    Bad("{G} -roi 3 2 0 7", "-roi: expected 0 <= xmin <= xmax <= 7 and 0 <= ymin <= ymax <= 7, got 3 2 0 7"),
    Bad("{G} -trace_pixel 8 0", "-trace_pixel: expected 0 <= slow <= 7 and 0 <= fast <= 7, got 8 0"),
    Bad("{G} -printout_pixel 0 -1", "-printout_pixel: expected 0 <= fast <= 7 and 0 <= slow <= 7, got 0 -1"),
    Bad("{G} -fdet_vector 0 0 0", "-fdet_vector: expected a vector of non-zero length, got 0 0 0"),
    Bad("{G} -spindle_axis 0 0 0", "-spindle_axis: expected a vector of non-zero length, got 0 0 0"),
    Bad(
        "{G} -cell 10 10 10 60 60 120",
        "-cell: expected a cell of non-zero volume, got 10 10 10 60 60 120",
    ),
    Bad("{G} -cell 10 10 10 10 10 90", "-cell: expected a cell of non-zero volume, got 10 10 10 10 10 90"),
    Bad(
        "{G} -detpixels 1000000",
        "command line: expected a detector of at most 268435456 pixels, got 1000000 x 1000000",
    ),
    # files that are not there or cannot be written
    Bad("-mat no.mat -default_F 1", f"-mat no.mat: {NOT_READABLE}"),
    Bad("{G} -hkl no.hkl", f"-hkl no.hkl: {NOT_READABLE}"),
    Bad("{G} -sourcefile no.txt", f"-sourcefile no.txt: {NOT_READABLE}"),
    Bad("{G} -mask no.img", f"-mask no.img: {NOT_READABLE}"),
    Bad("{G} -img no.img", f"-img no.img: {NOT_READABLE}"),
    Bad("{G} -stol no.txt", f"-stol no.txt: {NOT_READABLE}"),
    Bad("{G} -hkl dir", "-hkl dir: expected a readable file, got 'Is a directory'", {"dir": None}),
    Bad(
        "{G} -floatfile dir", "-floatfile dir: expected a writable file, got 'Is a directory'", {"dir": None}
    ),
    Bad(
        "{G} -floatfile no/f.bin",
        "-floatfile no/f.bin: expected a writable file, got 'No such file or directory'",
    ),
    # files that are read or written already
    *(
        Bad(f"{{G}} {flags}", f"{one}: expected another file than {other}, got the same", {"a": b"1 2 3 4\n"})
        for flags, one, other in (
            ("-hkl a -dump a", "-dump a", "-hkl a"),
            ("-hkl a -floatfile ./a", "-floatfile ./a", "-hkl a"),
            ("-hkl a -noisefile Fdump.bin", "-dump Fdump.bin", "-noisefile Fdump.bin"),
            ("-floatfile x -intfile x", "-intfile x", "-floatfile x"),
            ("-intfile floatimage.bin", "-intfile floatimage.bin", "-floatfile floatimage.bin"),
        )
    ),
    Bad(
        "{G} -dump c -pgmfile c",
        "-pgmfile c: expected another file than -dump c, got the same",
        {"c": b"0 0 0 0 0 0\n\f" + bytes(64)},
    ),
    # numbers that are numbers, but make no experiment
    Bad("{G} -detsize -1", "-detsize: expected a number > 0, got '-1'"),
    Bad("{G} -pixel 1" + "0" * 63, "-pixel: expected a number > 0, got '1" + "0" * 39 + "...'"),
    Bad(
        "-cell 50 -default_F 1 -detsize 1e300 -pixel 1e-300",
        "command line: expected a detector of at most 268435456 pixels, got inf x inf",
    ),
    Bad(
        "-cell 50 -default_F 1 -detsize 1e9 -pixel 1e-3",
        "command line: expected a detector of at most 268435456 pixels, got 1000000000000 x 1000000000000",
    ),
    Bad(
        "{G} -cell 1e300 1e300 1e300 90 90 90",
        "-cell: expected a cell of non-zero volume, got 1e+300 1e+300 1e+300 90 90 90",
    ),
    Bad("{G} -cell 10 10 10 0 90 90", "-cell al: expected a number > 0, got '0'"),
    Bad("{G} -cell 10 10 10 90 90 -90", "-cell ga: expected a number > 0, got '-90'"),
    Bad(
        "{G} -cell 10 10 10 120 120 120",
        "-cell: expected a cell of non-zero volume, got 10 10 10 120 120 120",
    ),
    *(
        Bad(f"{{G}} {flag} 0 0 0", f"{flag}: expected a vector of non-zero length, got 0 0 0")
        for flag in ("-sdet_vector", "-odet_vector", "-beam_vector", "-polar_vector", "-twotheta_axis")
    ),
    Bad("{G} -beam_vector 1e-200 0 0", "-beam_vector: expected a vector of non-zero length, got 1e-200 0 0"),
    Bad("{G} -beam_vector 1e200 0 0", "-beam_vector: expected a vector of finite length, got 1e+200 0 0"),
    Bad(
        "{G} -fdet_vector 1 0 0 -sdet_vector 1 0 0 -odet_vector 0 0 2",
        "-fdet_vector: expected a direction other than the slow axis, got the same",
    ),
    Bad(
        "{G} -odet_vector 0 1 0",
        "detector: expected one that the beam meets, got one along the beam",
    ),
    Bad(  # told after the reflections were read: no cache of them stays behind
        "{G} -hkl f -odet_vector 0 1 0",
        "detector: expected one that the beam meets, got one along the beam",
        {"f": b"1 2 3 4\n"},
    ),
    Bad(
        "{G} -hkl f -N 2147483647",
        "oversample: expected an automatic value of at most 10000, got 4.50972e+08",
        {"f": b"1 2 3 4\n"},
    ),
    Bad(
        "{G} -N 2147483647",
        "oversample: expected an automatic value of at most 10000, got 4.50972e+08",
    ),
    Bad(
        "{G} -osc 1e300 -phistep 1e-300",
        "steps: expected at most 10000000, got inf",
    ),
    Bad(
        "{G} -hdivrange 1e9 -hdivstep 1e-3",
        "steps: expected at most 10000000, got 1e+12",
    ),
    # folders where files belong
    *(
        Bad(f"{{G}} {flag} dir", f"{flag} dir: expected a readable file, got 'Is a directory'", {"dir": None})
        for flag in ("-mat", "-mask", "-img", "-sourcefile", "-dump", "-stol")
    ),
    *(
        Bad(f"{{G}} {flag} dir", f"{flag} dir: expected a writable file, got 'Is a directory'", {"dir": None})
        for flag in ("-intfile", "-pgmfile", "-noisefile")
    ),
    Bad(
        "{G} -floatfile " + "n" * 300,
        f"-floatfile {'n' * 300}: expected a writable file, got 'File name too long'",
    ),
    # matrices
    Bad("-mat m -default_F 1", "-mat m: expected 9 numbers, got 7", {"m": b"1 2 3\n4 5 6\n7\n"}),
    Bad("-mat m -default_F 1", "-mat m number 4: expected a number, got 'x'", {"m": b"1 2 3 x 5 6 7 8 9"}),
    Bad(
        "-mat m -default_F 1", "-mat m number 1: expected a number, got 'nan'", {"m": b"nan 2 3 4 5 6 7 8 9"}
    ),
    Bad(
        "-mat m -default_F 1",
        "-mat m number 2: expected a number, got '??'",
        {"m": b"1 \x00\xff 3 4 5 6 7 8 9"},
    ),
    Bad("-mat m -default_F 1", "-mat m: expected 9 numbers, got 0", {"m": b""}),
    Bad(
        "-mat m -default_F 1",
        "-mat m: expected a cell of non-zero volume, got 0",
        {"m": b"1 2 3 4 5 6 7 8 9"},
    ),
    Bad(
        "-mat m -default_F 1",
        "-mat m number 1: expected a number, got '?ELF???'",
        {"m": b"\x7fELF\x02\x01\x01 0"},
    ),
    Bad("-mat m -default_F 1", "-mat m: expected a cell of non-zero volume, got 0", {"m": b"0 " * 9}),
    Bad(
        "-mat m -default_F 1",
        "-mat m: expected a cell of non-zero volume, got inf",
        {"m": b"1e200 0 0 0 1e200 0 0 0 1e200"},
    ),
    Bad(
        "-mat m -default_F 1",
        "-mat m number 2: expected a number, got '1" + "0" * 39 + "...'",
        {"m": b"1 1" + b"0" * 63 + b" 3 4 5 6 7 8 9"},
    ),
    # reflections
    Bad("{G} -hkl r", "-hkl r: expected at least one reflection, got nothing", {"r": b"\n# none\n"}),
    Bad("{G} -hkl r", "-hkl r line 2: expected 'h k l F', got '1 2 x'", {"r": b"1 2 3 4\n1 2 x\n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1 2 3 4 5'", {"r": b"1 2 3 4 5\n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1 2 3'", {"r": b"  1 2 3  \n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1.5 2 3 4'", {"r": b"1.5 2 3 4\n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1 2 3 nan'", {"r": b"1 2 3 nan\n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1 2 3 1e999'", {"r": b"1 2 3 1e999\n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1000001 0 0 1'", {"r": b"1000001 0 0 1\n"}),
    Bad(
        "{G} -hkl r",
        "-hkl r: expected a box of at most 500000000 indices, got 1003003001",
        {"r": b"0 0 0 1\n1000 1000 1000 1\n"},
    ),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '???ELF'", {"r": b"\x7f\x00\x01ELF\n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1e0 2 3 4'", {"r": b"1e0 2 3 4\n"}),
    Bad("{G} -hkl r", "-hkl r line 2: expected 'h k l F', got '1. 2 3 4'", {"r": b"1 2 3 4\n1. 2 3 4\n"}),
    Bad("{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1 2 3 4?'", {"r": b"1 2 3 4\x00\n"}),
    Bad(
        "{G} -hkl r", "-hkl r line 1: expected 'h k l F', got '1 2 3 4?1 2 3 4'", {"r": b"1 2 3 4\r1 2 3 4\n"}
    ),
    Bad("{G} -dump c", "-dump c: expected a reflection cache, got ''", {"c": b""}),
    Bad("{G} -dump c", "-dump c: expected a reflection cache, got '?ELF???'", {"c": b"\x7fELF\x00\x01\x02"}),
    Bad(
        "{G} -dump c",
        "-dump c: expected a reflection cache, got '1 0 0 0 0 0'",
        {"c": b"1 0 0 0 0 0\n\f" + bytes(64)},
    ),
    Bad(
        "{G} -dump c",
        "-dump c: expected a reflection cache, got '-9999999999 9 0 0 0 0'",
        {"c": b"-9999999999 9 0 0 0 0\n\f" + bytes(64)},
    ),
    Bad("{G} -dump c", "-dump c: expected a reflection cache, got '1 2 3'", {"c": b"1 2 3"}),
    Bad("{G} -dump c", "-dump c: expected 64 bytes of data, got 8", {"c": b"0 0 0 0 0 0\n\f" + bytes(8)}),
    # sources and tables
    Bad(
        "{G} -sourcefile s",
        "-sourcefile s line 3: expected 'X Y Z weight wavelength', got '1 2 x'",
        {"s": b"# beam\n-10 0 0 1 1e-10\n 1 2 x\n"},
    ),
    Bad(
        "{G} -sourcefile s",
        "-sourcefile s line 1: expected 'X Y Z weight wavelength', got '0 0 0 1 1e-10'",
        {"s": b"0 0 0 1 1e-10"},
    ),
    Bad(
        "{G} -sourcefile s",
        "-sourcefile s line 1: expected 'X Y Z weight wavelength', got '-10 0 0 1 0'",
        {"s": b"-10 0 0 1 0"},
    ),
    *(
        Bad(
            "{G} -sourcefile s",
            f"-sourcefile s line 1: expected 'X Y Z weight wavelength', got '{line}'",
            {"s": line.encode()},
        )
        for line in ("1e-200 0 0 1 1e-10", "1e200 0 0 1 1e-10", "-10 0 0 1 1e-10 9", "-10 0 0 1 -1e-10")
    ),
    Bad("{G} -sourcefile s", "-sourcefile s: expected at least one source, got nothing", {"s": b""}),
    Bad(
        "{G} -sourcefile s --mode spec",
        "sources: expected weights whose sum is not 0, got 0",
        {"s": b"-10 0 0 2 1e-10\n-10 1 0 -2 1e-10\n"},
    ),
    Bad("{G} -Q t", "-Q t line 2: expected 'stol F', got '1 x'", {"t": b"0 1\n1 x\n"}),
    # headers
    Bad("{G} -img i", "-img i: expected an SMV header, got ''", {"i": b""}),
    Bad("{G} -img i", "-img i: expected an SMV header, got 'plain text'", {"i": b"plain text"}),
    Bad(
        "{G} -img i",
        "-img i key PIXEL_SIZE: expected a number > 0, got 'x'",
        {"i": smv(b"PIXEL_SIZE=x;\n")},
    ),
    Bad(
        "{G} -img i",
        "-img i key DISTANCE: expected a number > 0, got '0'",
        {"i": smv(b"DISTANCE=0;\n")},
    ),
    Bad("{G} -mask i", "-mask i: expected 128 bytes of pixels, got 100", {"i": smv(pixels=50)}),
    Bad("{G} -mask i -detpixels 9", "-mask i: expected 162 bytes of pixels, got 128", {"i": smv()}),
    Bad("{G} -mask i", "-mask i: expected 128 bytes of pixels, got 0", {"i": smv()[:100]}),
    Bad("{G} -img i", "-img i: expected an SMV header, got '" + "?" * 40 + "'", {"i": bytes(600)}),
    Bad("{G} -img i", "-img i: expected an SMV header, got '" + "{" * 40 + "'", {"i": b"{" * 600}),
    *(
        Bad(
            f"-cell 50 -default_F 1 {flag} i",
            f"{flag} i key {key}: expected {wanted}, got '{shown}'",
            {"i": smv(f"{key}={value};\n".encode("latin-1"))},
        )
        for flag in ("-img", "-mask")
        for key, value, wanted, shown in (
            ("SIZE1", "0.5", "an integer >= 1", "0.5"),
            ("SIZE2", "-3", "an integer >= 1", "-3"),
            ("PIXEL_SIZE", "0", "a number > 0", "0"),
            ("WAVELENGTH", "\xff\x00", "a number > 0", "??"),
            ("DISTANCE", "", "a number > 0", ""),
            ("PHI", "9" * 80, "a number", "9" * 40 + "..."),
            ("OSC_RANGE", "1 2", "a number", "1 2"),
            ("HEADER_BYTES", "-5", "a number > 0", "-5"),
        )
    ),
)

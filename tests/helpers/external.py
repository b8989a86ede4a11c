"""Small programs that answer as an external nanoBragg would."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.places import GOLDEN

# Reads flags as the stock program does, by substring, and leaves what it understood in state.json.
PROGRAM = """#!{python}
import array, json, os, sys, time
state = {{"misset": None, "twotheta": 0.0, "pivot": "beam", "curved": False, "hkl": None}}
state["seed"] = time.time_ns()
names, size, argv = {{}}, 8, sys.argv[1:]
words = argv + ["", "", ""]
def number(text):
    try: return float(text)
    except ValueError: return 0.0
for i, word in enumerate(argv):
    if "-misset" in word:
        state["misset"] = "random" if words[i+1] == "random" else [number(w) for w in words[i+1:i+4]]
    if "-misset_seed" in word: state["misset_seed"] = number(words[i+1])
    if "-twotheta" in word: state["twotheta"] = number(words[i+1]); state["pivot"] = "sample"
    if "-distance" == word or "beam" in word: state["pivot"] = "beam"
    if "-pivot" == word: state["pivot"] = words[i+1]
    if "-curved_det" in word and i < len(argv) - 1: state["curved"] = True
    if "-seed" == word: state["seed"] = number(words[i+1])
    if "-hkl" == word: state["hkl"] = words[i+1]
    if word in ("-floatfile", "-intfile"): names[word] = words[i+1]
    if "-detpixels" in word: size = int(number(words[i+1]))
if state["hkl"] is None and os.path.exists("Fdump.bin"): state["hkl"] = "Fdump.bin"
json.dump(state, open("state.json", "w"))
if "{flag}" in argv: print(open({sample!r}, encoding="utf-8").read())
value = {value}
if "-floatfile" in names:
    array.array("f", [value + i for i in range(size * size)]).tofile(open(names["-floatfile"], "wb"))
if "-intfile" in names:
    head = "{{\\nHEADER_BYTES=512;\\nSIZE1=%d;\\nSIZE2=%d;\\n}}" % (size, size)
    open(names["-intfile"], "wb").write(head.encode().ljust(512) + bytes(2 * size * size))
sys.exit({status})
"""


def write_program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Write a program whose body is the text given; returns its path."""

    def make(body: str, name: str = "program") -> Path:
        return write_program(tmp_path / name, f"#!{sys.executable}\n{body}")

    return make


@pytest.fixture
def outsider(tmp_path: Path) -> Callable[..., Path]:
    """Write a stand-in: `stock`, `instrumented`, or `mute` (prints nothing of a pixel)."""

    def make(kind: str, status: int = 0, value: str = "1.0") -> Path:
        flag = {"stock": "-printout_pixel", "instrumented": "-trace_pixel"}.get(kind, "-never")
        sample = str(GOLDEN / f"{kind}_stdout.txt")
        text = PROGRAM.format(python=sys.executable, flag=flag, sample=sample, status=status, value=value)
        return write_program(tmp_path / kind, text)

    return make

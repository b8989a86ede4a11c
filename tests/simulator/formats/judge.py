"""DIALS as a judge: scripts run under its Python. Where it must be there, its absence is a failure."""

import atexit
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PYTHON = "/usr/bin/python3"  # Debian's DIALS belongs to Debian's Python
INSTALLED = shutil.which("dials.import") is not None
REQUIRED = os.environ.get("BRAGGPROOF_DIALS_TESTS") == "1"
needs_dials = pytest.mark.skipif(
    not INSTALLED and not REQUIRED, reason="apt-get install --no-install-recommends dials bitshuffle"
)


# DIALS takes a second to load: one process answers all scripts
SERVER = """
import contextlib, io, json, os, sys, traceback
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever a library prints is no answer
import dxtbx
from dxtbx.model.experiment_list import ExperimentListFactory
experiments = lambda path: ExperimentListFactory.from_json_file(path, check_format=False)
for line in sys.stdin:
    script, sys.argv, folder = json.loads(line)
    os.chdir(folder)
    said, problem = io.StringIO(), ""
    known = dict(json=json, sys=sys, dxtbx=dxtbx, ExperimentListFactory=ExperimentListFactory)
    try:
        with contextlib.redirect_stdout(said):
            exec(script, known | dict(experiments=experiments))
    except BaseException:
        problem = traceback.format_exc()
    print(json.dumps([said.getvalue(), problem]), file=answers, flush=True)
"""


@cache
def server() -> "subprocess.Popen[str]":
    """DIALS's Python, waiting for scripts; ended with this process."""
    command = [PYTHON, "-c", SERVER]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(child.communicate)
    return child


def ask(script: str, *arguments: str | Path) -> Any:
    """What a script prints, as JSON; `sys`, `json`, `dxtbx` and `experiments(path)` are there for it.

    Files are named in full: dxtbx remembers what it read under a name.
    """
    words = [str(Path(word).resolve()) if Path(word).exists() else str(word) for word in arguments]
    child = server()
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps([script, ["-c", *words], os.getcwd()]) + "\n")
    child.stdin.flush()
    said, problem = json.loads(child.stdout.readline())
    assert not problem, problem[-2000:]
    return json.loads(said.splitlines()[-1])


# What a model says of itself, in numbers
MODEL = """
def model(beam, detector, goniometer, scan, crystal=None):
    p = detector[0]
    return {
        "s0": beam.get_s0(), "wavelength": beam.get_wavelength(),
        "fast": p.get_fast_axis(), "slow": p.get_slow_axis(), "origin": p.get_origin(),
        "pixel": p.get_pixel_size(), "size": p.get_image_size(), "distance": p.get_distance(),
        "corner": p.get_pixel_lab_coord((0, p.get_image_size()[1])),
        "axis": goniometer and goniometer.get_rotation_axis(),
        "fixed": goniometer and goniometer.get_fixed_rotation(),
        "setting": goniometer and goniometer.get_setting_rotation(),
        "oscillation": scan and scan.get_oscillation(), "range": scan and scan.get_image_range(),
        "vectors": crystal and [x for v in crystal.get_real_space_vectors() for x in v],
        "polarization": [*beam.get_polarization_normal(), beam.get_polarization_fraction()],
    }
"""
OF_EXPT = (
    MODEL
    + """
found = []
for path in sys.argv[1:]:
    e = experiments(path)[0]
    found.append(model(e.beam, e.detector, e.goniometer, e.scan, e.crystal))
print(json.dumps(found))
"""
)
OF_IMAGE = (
    MODEL
    + """
files = [dxtbx.load(path) for path in sys.argv[1:]]
print(json.dumps([model(f.get_beam(), f.get_detector(), f.get_goniometer(), f.get_scan()) for f in files]))
"""
)
PIXELS = """
found = []
for path in sys.argv[1:]:
    f = dxtbx.load(path)
    data = f.get_raw_data(0) if path.endswith((".nxs", ".h5")) else f.get_raw_data()
    data = data[0] if isinstance(data, tuple) else data
    found.append([list(data.focus()), list(data)])
print(json.dumps(found))
"""

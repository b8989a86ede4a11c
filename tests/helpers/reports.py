"""Small bundles in the shapes that the pipeline writes: everything passes, one gate fails, one is blocked."""

import copy
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence import gates
from evidence.images import difference_tables
from evidence.images.metrics import compare_images
from evidence.report import index, page
from evidence.store import process
from tests.helpers import places
from tests.helpers.checks import check

DATA = places.DATA / "report"
SHAPE = (200, 240)  # slow, fast
ROI = (60, 139, 50, 119)  # x0 x1 y0 y1, inclusive; as in data/case.yaml
STAMPS = {"pass": "20261120T080000Z", "fail": "20261120T090000Z", "blocked": "20261120T100000Z"}
BLOCKED = "this binary prints no trace (-trace_pixel)"
Maker = Callable[[str], Path]


def data(name: str) -> Any:
    """The unchanging part of a file of the bundles."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str) else json.dumps(value, indent=2, sort_keys=True, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def images() -> dict[str, np.ndarray]:
    """Thirty spots as C sees them; PyTorch one float32 step off in every 500th pixel, or 2e-7 off in all."""
    rng = np.random.default_rng(4)
    slow, fast = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = 1e-9 * (1 + 0.5 * np.sin(slow / 9) * np.cos(fast / 7))
    for height in np.geomspace(1e-4, 2e-7, 30):
        s, f = rng.uniform(8, SHAPE[0] - 9), rng.uniform(8, SHAPE[1] - 9)
        image += height * np.exp(-((slow - s) ** 2 + (fast - f) ** 2) / 3.0)
    c = image.astype("<f4")
    double = c.copy()
    double.flat[::500] = np.nextafter(double.flat[::500], np.float32(np.inf))
    return {"c": c, "py_float64": double, "py_float32": (c * (1 + rng.normal(0, 2e-7, SHAPE))).astype("<f4")}


def record_run(bundle: Path, label: str, image: np.ndarray) -> None:
    """phase_o/LABEL: the image, a log and run.json."""
    folder = bundle / "phase_o" / label
    write(folder / f"{label}.log", "rendered\n")
    image.tofile(folder / "floatimage.bin")
    raw = image.tobytes()
    own = {"engine": label[:2].strip("_"), "label": label, "cwd": f"phase_o/{label}", "log": f"{label}.log"}
    own["dtype"] = label.removeprefix("py_").replace("c", "double")
    own["outputs"] = [
        {"path": "floatimage.bin", "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    ]
    write(folder / "run.json", {**data("run.json"), **own})


def diverged() -> dict[str, Any]:
    """The trace comparison with F_latt, and what follows from it, one per cent off."""
    found = copy.deepcopy(data("trace_compare.json"))
    for row in found["rows"]:
        if row["tap"] in ("F_latt", "I_before_scaling"):
            row |= {"py": row["c"] * 1.01, "rel": 0.01, "ulp": 45035996273704, "ok": False}
    bad = next(row for row in found["rows"] if not row["ok"])
    keys = ("tap", "phi_tic", "component", "c", "py", "rel", "ulp")
    where = "simulator/lattice.py:sincg | simulator/reference/lattice.c:sincg"
    return {**found, "first_divergence": {**{key: bad[key] for key in keys}, "function": where}}


def checks(kind: str, roi: dict[str, Any], full: dict[str, Any]) -> list[dict[str, Any]]:
    """What the phases measured, judged by the same code as in the pipeline."""
    factor = {"fail": 0.01, "blocked": None, "pass": 2e-15}[kind]
    why = BLOCKED if kind == "blocked" else None
    ratio = {"accept": [0.99, 1.01], "goal": 1e-7}
    share = {"accept": 0.0, "goal": 0.9999}
    return [
        check("VG-0", "hkl", 3e-14, "<=", {"accept": 5e-4, "goal": 1e-12}),
        check("VG-0", "factor_ratio", 1.0 + 2e-15, "range", ratio),
        check("VG-1", "spec", 4e-15, "<=", {"accept": 1e-6, "goal": 1e-12}, "angstrom"),
        check("VG-2", "factors", factor, "<=", {"accept": 1e-6, "goal": 1e-12}, reason=why),
        check("VG-3", "correlation", roi["correlation"], ">=", {"accept": 0.9995, "goal": 0.999}),
        check("VG-3", "identical_share", roi["identical_float32_share"], ">=", share),
        check("VG-4", "peak_distance_px", roi["peaks"]["mean_distance_px"], "<=", {"accept": 1.0}, "px"),
        check("VG-5", "sum_ratio", full["sum_ratio"], "range", ratio),
        check("VG-6", "richardson", 3e-10, "<=", {"accept": 1e-6, "goal": 1e-9}),
    ]


def differing(frames: dict[str, np.ndarray]) -> dict[str, Any]:
    """Where the images differ, on a flat detector a tenth of a metre behind the sample."""
    placed = data("geometry.json")
    slow, fast = np.indices(SHAPE) + 0.5
    place = np.array(placed["origin_mm"]) + placed["pixel_mm"] * (
        fast[..., None] * np.array(placed["fast"]) + slow[..., None] * np.array(placed["slow"])
    )
    away = place / np.linalg.norm(place, axis=-1, keepdims=True) - np.array(placed["beam"])
    spacing = placed["wavelength_A"] / np.linalg.norm(away, axis=-1)
    found: dict[str, Any] = {"geometry": placed, "steps": {}, "largest_differences": {}, "shells": {}}
    for name in ("float64", "float32"):
        a, b = frames["c"], frames[f"py_{name}"]
        found["steps"][name] = difference_tables.step_rows(a, b)
        found["largest_differences"][name] = difference_tables.worst_rows(a, b)
        found["shells"][name] = difference_tables.shell_rows(a, b, spacing)
    return found


def fill(bundle: Path, kind: str) -> None:
    """A bundle as it stands before its report is written."""
    frames = images()
    for label, image in frames.items():
        record_run(bundle, label, image)
    full = compare_images(frames["c"], frames["py_float64"]).to_dict()
    single = compare_images(frames["c"], frames["py_float32"]).to_dict()
    roi = compare_images(frames["c"], frames["py_float64"], ROI, percentile=99.0).to_dict()
    tables = {**data("tables.json"), "N": {"roi": roi}}
    tables["O"] = {"float64": full, "float32": single, **differing(frames)}
    made = checks(kind, roi, full)
    phases = {}
    for letter, entries in tables.items():
        own = [each for each in made if each["evidence"].startswith(f"phase_{letter.lower()}")]
        head = {"schema": 1, "phase": letter, "case": "demo", "stamp": bundle.name}
        phases[letter] = {**head, "status": gates.status_of(own), "tables": entries, "checks": own}
        write(bundle / f"phase_{letter.lower()}" / "metrics.json", phases[letter])
        write(bundle / f"phase_{letter.lower()}" / "commands.txt", f"cd phase_{letter.lower()}\nengine\n")
    if kind != "blocked":
        found = diverged() if kind == "fail" else data("trace_compare.json")
        write(bundle / "phase_m" / "pixel_88_101" / "trace_compare.json", found)
    write(bundle / "gates.json", gates.assemble("demo", bundle.name, phases))
    write(bundle / "inputs" / "command.txt", "nanoBragg -hkl one.hkl -lambda 1 <&> -detpixels_x 240\n")
    shutil.copy(DATA / "case.yaml", bundle / "inputs" / "case.yaml")
    write(bundle / "env.json", data("env.json"))
    write(bundle / "run_metadata.json", {**data("run_metadata.json"), "stamp": bundle.name})


def ledger(results: Path) -> None:
    """Five attempts: one killed, one of another case, and the three bundles."""
    rows: list[dict[str, Any]] = []

    def add(record: str, case: str, stamp: str, **more: Any) -> int:
        number = len(rows) + 1
        time = f"2026-11-20T{stamp[9:11]}:{stamp[11:13]}:{'10' if record == 'end' else '00'}.000Z"
        who = {"host": process.host(), "pid": 1, "boot_id": "gone", "pid_started": 1, "prev": "0" * 64}
        rows.append(
            {"n": number, "record": record, "case": case, "stamp": stamp, "time": time, **who, **more}
        )
        return number

    add("start", "demo", "20261120T070000Z")
    begun = {"start": add("start", "other", "20261120T073000Z"), "verdict": "pass", "sha256sums": "3" * 64}
    add("end", "other", "20261120T073000Z", gates={"VG-0": "pass"}, metrics={"correlation": 1.0}, **begun)
    for n, (kind, stamp) in enumerate(STAMPS.items()):
        found = {gate.id: "pass" for gate in gates.GATES} | ({} if kind == "pass" else {"VG-2": kind})
        metrics = {"correlation": 0.99999999 - 1e-9 * n, "sum_ratio": 1.0 + 1e-9 * n}
        begun = {"start": add("start", "demo", stamp), "verdict": kind, "sha256sums": "4" * 64}
        add("end", "demo", stamp, gates=found, metrics=metrics, **begun)
    write(results / "ledger.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with the three bundles, no reports yet, and their ledger; not to be written to."""
    results = tmp_path_factory.mktemp("plain") / "results"
    for kind, stamp in STAMPS.items():
        fill(results / "demo" / stamp, kind)
    ledger(results)
    return results


@pytest.fixture
def fresh(plain: Path, tmp_path: Path) -> Maker:
    """A copy of the folder, to be changed at will: returns the bundle of a kind."""

    def make(kind: str) -> Path:
        results = tmp_path / "results"
        shutil.copytree(plain, results, dirs_exist_ok=True)
        return results / "demo" / STAMPS[kind]

    return make


@pytest.fixture(scope="session")
def ready(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """The bundles with their reports and the index, written once; not to be changed."""
    results = tmp_path_factory.mktemp("ready") / "results"
    shutil.copytree(plain, results)
    for stamp in STAMPS.values():
        page.build(results / "demo" / stamp)
    index.build(results)
    return lambda kind: results / "demo" / STAMPS[kind]

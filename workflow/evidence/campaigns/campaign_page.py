"""report.html of a campaign: verdict and flips, the matrix, metrics, the worst cases, time, coverage."""

import base64
import io
import json
from pathlib import Path

import numpy as np
from matplotlib import colormaps, image
from numpy.typing import NDArray

from evidence.campaigns import table
from evidence.campaigns.summary import BINS, badness
from evidence.records import FrozenRecord, Record
from evidence.report import templates
from evidence.report.sourced import load
from evidence.report.tables import tables_of
from evidence.store import atomic

LETTERS = {"pass": "p", "fail": "f", "blocked": "b", "absent": "a"}
SHOWN = 192  # pixels on a side of a picture in the page
CONTENTS = [
    ("verdict", "Verdict"),
    ("matrix", "Matrix"),
    ("metrics", "Metrics"),
    ("worst", "Worst"),
    ("time", "Time"),
    ("coverage", "Coverage"),
    ("replay", "Replay"),
    ("environment", "Environment"),
]


def build(bundle: Path) -> None:
    """Write the page and the table for a pull request."""
    found = json.loads((bundle / "campaign.json").read_bytes())
    atomic.write_text(bundle / "summary.md", pull_request(found))
    text = templates.render(templates.html(), "campaign.html.j2", **context(bundle))
    atomic.write_text(bundle / "report.html", text)


def context(bundle: Path) -> Record:
    """What the template is given."""
    found, gates, machine = (load(bundle, name) for name in ("campaign.json", "gates.json", "env.json"))
    worst = [{**each, "pictures": pictures(bundle, each, found["reference"])} for each in found["worst"]]
    return {
        "contents": CONTENTS,
        "c": found,
        "gates": gates,
        "worst": worst,
        "matrix": json.dumps(matrix(table.read_batches(bundle), found), separators=(",", ":")).replace(
            "<", "\\u003c"
        ),
        "axes": axes(table.read_batches(bundle)),
        "decades": list(BINS),
        "markdown": (bundle / "summary.md").read_text(encoding="utf-8"),
        "machine": machine,
        "environment": list(tables_of(machine, "Machine and software", "env.json#")),
    }


def matrix(rows: list[Record], found: FrozenRecord) -> Record:
    """For the page's script: engines, and of each case the verdicts as letters, differences and axes."""
    engines = [str(engine["name"]) for engine in found["engines"]]
    flipped = {(flip["case"], flip["engine"]) for flip in found["flips"] if flip["kind"] != "new"}
    cases = []
    for row in rows:
        cells = [row["cells"][engine] for engine in engines]
        far = [badness("max_abs_over_max", cell["metrics"].get("max_abs_over_max")) for cell in cells]
        cases.append(
            {
                "n": row["case"],
                "v": "".join(LETTERS[cell["verdict"]] for cell in cells),
                "d": [None if value is None else float(f"{value:.3g}") for value in far],
                "x": row["values"],
                "k": "".join("f" if (row["case"], engine) in flipped else "-" for engine in engines),
                "b": any(cell["black"] for cell in cells),
                "a": row["arguments"],
                "r": [cell["reason"][:200] for cell in cells],
            }
        )
    return {"engines": engines, "cases": cases}


def axes(rows: list[Record]) -> dict[str, list[str]]:
    """The values of each axis of the suite, for the filters; only axes that a reader can choose from."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for axis, label in row["values"].items():
            if label not in found.setdefault(axis, []):
                found[axis].append(label)
    return found if len(found) <= 12 else {}


def pictures(bundle: Path, worst: FrozenRecord, reference: str) -> list[dict[str, str]]:
    """Reference, engine and their difference as PNG; none where no images are kept."""
    path = bundle / "images" / f"{worst['case']}.npz"
    if not path.is_file():
        return []
    with np.load(path) as kept:
        names = [name.replace("-", "_") for name in (reference, worst["engine"])]
        if not set(names) <= set(kept.files):
            return []
        a, b = (kept[name].astype(np.float64) for name in names)
    if a.shape != b.shape:
        return []
    top = float(np.nanmax(np.where(np.isfinite(a), a, 0.0))) or 1.0
    gap = np.abs(b - a)
    most = float(np.nanmax(np.where(np.isfinite(gap), gap, 0.0)))
    shown = [
        (reference, a / top),
        (worst["engine"], b / top),
        (f"difference, white is {most:.3g} photons", gap / (most or 1.0)),
    ]
    return [{"title": str(title), "src": _png(plane)} for title, plane in shown]


def _png(plane: NDArray[np.float64]) -> str:
    """A data URL; brightness as a power, so that faint spots show; NaN is grey."""
    step = max(1, -(-max(plane.shape) // SHOWN))
    small = plane[::step, ::step]
    coloured = colormaps["viridis"](np.clip(np.nan_to_num(small), 0.0, 1.0) ** 0.4)
    coloured[~np.isfinite(small)] = (0.5, 0.5, 0.5, 1.0)
    stream = io.BytesIO()
    image.imsave(stream, coloured, format="png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def pull_request(found: FrozenRecord) -> str:
    """A table that a maintainer can paste."""
    title = f"Campaign `{found['suite']}`: {found['cases']} cases against `{found['reference']}`"
    lines = [f"{title}, flips: " + ", ".join(f"{n} {kind}" for kind, n in found["flip_counts"].items()), ""]
    lines += ["| engine | pass | fail | blocked | identical | median ms |", "|---|---|---|---|---|---|"]
    for engine in found["engines"]:
        half = engine["seconds"]["median"]
        time = "–" if half is None else f"{half * 1000:.0f}"
        counts = " | ".join(str(engine[word]) for word in ("pass", "fail", "blocked", "identical"))
        lines.append(f"| {engine['name']} | {counts} | {time} |")
    for flip in found["flips"][:20]:
        lines.append(
            f"\n{flip['kind']}: `{flip['case']}` {flip['engine']}: {flip['before']} → {flip['after']}"
        )
    return "\n".join(lines) + "\n"

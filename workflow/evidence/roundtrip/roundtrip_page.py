"""report.html of a round trip: every number in it stands in found.json, gates.json or env.json."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from evidence.records import Record
from evidence.report import templates
from evidence.report.sourced import count, load
from evidence.report.tables import tables_of
from evidence.roundtrip.promises import ENGINES
from evidence.roundtrip.trip import Trip
from evidence.store import atomic

CONTENTS = [
    ("promises", "Promises"),
    *((role, title) for role, title in ENGINES.items()),
    ("environment", "Environment"),
]
SENTENCES = {
    "pass": "DIALS finds what was simulated.",
    "fail": "{id} falls short: {title}.",
    "blocked": "{id} could not be judged: {title}.",
}


def build(bundle: Path, trip: Trip) -> None:
    """Draw the figures and write the page of a bundle."""
    for role in ENGINES:
        draw(load(bundle, f"{role}/found.json"), bundle / role / "intensities.png")
    atomic.write_text(
        bundle / "report.html",
        templates.render(templates.html(), "roundtrip.html.j2", **context(bundle, trip)),
    )


def context(bundle: Path, trip: Trip) -> Record:
    """What the template is given."""
    gates, machine = load(bundle, "gates.json"), load(bundle, "env.json")
    checks = [check for gate in gates["gates"] for check in gate["checks"]]
    first = next((gate for gate in gates["gates"] if gate["status"] == gates["verdict"] != "pass"), None)
    return {
        "contents": CONTENTS,
        "trip": trip,
        "gates": gates,
        "sentence": SENTENCES[gates["verdict"]].format(**(first or {})),
        "met": count([c for c in checks if c["status"] == "pass"], "gates.json#/gates", "count of pass"),
        "asked": count(checks, "gates.json#/gates", "count"),
        "engines": {role: load(bundle, f"{role}/found.json") for role in ENGINES},
        "titles": ENGINES,
        "pictures": sorted(path.relative_to(bundle).as_posix() for path in bundle.glob("*/*.png")),
        "parameters": ("a", "b", "c", "α", "β", "γ"),
        "environment": list(tables_of(machine, "Machine and software", "env.json#")),
    }


def draw(found: Record, path: Path) -> None:
    """Integrated against true intensities, both on logarithmic axes; nothing without figures."""
    if not found["figures"]:
        return
    points = [(float(x), float(y)) for y, x in found["figures"]["intensity"]["points"]]
    kept = [(x, y) for x, y in points if x > 0 and y > 0]
    figure, axes = pyplot.subplots(figsize=(5.2, 4.8), layout="constrained")
    axes.loglog(*zip(*kept, strict=True), ".", markersize=3, color="#0b6e99")
    low, high = min(min(pair) for pair in kept), max(max(pair) for pair in kept)
    axes.loglog([low, high], [low, high], color="#888888", linewidth=1)
    axes.set(xlabel="F², simulated", ylabel="I, integrated by DIALS, scaled")
    pending = path.with_suffix(".pending.png")
    figure.savefig(pending, dpi=120, metadata={"Software": "Braggproof"})
    pyplot.close(figure)
    pending.replace(path)

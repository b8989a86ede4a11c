"""report.html of a round trip: every number in it stands in found.json, gates.json or env.json."""

from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes

from evidence.records import Record
from evidence.report import templates
from evidence.report.opening import opening
from evidence.report.sourced import load
from evidence.roundtrip.promises import ENGINES, PROMISES
from evidence.roundtrip.trip import Trip
from evidence.store import atomic

CONTENTS = [
    ("promises", "Promises"),
    *((role, title) for role, title in ENGINES.items()),
    ("environment", "Environment"),
]
INK, GREY = "#0b6e99", "#888888"
SHELL = next(promise for promise in PROMISES if promise.name == "least_shell_cc")
SENTENCES = {
    "pass": "DIALS finds what was simulated.",
    "fail": "{id} falls short: {title}.",
    "blocked": "{id} could not be judged: {title}.",
}


def build(bundle: Path, trip: Trip) -> None:
    """Draw the figures and write the page of a bundle."""
    for role in ENGINES:
        draw(load(bundle, f"{role}/found.json"), bundle / role)
    atomic.write_text(
        bundle / "report.html",
        templates.render(templates.html(), "roundtrip.html.j2", **context(bundle, trip)),
    )


def context(bundle: Path, trip: Trip) -> Record:
    """What the template is given."""
    return {
        **opening(bundle, SENTENCES),
        "contents": CONTENTS,
        "trip": trip,
        "engines": {role: load(bundle, f"{role}/found.json") for role in ENGINES},
        "titles": ENGINES,
        "pictures": sorted(path.relative_to(bundle).as_posix() for path in bundle.glob("*/*.png")),
        "parameters": ("a", "b", "c", "α", "β", "γ"),
    }


def draw(found: Record, folder: Path) -> None:
    """The figures of one engine's sweep, in its folder; none where DIALS gave none."""
    if not found["figures"]:
        return
    for name, picture in PICTURES.items():
        figure, axes = pyplot.subplots(figsize=(5.2, 4.4), layout="constrained")
        picture(axes, found["figures"])
        pending = folder / f"{name}.pending.png"
        figure.savefig(pending, dpi=120, metadata={"Software": "Braggproof"})
        pyplot.close(figure)
        pending.replace(folder / f"{name}.png")


def intensities(axes: Axes, figures: Record) -> None:
    """Integrated against true intensities, both on logarithmic axes."""
    points = [(float(x), float(y)) for y, x in figures["intensity"]["points"]]
    kept = [(x, y) for x, y in points if x > 0 and y > 0]
    axes.loglog(*zip(*kept, strict=True), ".", markersize=3, color=INK)
    low, high = min(min(pair) for pair in kept), max(max(pair) for pair in kept)
    axes.loglog([low, high], [low, high], color=GREY, linewidth=1)
    axes.set(xlabel="F², simulated", ylabel="I, integrated by DIALS, scaled")


def shells(axes: Axes, figures: Record) -> None:
    """Correlation of each shell of resolution, over 1/d²."""
    found = figures["intensity"]["shells"]
    edges = [1 / float(found[0]["d_max"]) ** 2, *(1 / float(shell["d_min"]) ** 2 for shell in found)]
    axes.stairs([float(shell["cc"]) for shell in found], edges, baseline=None, color=INK, linewidth=2)
    axes.axhline(SHELL.accept, color=GREY, linewidth=1, linestyle="--")
    axes.set(xlabel="1/d², Å⁻²", ylabel="correlation of I with F²")


def residuals(axes: Axes, figures: Record) -> None:
    """Where spots are seen, from where the refined model has them."""
    x, y = ([float(row[i]) for row in figures["residuals"]] for i in (0, 1))
    axes.plot(x, y, ".", markersize=3, color=INK)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.axvline(0, color=GREY, linewidth=1)
    axes.set(xlabel="observed - predicted, fast, pixels", ylabel="slow, pixels", aspect="equal")


PICTURES: dict[str, Callable[[Axes, Record], None]] = {
    "intensities": intensities,
    "shells": shells,
    "residuals": residuals,
}

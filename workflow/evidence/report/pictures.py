"""The pictorial part of a report: the viewer's data, the plots of the region of interest."""

from itertools import combinations

from evidence.images.panels import brightest
from evidence.records import Record
from evidence.report import colour_maps, difference_plots, plots, rings, viewer
from evidence.report.facts import Facts
from evidence.report.frames import Frames
from evidence.report.gaps import largest

Context = Record


def of(found: Facts, frames: Frames | None) -> Context:
    """Context of parts/images.html.j2 and parts/plots.html.j2; without frames, the reason why."""
    if frames is None:
        reasons = [gate["reason"] for gate in found.gates["gates"] if gate["reason"]]
        why = reasons[-1] if reasons else "phase O wrote none"
        return {"manifest": None, "blobs": {}, "spots": [], "plots": [], "no_images": why}
    stack = list(frames.images.values())
    worst = {f"{i}-{j}": largest(stack[i], stack[j]) for i, j in combinations(range(len(stack)), 2)}
    furthest = [place for places in worst.values() for place in places.values() if place is not None]
    payload = viewer.pack(frames.images, frames.roi, frames.points, single=furthest)
    marks = {
        "roi": list(frames.roi),
        "spots": [list(spot["pixel"]) for spot in frames.spots],
        "traced": [list(pixel) for pixel in frames.traced],
    }
    return {
        "manifest": {
            **payload.manifest,
            "marks": marks,
            "largest": worst,
            "maps": colour_maps.tables(),
            "geometry": _geometry(found, stack[0].shape),
        },
        "blobs": payload.blobs,
        "spots": frames.spots,
        "plots": _plots(frames) + difference_plots.of(found.phases.get("O", {}).get("tables", {})),
        "no_images": "",
    }


def _geometry(found: Facts, shape: tuple[int, ...]) -> Record | None:
    """What resolution and rings follow from; None where phase O placed no flat detector."""
    placed = found.phases.get("O", {}).get("tables", {}).get("geometry")
    if placed is None or placed["curved"]:
        return None
    return {**placed, "rings": rings.rings(placed, (shape[0], shape[1]))}


def _plots(frames: Frames) -> list[dict[str, str]]:
    """Histogram, profile and scatter of C against the first PyTorch image."""
    (c, py, *_), (_, name, *_) = list(frames.images.values()), list(frames.images)
    in_c, in_py, *_ = frames.in_roi.values()
    x0, x1, y0, y1 = frames.roi
    region = f"the region of interest, slow {y0} to {y1}, fast {x0} to {x1}"
    slow, fast = brightest(in_c)
    names = ("C", name)
    return [
        {
            "svg": plots.histogram(in_c, in_py, names),
            "caption": f"Relative difference of {name} from C in {region}, and how many are equal.",
        },
        {
            "svg": plots.profile(c, py, slow + y0, fast + x0, names),
            "caption": "Along the fast axis through the brightest pixel of the region.",
        },
        {
            "svg": plots.scatter(in_c, in_py, names),
            "caption": f"{name} against C in {region}: the darker, the more pixels have that pair of values.",
        },
    ]

"""The pictorial part of a report: the viewer's data, the plots of the region of interest."""

from evidence.images.panels import brightest
from evidence.records import Record
from evidence.report import plots, viewer
from evidence.report.facts import Facts
from evidence.report.frames import Frames

Context = Record


def of(found: Facts, frames: Frames | None) -> Context:
    """Context of parts/images.html.j2 and parts/plots.html.j2; without frames, the reason why."""
    if frames is None:
        reasons = [gate["reason"] for gate in found.gates["gates"] if gate["reason"]]
        why = reasons[-1] if reasons else "phase O wrote none"
        return {"manifest": None, "blobs": {}, "spots": [], "plots": [], "no_images": why}
    payload = viewer.pack(frames.images, frames.roi, frames.points)
    marks = {
        "roi": list(frames.roi),
        "spots": [list(spot["pixel"]) for spot in frames.spots],
        "traced": [list(pixel) for pixel in frames.traced],
    }
    return {
        "manifest": {**payload.manifest, "marks": marks},
        "blobs": payload.blobs,
        "spots": frames.spots,
        "plots": _plots(frames),
        "no_images": "",
    }


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

"""What DIALS found in a sweep, beside what was simulated, as JSON. Run by DIALS's own Python.

Arguments: folder with DIALS's files, truth.expt, the reflections (h k l F) that were simulated.
"""

# mypy: ignore-errors
import itertools
import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np

flex = import_module("dials.array_family.flex")  # by name: no package of this project's own Python
ExperimentListFactory = import_module("dxtbx.model.experiment_list").ExperimentListFactory

SHELLS = 6
POINTS = 1500  # intensities and positions that are kept for a picture
FULL = 0.95  # least partiality of a reflection whose intensity is compared


def models(path: Path):
    """The one experiment of a file."""
    return ExperimentListFactory.from_json_file(str(path), check_format=False)[0]


def direct(crystal) -> np.ndarray:
    """Rows a, b, c (A)."""
    return np.array(crystal.get_real_space_vectors()).reshape(3, 3)


def setting(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """The integer matrix M of determinant 1 that makes M found nearest to true: one lattice, other axes."""
    m = np.rint(true @ np.linalg.inv(found))
    if round(float(np.linalg.det(m))) != 1:
        raise SystemExit(f"another lattice: {found.tolist()} for {true.tolist()}")
    return m


def rotation_between(found: np.ndarray, true: np.ndarray) -> float:
    """Angle (deg) of the rotation that carries one lattice best onto the other: Kabsch."""
    u, _, vt = np.linalg.svd(
        (found / np.linalg.norm(found, axis=1)[:, None]).T @ (true / np.linalg.norm(true, axis=1)[:, None])
    )
    r = u @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ vt
    return float(np.degrees(np.arccos(np.clip((np.trace(r) - 1) / 2, -1, 1))))


def cell(vectors: np.ndarray) -> list[float]:
    """Edges and angles."""
    edges = np.linalg.norm(vectors, axis=1)
    pairs = ((1, 2), (2, 0), (0, 1))
    angles = [np.degrees(np.arccos(vectors[i] @ vectors[j] / edges[i] / edges[j])) for i, j in pairs]
    return [*map(float, edges), *map(float, angles)]


def intensities(table, m: np.ndarray, amplitudes: dict, d_of) -> dict:
    """Correlation of integrated with true intensities, whole and in shells of resolution."""
    good = table.get_flags(table.flags.integrated_sum) & (table["partiality"] > FULL)
    table = table.select(good)
    hkl = np.rint(np.array(table["miller_index"]).reshape(-1, 3) @ m.T).astype(int)
    value = np.array(table["intensity.sum.value"]) * np.array(table["lp"])
    known = np.array([tuple(row) in amplitudes for row in hkl.tolist()])
    hkl, value = hkl[known], value[known]
    truth = np.array([amplitudes[tuple(row)] ** 2 for row in hkl.tolist()])
    d = np.array([d_of(row) for row in hkl])
    edges = np.quantile(d, np.linspace(1, 0, SHELLS + 1))
    shells = []
    for low, high in itertools.pairwise(edges):
        part = (d <= low) & (d >= high)
        cc = float(np.corrcoef(value[part], truth[part])[0, 1])
        shells.append({"d_max": float(low), "d_min": float(high), "n": int(part.sum()), "cc": cc})
    scale = float((value @ truth) / (truth @ truth))
    chosen = some(len(value))
    return {
        "points": [[float(value[i] / scale), float(truth[i])] for i in chosen],
        "n": len(value),
        "cc": float(np.corrcoef(value, truth)[0, 1]),
        "least_shell_cc": float(np.min([shell["cc"] for shell in shells])),
        "r": float(np.abs(value / scale - truth).sum() / truth.sum()),
        "shells": shells,
    }


def some(count: int) -> np.ndarray:
    """Indices of at most POINTS among so many, evenly."""
    return np.linspace(0, count - 1, min(count, POINTS)).astype(int)


def axes(panel) -> np.ndarray:
    """Rows fast, slow, normal of a panel."""
    return np.array([panel.get_fast_axis(), panel.get_slow_axis(), panel.get_normal()])


def difference(one, other) -> float:
    """The largest difference of beam (1/A), panel axes and corner (mm), spindle and scan (deg)."""
    pairs = (
        (one.beam.get_s0(), other.beam.get_s0()),
        (one.detector[0].get_fast_axis(), other.detector[0].get_fast_axis()),
        (one.detector[0].get_slow_axis(), other.detector[0].get_slow_axis()),
        (one.detector[0].get_origin(), other.detector[0].get_origin()),
        (one.goniometer.get_rotation_axis(), other.goniometer.get_rotation_axis()),
        (one.scan.get_oscillation(), other.scan.get_oscillation()),
        (one.scan.get_image_range(), other.scan.get_image_range()),
    )
    return max(float(np.abs(np.subtract(*pair)).max()) for pair in pairs)


def same_pixels(one, other) -> float:
    """Share of pixels that are the same in both image sets."""
    pairs = [(one.get_raw_data(i)[0], other.get_raw_data(i)[0]) for i in range(len(one))]
    return float(np.mean([np.array(a).ravel() == np.array(b).ravel() for a, b in pairs]))


def main(folder: Path, truth: Path, hkl: Path) -> dict:
    """All figures."""
    true, found = models(truth), models(folder / "refined.expt")
    imported = ExperimentListFactory.from_json_file(str(folder / "imported.expt"))[0]
    smv = ExperimentListFactory.from_json_file(str(truth))[0]  # opens the images beside it
    a_true, a_found = direct(true.crystal), direct(found.crystal)
    m = setting(a_found, a_true)
    a_found = m @ a_found
    strong = flex.reflection_table.from_file(str(folder / "strong.refl"))
    refined = flex.reflection_table.from_file(str(folder / "refined.refl"))
    indexed = refined.select(refined.get_flags(refined.flags.indexed))
    used = refined.select(refined.get_flags(refined.flags.used_in_refinement))
    observed, predicted = (np.array(used[name]).reshape(-1, 3) for name in ("xyzobs.px.value", "xyzcal.px"))
    residuals = observed - predicted
    rmsd = np.sqrt((residuals**2).mean(0)).tolist()
    panels = [e.detector[0] for e in (found, true)]
    distances = [panel.get_distance() for panel in panels]
    centres = [e.detector[0].get_beam_centre_px(e.beam.get_s0()) for e in (found, true)]
    rows = (line.split() for line in hkl.read_text().splitlines())
    amplitudes = {tuple(map(int, row[:3])): float(row[3]) for row in rows}
    star = np.linalg.inv(a_true)
    integrated = flex.reflection_table.from_file(str(folder / "integrated.refl"))
    cells = cell(a_found), cell(a_true)
    return {
        "geometry_difference": difference(imported, smv),
        "same_pixels": same_pixels(imported.imageset, smv.imageset),
        "spots": len(strong),
        "indexed": len(indexed),
        "indexed_share": len(indexed) / len(strong),
        "rmsd": rmsd,
        "rmsd_px": max(rmsd[:2]),
        "rmsd_images": rmsd[2],
        "residuals": residuals[some(len(residuals))].tolist(),
        "cell": cells[0],
        "cell_true": cells[1],
        "edges_relative": max(abs(f / t - 1) for f, t in zip(cells[0][:3], cells[1][:3], strict=True)),
        "angles_deg": max(abs(f - t) for f, t in zip(cells[0][3:], cells[1][3:], strict=True)),
        "orientation_deg": rotation_between(a_found, a_true),
        "beam_centre_px": float(np.hypot(*np.subtract(*centres))),
        "detector_deg": rotation_between(*map(axes, panels)),
        "distance_mm": distances,
        "distance_relative": abs(distances[0] / distances[1] - 1),
        "intensity": intensities(integrated, m, amplitudes, lambda row: 1 / np.linalg.norm(star @ row)),
    }


if __name__ == "__main__":
    print(json.dumps(main(*map(Path, sys.argv[1:])), indent=1))

"""Single pixels in the words of nanoBragg's -printout. Twin: reference/commandline/printout.c.

First layer, subpixel, source, phi step and mosaic domain; the sums are the pixel's.
"""

from collections.abc import Iterator

import torch

from simulator.commandline.task import Task
from simulator.physics.vectors import norm
from simulator.rendering.history import History
from simulator.rendering.scene import Scene
from simulator.rendering.trace import trace_pixel
from simulator.units import ANGSTROM

Taps = dict[str, list[float]]


def printout(scene: Scene, task: Task, dtype: torch.dtype, history: History) -> Iterator[str]:
    """The pixel of -printout_pixel, then with -printout every rendered one."""
    if not (task.printout or task.printout_pixel):
        return
    if task.printout_pixel:
        fast, slow = task.printout_pixel
        yield printout_pixel(scene, slow, fast, dtype, history)
    if task.printout:
        width = scene.experiment.detector.shape[1]
        for raster in history.raster.tolist():
            slow, fast = divmod(raster, width)
            yield printout_pixel(scene, slow, fast, dtype, history)


def printout_pixel(scene: Scene, slow: int, fast: int, dtype: torch.dtype, history: History) -> str:
    """A pixel's numbers, from its trace."""
    taps = dict(trace_pixel(scene, slow, fast, dtype, history))
    stol = 0.5 * float(norm(torch.tensor(taps["scattering_vec_m_inv"], dtype=torch.float64)))
    in_the_image = float(torch.tensor(taps["I_pixel_final"], dtype=torch.float32))
    x, y, z = taps["pixel_pos_meters"]
    h, k, l = taps["hkl_frac"]  # noqa: E741
    h0, k0, l0 = (index + 0.0 for index in taps["hkl_rounded"])  # no -0
    f_cell, f_latt, total, steps = (
        taps[name][0] for name in ("F_cell", "F_latt", "I_before_scaling", "steps")
    )
    lines = (
        f"{fast:4d} {slow:4d} : stol = {stol:g} or {stol * ANGSTROM:g}",
        f"at {x:g} {y:g} {z:g}",
        f"hkl= {h:f} {k:f} {l:f}  hkl0= {h0:.0f} {k0:.0f} {l0:.0f}",
        f" F_cell={f_cell:g}  F_latt={f_latt:g}   I = {total:g}",
        f"I/steps {total / steps:15.10g}",
        f"polar   {taps['polar'][0]:15.10g}",
        f"omega   {taps['omega_pixel'][0]:15.10g}",
        f"capfrac {taps['capture_fraction'][0]:15.10g}",
        f"pixel   {in_the_image:15.10g}",
        *_crystal(taps),
    )
    return "".join(f"{line}\n" for line in lines)


def _crystal(taps: Taps) -> Iterator[str]:
    """The direct vectors as columns."""
    yield "real-space cell vectors (Angstrom):"
    yield f"     {'a':<10}  {'b':<10}  {'c':<10}"
    vectors = [taps[f"rot_{name}_angstroms"] for name in "abc"]
    for axis, row in zip("XYZ", zip(*vectors, strict=True), strict=True):
        yield f"{axis}: " + " ".join(f"{value:11.8f}" for value in row)

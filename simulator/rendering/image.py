"""An image from an experiment: blocks of pixels through `render_pixels`.

Twin: reference/rendering/image.c.
"""

import collections
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from simulator.experiment import Experiment
from simulator.rendering.history import History, find_history
from simulator.rendering.kernels import EAGER, Kernels, blocks, find_kernels
from simulator.rendering.quirks import DEFAULT_MODE, Quirks
from simulator.rendering.render import render_pixels
from simulator.rendering.scene import Scene, build_scene
from simulator.rendering.terms import Context

Progress = Callable[[float], None]
# glibc returns freed memory to the system, to ask for it again page by page, unless it has seen a block as
# large being freed: the largest that it learns from
LARGEST = (1 << 25) - (1 << 16)


def simulate(
    experiment: Experiment,
    *,
    mode: str = DEFAULT_MODE,
    quirks: str | None = None,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Photons per pixel, (slow, fast), zero outside the ROI and where the mask is zero.

    Differentiable with respect to every tensor of the experiment. `dtype` is the precision of the lattice sum
    and of the image; geometry is always float64. Formula: "Intensity" in simulator/README.md. Raises
    InputError (a ValueError) for an unknown mode or quirk, and for an experiment that cannot be placed.

    >>> import torch
    >>> from simulator import Crystal, Detector, Experiment, Sampling, simulate
    >>> side = torch.tensor(50.0, dtype=torch.float64, requires_grad=True)  # angstrom
    >>> crystal = Crystal(cell=(side, side, side, 90.0, 90.0, 90.0), n_cells=(5, 5, 5), default_F=10.0)
    >>> detector = Detector(shape=(32, 48), pixel_size=1e-3)
    >>> image = simulate(Experiment(crystal=crystal, detector=detector, sampling=Sampling(oversample=1)))
    >>> image.shape, image.dtype
    (torch.Size([32, 48]), torch.float64)
    >>> image.sum().backward()
    >>> bool(side.grad.isfinite())  # photons per angstrom
    True
    """
    scene = build_scene(experiment, Quirks.of(mode, quirks), torch.device(device))
    with torch.set_grad_enabled(torch.is_grad_enabled() and needs_gradient(scene)):
        return render_image(scene, dtype, None, find_kernels(scene.pixel.device))


def needs_gradient(scene: Scene) -> bool:
    """Whether some tensor of the experiment asks for a gradient."""
    tensors = [
        scene.direct,
        scene.orientations,
        scene.fluence,
        scene.default_f,
        scene.pixel,
        scene.background,
    ]
    tensors += [
        *scene.frame,
        *scene.sources,
        scene.polar_normal,
        scene.panel.layer_thickness,
        *scene.shape[1:],
    ]
    tensors += [t for t in (scene.kahn, scene.panel.attenuation) if t is not None]
    tensors += [] if scene.table is None else [scene.table.padded]
    return any(tensor.requires_grad for tensor in tensors)


def render_image(
    scene: Scene,
    dtype: torch.dtype,
    progress: Progress | None = None,
    kernels: Kernels = EAGER,
    history: History | None = None,
) -> Tensor:
    """The whole image (slow, fast) of a scene, by these kernels; its history is sought if not given."""
    slow, fast = scene.experiment.detector.shape
    history = history or find_history(scene, kernels, named=False)
    raster, first, latch = history.raster, history.first, history.latch

    def render(block: Tensor) -> Tensor:
        context = Context(latch=latch)
        values = render_pixels(scene, block, dtype, context=context, kernels=kernels).to(dtype)
        if progress:
            progress(len(block) / len(raster))
        return values

    values = each_block(render, raster, dtype, kernels)
    if first is not None:
        opening = render_pixels(scene, first, dtype, context=Context(True, latch)).to(dtype)
        put = values.index_put if torch.is_grad_enabled() else values.index_put_
        values = put((torch.searchsorted(raster, first),), opening)
    if len(raster) == slow * fast:
        return values.reshape(slow, fast)
    image = torch.zeros(slow * fast, dtype=dtype, device=raster.device)
    return image.index_put((raster,), values).reshape(slow, fast)


def each_block(
    work: Callable[[Tensor], Tensor], raster: Tensor, dtype: torch.dtype, kernels: Kernels
) -> Tensor:
    """The work's results on all blocks, one after another, on all threads where no gradient is recorded.

    One thread a block, instead of all threads in every small operation: no waiting at the end of each. Not
    for kernels that spread over the threads by themselves.
    """
    pieces, threads = blocks(raster, kernels), torch.get_num_threads()
    if torch.is_grad_enabled():
        return torch.cat([torch.zeros(0, dtype=dtype, device=raster.device), *map(work, pieces)])
    values = torch.empty(len(raster), dtype=dtype, device=raster.device)
    torch.empty(LARGEST, dtype=torch.uint8)  # never touched, free at once

    def keep(piece: tuple[Tensor, Tensor]) -> None:
        with torch.inference_mode():  # a thread starts with gradients on
            piece[1].copy_(work(piece[0]))

    pairs = zip(pieces, torch.split(values, kernels.block), strict=True)
    if kernels.own_threads or threads == 1:
        collections.deque(map(keep, pairs), maxlen=0)
        return values
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads) as pool:
            collections.deque(pool.map(keep, pairs), maxlen=0)
    finally:
        torch.set_num_threads(threads)
    return values

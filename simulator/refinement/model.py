"""What an experiment predicts for the pixels of an image, and how that changes with each unknown."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.func import jacfwd

from simulator.compiled.simulation import simulate
from simulator.experiment import Experiment
from simulator.refinement.fields import with_numbers
from simulator.refinement.naming import BACKGROUND, SCALE
from simulator.refinement.parameters import Unknown

PIECE = 1 << 16  # pixels whose slopes are found at once: in forward mode, calls cost more than numbers


@dataclass(frozen=True)
class Picture:
    """One image: photons at its pixels, and what they belong to."""

    experiment: Experiment
    pixels: Tensor  # (n, 2) slow, fast
    counts: Tensor  # (n)
    weights: Tensor  # (n) of each pixel's likelihood
    box: Tensor  # (n) number of the box whose background it has


@dataclass(frozen=True)
class Model:
    """A picture and the unknowns of all pictures, of which it has its own and the shared ones."""

    picture: Picture
    number: int
    unknowns: Sequence[Unknown]
    mode: str
    quirks: str | None

    @property
    def mine(self) -> list[int]:
        """Places of the unknowns that this picture depends on."""
        return [i for i, one in enumerate(self.unknowns) if one.image in (None, self.number)]

    def experiment(self, x: Tensor) -> Experiment:
        """The experiment at values (p) of all unknowns, differentiable."""
        found = self.picture.experiment
        chosen = [(one, x[i]) for i, one in enumerate(self.unknowns) if i in self.mine]
        for field in dict.fromkeys(one.field for one, _ in chosen if one.field not in (SCALE, BACKGROUND)):
            numbers = [(one.index, value) for one, value in chosen if one.field == field]
            found = with_numbers(found, field, *zip(*numbers, strict=True))
        return found

    def bragg(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Simulated photons (n) at all pixels or some rows of them, before scale and background."""
        pixels = self.picture.pixels if rows is None else self.picture.pixels[rows]
        return simulate(self.experiment(x), mode=self.mode, quirks=self.quirks, pixels=pixels)

    def slopes(self, x: Tensor, moved: Sequence[int], rows: Tensor) -> Tensor:
        """Derivatives of `bragg` by some unknowns, (rows, moved), by forward mode."""
        places = torch.tensor(list(moved))

        def values(part: Tensor, piece: Tensor) -> Tensor:
            return self.bragg(x.index_put((places,), part), piece)

        with warnings.catch_warnings():  # torch warns of a part of its own
            warnings.filterwarnings("ignore", ".*torch.jit.script.*", DeprecationWarning)
            pieces = [jacfwd(values)(x[places], piece) for piece in torch.split(rows, PIECE)]
        return torch.cat([x.new_zeros(0, len(places)), *pieces])

    def linear(self, x: Tensor, bragg: Tensor) -> Tensor:
        """Photons (n) with scale and background."""
        scale, floor = x.new_ones(()), x.new_zeros(int(self.picture.box.max()) + 1)
        for i in self.mine:
            one = self.unknowns[i]
            if one.field == SCALE:
                scale = x[i]
            elif one.field == BACKGROUND:
                floor = floor.index_put((torch.tensor(one.index[0]),), x[i])
        return scale * bragg + floor[self.picture.box]


def coarse(experiment: Experiment, cells: float) -> Experiment:
    """The experiment with broader spots: a block of this many cells a side, one domain, no subpixels."""
    crystal = experiment.crystal
    if crystal.shape in ("square", "round"):
        n_cells = tuple(max(round(min(cells, float(n))), 1) for n in crystal.n_cells)
    else:
        n_cells = (max(round(cells), 1),) * 3
    broad = replace(
        crystal,
        n_cells=n_cells,
        counts=None,
        shape="square",
        mosaic_domains=1,
        mosaic_spread=0.0,
        interpolate=False,
    )
    return replace(experiment, crystal=broad, sampling=replace(experiment.sampling, oversample=1))

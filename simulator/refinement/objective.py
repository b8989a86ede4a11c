"""All images at once as one problem of least squares in the unknowns that move, for an optimizer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from simulator.refinement.losses import deviance, poisson, scale_free
from simulator.refinement.model import Model
from simulator.refinement.naming import BACKGROUND, SCALE
from simulator.refinement.parameters import Unknown

Vector = npt.NDArray[np.float64]
KEPT, KEPT_COARSE = 1.0 - 1e-6, 1.0 - 3e-4  # of what all pixels tell: the others' slopes are not computed
TINY = 1e-14
SOFT = 3.0  # photons: below, a pixel weighs alike in the scale-free loss


@dataclass
class Objective:
    """Residuals and slopes at values of the moving unknowns; the others keep theirs.

    likely: by Poisson's likelihood and the priors, else whatever the scale; then `hold` is the loss that an
    unknown costs at its expected error.
    """

    models: Sequence[Model]
    unknowns: Sequence[Unknown]
    moving: Sequence[int]
    x: Tensor  # (p), of all
    likely: bool
    hold: float = 0.0
    evaluations: int = 0
    _at: Vector | None = None
    _bragg: list[Tensor] = field(default_factory=list)

    def place(self, values: Vector) -> Tensor:
        """Values of all unknowns, (p)."""
        return self.x.index_put((torch.tensor(list(self.moving)),), torch.as_tensor(values))

    def residuals(self, values: Vector) -> Vector:
        """Of all pixels and priors."""
        parts = []
        if self.likely:
            for model, mean in zip(self.models, self.means(values), strict=True):
                seen = model.picture
                parts.append(poisson(seen.counts, mean, seen.weights)[0])
        else:
            none = torch.zeros(0, dtype=torch.int64)
            for model, bragg in zip(self.models, self._predicted(values), strict=True):
                parts.append(self._scale_free(model, bragg, bragg.new_zeros(0, 0), none)[0])
        return np.concatenate([*(part.numpy() for part in parts), self.priors(values)[0]])

    def slopes(self, values: Vector) -> Vector:
        """Of the residuals, (n, moving)."""
        return np.concatenate([*(part.numpy() for part in self._slopes(values)), self.priors(values)[1]])

    def _slopes(self, values: Vector) -> list[Tensor]:
        if self.likely:
            pairs = zip(self.models, self.means(values), self.mean_slopes(values), strict=True)
            seen = ((model.picture, mean, slopes) for model, mean, slopes in pairs)
            return [slopes * poisson(s.counts, mean, s.weights)[1][:, None] for s, mean, slopes in seen]
        x, parts = self.place(values), []
        for model, bragg in zip(self.models, self._predicted(values), strict=True):
            rows, columns = self._telling(model, x, bragg), self._columns(model)
            found = model.slopes(x, [self.moving[i] for i in columns], rows)
            part = torch.zeros(len(bragg), len(self.moving), dtype=torch.float64)
            part[:, columns] = self._scale_free(model, bragg, found, rows)[1]
            parts.append(part)
        return parts

    def _predicted(self, values: Vector) -> list[Tensor]:
        """`bragg` of each model, kept for the slopes that are asked for next."""
        if self._at is None or not np.array_equal(values, self._at):
            x = self.place(values)
            with torch.no_grad():
                self._bragg = [model.bragg(x) for model in self.models]
            self._at = values.copy()
            self.evaluations += 1
        return self._bragg

    def _columns(self, model: Model) -> list[int]:
        """Places, among the moving unknowns, of those that this image's experiment depends on."""
        mine = set(model.mine)
        fields = [self.unknowns[i].field for i in self.moving]
        return [k for k, i in enumerate(self.moving) if i in mine and fields[k] not in (SCALE, BACKGROUND)]

    def _telling(self, model: Model, x: Tensor, bragg: Tensor) -> Tensor:
        """Rows that hold nearly all that the spots tell."""
        seen = model.picture
        told = bragg * bragg * seen.weights
        told = told / (model.linear(x, bragg).clamp(min=1e-6) if self.likely else seen.counts + SOFT)
        order = torch.argsort(told, descending=True)
        sums = told[order].cumsum(0)
        kept = KEPT if self.likely else KEPT_COARSE
        enough = int((sums < kept * sums[-1]).sum()) + 1 if len(sums) else 0
        return order[:enough].sort().values

    def _scale_free(self, model: Model, bragg: Tensor, slopes: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        seen = model.picture
        floats = any(one.field == BACKGROUND for one in self.unknowns)
        weights = seen.weights / (seen.counts + SOFT)
        return scale_free(seen.counts, bragg, weights, seen.box if floats else None, slopes, rows)

    def compact(self, values: Vector) -> tuple[Vector, Vector]:
        """As few residuals as there are unknowns, and one more, and their slopes.

        Sum of squares, its gradient and Gauss-Newton's matrix are those of all residuals.
        """
        residuals, slopes = self.residuals(values), self.slopes(values)
        squares, turns = np.linalg.eigh(slopes.T @ slopes)
        roots = np.sqrt(np.clip(squares, TINY * max(squares.max(initial=0.0), TINY), None))
        seen = (turns.T @ (slopes.T @ residuals)) / roots
        rest = np.sqrt(max(residuals @ residuals - seen @ seen, 0.0))
        return np.append(seen, rest), np.vstack((roots[:, None] * turns.T, np.zeros(len(values))))

    def means(self, values: Vector) -> list[Tensor]:
        """Photons (n) predicted for each image."""
        x = self.place(values)
        return [
            model.linear(x, bragg) for model, bragg in zip(self.models, self._predicted(values), strict=True)
        ]

    def mean_slopes(self, values: Vector) -> list[Tensor]:
        """Of the predicted photons of each image, (n, moving)."""
        x, parts = self.place(values), []
        for model, bragg in zip(self.models, self._predicted(values), strict=True):
            rows, columns = self._telling(model, x, bragg), self._columns(model)
            part = torch.zeros(len(bragg), len(self.moving), dtype=torch.float64)
            mine, scale = set(model.mine), x.new_ones(())
            for i in mine:
                scale = x[i] if self.unknowns[i].field == SCALE else scale
            found = scale * model.slopes(x, [self.moving[k] for k in columns], rows)
            part[rows[:, None], torch.tensor(columns, dtype=torch.int64)] = found
            for k, i in enumerate(self.moving):
                one = self.unknowns[i]
                if i in mine and one.field == BACKGROUND:
                    part[model.picture.box == one.index[0], k] = 1.0
                elif i in mine and one.field == SCALE:
                    part[rows, k] = bragg[rows]
            parts.append(part)
        return parts

    def gradient(self, values: Vector) -> tuple[float, Vector]:
        """Deviance with priors, and its gradient (moving), by reverse mode."""
        asked = torch.tensor(values, requires_grad=True)
        x = self.x.index_put((torch.tensor(list(self.moving)),), asked)
        total = x.new_zeros(())
        for model in self.models:
            seen = model.picture
            total = total + (seen.weights * deviance(seen.counts, model.linear(x, model.bragg(x)))).sum()
        (slopes,) = torch.autograd.grad(total, asked)
        residuals, rows = self.priors(values)
        loss = float(total.detach()) + float(residuals @ residuals)
        return loss, slopes.numpy() + 2.0 * rows.T @ residuals

    def priors(self, values: Vector) -> tuple[Vector, Vector]:
        """Residuals and slopes of what is known of the unknowns beforehand."""
        chosen = [(k, self.unknowns[i]) for k, i in enumerate(self.moving)]
        if self.likely:
            rows = [(k, *one.prior) for k, one in chosen if one.prior is not None]
        else:
            rows = [(k, one.start, one.scale / self.hold**0.5) for k, one in chosen if self.hold > 0]
        residuals = np.array([(values[k] - mean) / spread for k, mean, spread in rows])
        slopes = np.zeros((len(rows), len(self.moving)))
        for row, (k, _, spread) in enumerate(rows):
            slopes[row, k] = 1.0 / spread
        return residuals, slopes

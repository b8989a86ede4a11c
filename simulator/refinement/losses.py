"""What is minimised, as residuals whose squares add up, and their slopes by what is predicted.

scale_free: one minus the squared correlation of image and prediction, whatever their scale and background.
poisson: the deviance, twice the negative logarithm of the likelihood but for a constant (McCullagh and
Nelder, Generalized Linear Models, 1989, section 2.3.1).
"""

import torch
from torch import Tensor

LEAST = 1e-6  # photons predicted at least: a single photon where none can be is unlikely, not impossible
CLOSE = 1e-4  # relative difference below which the deviance's root is a straight line


def scale_free(
    counts: Tensor, bragg: Tensor, weights: Tensor, box: Tensor | None, slopes: Tensor, rows: Tensor
) -> tuple[Tensor, Tensor]:
    """Residuals (n) and their slopes (n, p) for the best scale and, with boxes, background of each box.

    counts, bragg, weights: (n); slopes (rows, p): of `bragg` at some rows, elsewhere 0.
    """
    root = weights.sqrt()
    seen, made = (_centred(value, weights, box) * root for value in (counts, bragg))
    size, square = seen.norm(), (made @ made).clamp(min=torch.finfo(made.dtype).tiny)
    scale = ((made @ seen) / square).clamp(min=0.0)
    rest = seen - scale * made
    moved = bragg.new_zeros(len(bragg), slopes.shape[1]).index_copy(0, rows, slopes)
    moved = _centred(moved, weights, box) * root[:, None]
    turned = (
        scale * (moved - torch.outer(made, made @ moved) / square) + torch.outer(made, rest @ moved) / square
    )
    return rest / size, -turned * (scale > 0) / size


def _centred(value: Tensor, weights: Tensor, box: Tensor | None) -> Tensor:
    """Values (n) or (n, p) less their weighted mean in their box."""
    if box is None:
        return value
    count = int(box.max()) + 1
    total = weights.new_zeros(count).index_add(0, box, weights).clamp(min=torch.finfo(weights.dtype).tiny)
    shaped = weights if value.dim() == 1 else weights[:, None]
    sums = value.new_zeros(count, *value.shape[1:]).index_add(0, box, value * shaped)
    return value - (sums / (total if value.dim() == 1 else total[:, None]))[box]


def deviance(counts: Tensor, mean: Tensor) -> Tensor:
    """Of each pixel (n): 2 (y log(y/mu) - y + mu)."""
    mean = mean.clamp(min=LEAST)
    return 2.0 * (torch.xlogy(counts, counts) - torch.xlogy(counts, mean) - (counts - mean)).clamp(min=0.0)


def poisson(counts: Tensor, mean: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Signed roots of the deviance (n), and their slopes (n) by the mean."""
    mean, root = mean.clamp(min=LEAST), weights.sqrt()
    far = (counts - mean).abs() > CLOSE * mean
    signed = torch.sign(counts - mean) * deviance(counts, mean).sqrt()
    straight = (counts - mean) / mean.sqrt()
    bent = torch.where(far, signed, torch.ones_like(signed))
    slope = torch.where(far, (1.0 - counts / mean) / bent, -1.0 / mean.sqrt())
    return root * torch.where(far, signed, straight), root * slope

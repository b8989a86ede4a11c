"""Photon-counting noise. Twin: reference/physics/noise.c (the same distribution, not the same draws)."""

import numpy as np
import numpy.typing as npt

NORMAL_ABOVE = 1e6  # means above this take the normal approximation
LARGEST_COUNT = 65535


def poisson_noise(
    image: npt.NDArray[np.float32], adc: float, seed: int
) -> tuple[npt.NDArray[np.uint16], int]:
    """Counts with Poisson noise plus adc, cut to 16 bits, and how many pixels overloaded: README "Noise".

    image: mean photons (any shape). The same seed gives the same counts.
    """
    generator = np.random.Generator(np.random.PCG64(abs(seed)))
    mean = np.nan_to_num(np.maximum(image.astype(np.float64), 0.0), nan=0.0)  # overflowed: the largest number
    counts = generator.poisson(np.minimum(mean, NORMAL_ABOVE)).astype(np.float64)
    bright = mean > NORMAL_ABOVE
    counts[bright] = np.floor(generator.normal(mean[bright], np.sqrt(mean[bright])) + 0.5)
    counts += adc
    overloads = int((counts > LARGEST_COUNT).sum())
    return np.clip(np.floor(counts), 0, LARGEST_COUNT).astype(np.uint16), overloads

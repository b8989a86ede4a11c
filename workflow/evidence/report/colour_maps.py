"""Colours of intensities in the viewer: perceptually uniform maps of matplotlib, as hexadecimal stops."""

import matplotlib as mpl
import numpy as np

STOPS = 65
NAMES = {
    "magma": "magma",
    "viridis": "viridis",
    "grey": "gray",
}  # ours: matplotlib's; each from dark to light


def tables() -> dict[str, str]:
    """Name -> six hexadecimal digits a stop, dark first."""
    at = np.linspace(0, 1, STOPS)
    return {
        name: "".join(mpl.colors.to_hex(colour)[1:] for colour in mpl.colormaps[theirs](at))
        for name, theirs in NAMES.items()
    }

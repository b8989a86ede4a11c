"""The d-spacing of a pixel is that of the pixel's place, however the detector stands."""

import numpy as np
import pytest
import torch

from evidence.phases import resolution
from evidence.report import rings
from simulator.formats.experiment_file import parse
from simulator.rendering.quirks import Quirks
from simulator.rendering.scene import Scene, build_scene
from tests.helpers.places import ROOT

BASE = "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -detpixels_x 60 -detpixels_y 40 -pixel 0.5 -distance 90 "
TILTED = "-detector_rotx 4 -detector_roty -7 -detector_rotz 11 -twotheta 20 -Xbeam 6.1 -Ybeam 13.2 "


def scene(words: str) -> Scene:
    return build_scene(parse(words.split(), ROOT), Quirks.of("c-parity"), torch.device("cpu"))


@pytest.mark.parametrize("more", ["", TILTED, "-lambda 2.1", "-mosflm -ORGX 1 -ORGY 2", "-curved_det"])
def test_bragg_law_holds_in_every_pixel(more: str) -> None:
    """Against the angle between pixel and beam, told from the placed panel with nothing but numpy."""
    placed = scene(BASE + more)
    g = resolution.geometry(placed)
    slow, fast = np.indices((40, 60)) + 0.5
    axes = (np.array(g[key]) for key in ("fast", "slow", "origin_mm", "beam"))
    u, v, origin, beam = axes
    place = origin + g["pixel_mm"] * (fast[..., None] * u + slow[..., None] * v)
    if g["curved"]:
        distance = float(placed.frame.distance) * 1e3
        found = resolution.spacings(placed)
        assert found.shape == (40, 60)
        assert np.isfinite(found).all()
        assert np.allclose(distance, 90, rtol=1e-6)
        assert rings.rings(g, (40, 60)) == []
        return
    cosine = place @ beam / np.linalg.norm(place, axis=-1)
    d = g["wavelength_A"] / (2 * np.sin(np.arccos(cosine) / 2))
    assert np.allclose(resolution.spacings(placed), d, rtol=1e-7)
    at = [(3.0, 5.0), (39.0, 59.0)]
    assert np.allclose(rings.spacings(g, at), [d[3, 5], d[39, 59]])


def test_the_beam_centre_is_where_d_is_largest() -> None:
    placed = scene(BASE + "-Xbeam 8 -Ybeam 13")
    slow, fast = resolution.geometry(placed)["centre"]
    d = resolution.spacings(placed)
    brightest = np.unravel_index(int(d.argmax()), d.shape)
    assert abs(brightest[0] - slow) <= 0.5 + 1e-9
    assert abs(brightest[1] - fast) <= 0.5 + 1e-9


def test_rings_lie_on_the_detector() -> None:
    placed = scene(BASE)
    d = resolution.spacings(placed)
    drawn = rings.rings(resolution.geometry(placed), (40, 60))
    assert 2 <= len(drawn) <= rings.MOST
    assert all(d.min() < each < d.max() for each in drawn)
    assert drawn == sorted(drawn, reverse=True)

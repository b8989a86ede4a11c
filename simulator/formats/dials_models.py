"""Writing DIALS experiment lists (.expt): the models of `dials_expt`, in the imgCIF frame."""

import json
from typing import Any

import numpy as np

from simulator.formats.frames import imgcif
from simulator.formats.geometry import Geometry, Panel
from simulator.units import MM

P1 = " P 1"
COUNTS = 65535.0
MODELS = ("beam", "detector", "goniometer", "scan", "crystal", "imageset", "profile", "scaling_model")


def to_imgcif(geometry: Geometry) -> Geometry:
    """The geometry in the imgCIF frame."""
    return geometry if geometry.beam is None else geometry.turned(imgcif(geometry.beam, geometry.spindle))


def models(geometry: Geometry, template: str | None, still: bool = False) -> dict[str, Any]:
    """The whole list as plain values; template: image files beside it, `sim_####.img`."""
    geometry = to_imgcif(geometry)
    found: dict[str, Any] = {"__id__": "ExperimentList", "experiment": [{"__id__": "Experiment"}]}
    made: dict[str, Any] = {}
    if geometry.beam is not None and geometry.wavelength is not None:
        made["beam"] = _beam_model(geometry)
    if geometry.panel is not None:
        made["detector"] = {"panels": [_panel_model(geometry.panel)]}
    if geometry.spindle is not None and not still:
        unturned = np.eye(3).ravel().tolist()
        made["goniometer"] = {
            "rotation_axis": geometry.spindle.tolist(),
            "fixed_rotation": unturned,
            "setting_rotation": unturned,
        }
        made["scan"] = {
            "image_range": [geometry.first_image, geometry.first_image + geometry.images - 1],
            "batch_offset": 0,
            "oscillation": [geometry.phi, geometry.osc],
            "exposure_time": [1.0] * geometry.images,
            "epochs": [float(i) for i in range(geometry.images)],
            "valid_image_ranges": {},
        }
    if geometry.direct is not None:
        vectors = {f"real_space_{a}": row.tolist() for a, row in zip("abc", geometry.direct, strict=True)}
        made["crystal"] = {"__id__": "crystal", **vectors, "space_group_hall_symbol": P1}
    if template is not None:
        made["imageset"] = {
            "__id__": "ImageSequence",
            "template": template,
            "mask": None,
            "gain": None,
            "pedestal": None,
            "dx": None,
            "dy": None,
            "params": {"dynamic_shadowing": "Auto", "multi_panel": False},
        }
    for name in MODELS:
        found[name] = [made[name]] if name in made else []
    found["experiment"][0] |= {name: 0 for name in made}
    return found


def _beam_model(geometry: Geometry) -> dict[str, Any]:
    assert geometry.beam is not None
    model: dict[str, Any] = {
        "__id__": "monochromatic",
        "direction": (-geometry.beam + 0.0).tolist(),
        "wavelength": geometry.wavelength,
        "divergence": 0.0,
        "sigma_divergence": 0.0,
        "flux": 0.0,
        "transmission": 1.0,
    }
    if geometry.electric is not None:
        normal = np.cross(geometry.beam, geometry.electric)
        model["polarization_normal"] = (normal / np.linalg.norm(normal) + 0.0).tolist()
        model["polarization_fraction"] = ((geometry.kahn or 0.0) + 1.0) / 2.0
    return model


def _panel_model(panel: Panel) -> dict[str, Any]:
    mu = panel.attenuation or 0.0
    deep = panel.thickness > 0 and mu > 0
    return {
        "name": "Panel",
        "type": "SENSOR_PAD",
        "fast_axis": panel.fast.tolist(),
        "slow_axis": panel.slow.tolist(),
        "origin": (panel.origin * MM).tolist(),
        "raw_image_offset": [0, 0],
        "image_size": [panel.shape[1], panel.shape[0]],
        "pixel_size": [panel.pixel * MM, panel.pixel * MM],
        "trusted_range": [-1.0, COUNTS],
        "thickness": panel.thickness * MM,
        "material": "Si" if deep else "",
        "mu": mu / MM,
        "identifier": "",
        "mask": [],
        "gain": 1.0,
        "pedestal": 0.0,
        "px_mm_strategy": {"type": "ParallaxCorrectedPxMmStrategy" if deep else "SimplePxMmStrategy"},
    }


def text(found: dict[str, Any]) -> str:
    """JSON as DIALS writes it, one value a line."""
    return json.dumps(found, indent=1) + "\n"

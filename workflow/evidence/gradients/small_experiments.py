"""Small experiments that between them give every field that may be a tensor."""

from dataclasses import replace
from typing import Any

import torch

from simulator import Beam, Crystal, Detector, Experiment, Goniometer, Reflections, Sampling

F64 = torch.float64
CELL = (31.0, 29.0, 34.0, 82.0, 95.0, 101.0)
SHAPES = ("square", "round", "gauss", "tophat")
LOWEST, SIDE = -6, 13


def changed(experiment: Experiment, **parts: dict[str, Any]) -> Experiment:
    """The experiment with fields of its parts replaced."""
    made = {name: replace(getattr(experiment, name), **fields) for name, fields in parts.items()}
    return replace(experiment, **made)


def plain(shape: str) -> Experiment:
    """Nine pixels near a few spots: cell, misset and distance, two spindle steps."""
    crystal = Crystal(
        cell=CELL, misset=(3.0, -5.0, 8.0), n_cells=(3, 4, 2), default_F=50.0, shape=shape, fudge=0.9
    )
    detector = Detector(shape=(3, 3), pixel_size=2e-3, distance=0.05)
    turn = Goniometer(phi=3.0, osc=1.0, phisteps=2)
    return Experiment(Beam(wavelength=1.1, kahn=0.7), crystal, detector, turn, Sampling(oversample=1))


def rich(shape: str) -> Experiment:
    """The same with mosaic domains, a divergent beam, a sensor, water, a tilted detector."""
    return changed(
        plain(shape),
        beam={
            "direction": (1.0, 0.02, -0.01),
            "hdiv": (3e-3, None, 3),
            "vdiv": (2e-3, None, 2),
            "dispersion": (1e-3, None, 2),
            "round_divergence": False,
            "water_size": 2e-8,  # no brighter than the spots
        },
        crystal={"mosaic_spread": 0.4, "mosaic_domains": 2},
        detector={
            "rotation": (1.0, 2.0, -1.0),
            "twotheta": 4.0,
            "twotheta_axis": (0.1, 0.2, -1.0),
            "Xbeam": 7e-3,
            "Ybeam": 8e-3,
            "thickness": 4e-4,
            "layers": 3,
            "attenuation": 3000.0,
        },
        goniometer={"spindle": (0.1, 0.2, 1.0)},
    )


def table() -> Reflections:
    """Structure factors that differ from one reflection to the next."""
    data = torch.rand((SIDE, SIDE, SIDE), dtype=F64, generator=torch.Generator().manual_seed(1)) * 40 + 10
    return Reflections(data, (LOWEST, LOWEST, LOWEST))


def sources() -> torch.Tensor:
    """Three sources of different direction, weight and wavelength."""
    rows = [
        [-10.0, 0.0, 0.01, 1.0, 1.1e-10],
        [-10.0, 0.02, 0.0, 2.0, 1.12e-10],
        [-9.0, 0.0, 0.0, 1.5, 1.1e-10],
    ]
    return torch.tensor(rows, dtype=F64)


def experiments(shape: str) -> dict[str, Experiment]:
    """By what is special about each."""
    base, full = plain(shape), rich(shape)
    star = torch.tensor([[0.033, 0.002, 0.001], [-0.001, 0.035, 0.002], [0.001, 0.0, 0.03]], dtype=F64)
    return {
        "ranges": full,
        "steps": changed(
            full,
            beam={"hdiv": (3e-3, 1e-3, 3), "vdiv": (2e-3, 2e-3, 2), "dispersion": (1e-3, 1e-3, 2)},
            detector={"layer_thickness": 2e-4},
            goniometer={"phistep": 0.5},
        ),
        "matrix, sources, reflections": changed(
            base,
            beam={"sources": sources()},
            crystal={"cell": None, "a_star": star, "reflections": table(), "interpolate": False},
        ),
        "interpolated": changed(  # off the beam centre, where h is whole and the cubic changes
            base,
            crystal={"reflections": table(), "interpolate": True},
            detector={"Xbeam": 4.3e-3, "Ybeam": 3.9e-3},
        ),
        "pivot sample, XDS": changed(
            base,
            detector={
                "convention": "xds", "pivot": "sample", "close_distance": 0.049, "ORGX": 4.0, "ORGY": 4.5,
                "twotheta": 4.0,
            },
        ),
        "closest point, custom": changed(
            base, detector={"convention": "custom", "pivot": "sample", "Xclose": 6e-3, "Yclose": 7e-3}
        ),
        "sides, curved": changed(base, detector={"size": (6e-3, 6e-3), "curved": True}),
        "corner given": changed(base, detector={"convention": "custom", "pix0": (0.05, 7e-3, -6e-3)}),
    }  # fmt: skip

"""Gradient of a small region by autograd against central differences, for every parameter of the case."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from evidence.errors import MissingError
from evidence.limits import GRADIENT_RTOL
from evidence.phases.job import Measurements, PhaseJob
from evidence.records import Record

if TYPE_CHECKING:
    from torch import Tensor

    from simulator.experiment import Experiment

# Each parameter p is varied as p (1 + x) about x = 0. A crystal of many cells at high index turns a relative
# change into a phase some thousand times larger: hence the small step.
STEP = 1e-7
PARAMETERS = (
    "beam.wavelength beam.fluence beam.kahn crystal.cell crystal.a_star crystal.misset crystal.default_F "
    "detector.distance detector.close_distance detector.Xbeam detector.Ybeam detector.Xclose "
    "detector.Yclose detector.ORGX detector.ORGY detector.pixel_size detector.rotation detector.twotheta "
    "detector.attenuation goniometer.phi goniometer.phistep"
).split()


def check(job: PhaseJob, found: Measurements) -> None:
    """Check the parameters that the case gives and that are not 0; count those whose derivatives differ.

    Both Jacobians are taken of all parameters at once and judged one by one; torch's own gradcheck has to
    agree.
    """
    os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")
    import torch  # noqa: PLC0415 (takes seconds; other phases need none)

    region = Region(_experiment(job))
    x = torch.zeros(region.size, dtype=torch.float64, requires_grad=True)
    analytic = torch.autograd.functional.jacobian(region, x)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        steps = STEP * torch.eye(region.size, dtype=torch.float64)
        numeric = torch.stack([(region(step) - region(-step)) / (2 * STEP) for step in steps], dim=1)
    rows = list(_rows(region, analytic, numeric))
    found.tables["gradcheck"] = rows
    largest = max(row["largest"] for row in rows)
    if largest == 0:
        raise MissingError("no parameter changes the region")
    wrong = [row["parameter"] for row in rows if not row["ok"]]
    agreed = torch.autograd.gradcheck(
        region,
        (x,),
        eps=STEP,
        atol=GRADIENT_RTOL * largest,
        rtol=GRADIENT_RTOL,
        raise_exception=False,
        fast_mode=True,
    )
    if not agreed and not wrong:
        wrong = ["torch.autograd.gradcheck"]
    found.measured["gradcheck"] = float(len(wrong))
    if wrong:
        found.reasons["gradcheck"] = "gradient differs for " + ", ".join(wrong)


class Region:
    """The pixels of the experiment's ROI over their largest, as a function of all scaled parameters."""

    def __init__(self, experiment: "Experiment") -> None:
        import torch  # noqa: PLC0415

        self.experiment = experiment
        self.values: dict[str, Tensor] = {}
        for name in PARAMETERS:
            group, attribute = name.split(".")
            given = getattr(getattr(experiment, group), attribute)
            if given is not None and bool((torch.as_tensor(given) != 0).any()):
                self.values[name] = torch.as_tensor(given, dtype=torch.float64)
        self.size = sum(value.numel() for value in self.values.values())
        self.brightest: Tensor | float = 1.0
        with torch.no_grad():
            self.brightest = self(torch.zeros(self.size, dtype=torch.float64)).max()
        if self.brightest == 0:
            raise MissingError("the first pixels of the probe are dark: place the probe on a spot")

    def __call__(self, x: "Tensor") -> "Tensor":
        import torch  # noqa: PLC0415

        from simulator import simulate  # noqa: PLC0415

        experiment = self.experiment
        pieces = torch.split(x, [value.numel() for value in self.values.values()])
        for (name, value), piece in zip(self.values.items(), pieces, strict=True):
            group, attribute = name.split(".")
            part = replace(
                getattr(experiment, group), **{attribute: value * (1 + piece.reshape(value.shape))}
            )
            experiment = replace(experiment, **{group: part})
        f0, f1, s0, s1 = experiment.sampling.roi or (0, 0, 0, 0)
        pixels: Tensor = simulate(experiment)[s0 : s1 + 1, f0 : f1 + 1].reshape(-1) / self.brightest
        return pixels


def _experiment(job: PhaseJob) -> "Experiment":
    """The case, cut down to at most 2 x 2 pixels of the probe."""
    experiment = job.experiment
    (s0, s1), (f0, f1) = job.case.probe.slow, job.case.probe.fast
    roi = (f0, min(f1, f0 + 1), s0, min(s1, s0 + 1))
    return replace(experiment, sampling=replace(experiment.sampling, roi=roi))


def _rows(region: Region, analytic: "Tensor", numeric: "Tensor") -> Iterator[Record]:
    """Each parameter: its largest derivative, the largest deviation, both per unit of x; NaN is not ok."""
    end = 0
    for name, value in region.values.items():
        begin, end = end, end + value.numel()
        a, b = analytic[:, begin:end], numeric[:, begin:end]
        largest, worst = float(b.abs().max()), float((a - b).abs().max())
        ok = worst <= GRADIENT_RTOL * max(largest, 1.0)
        yield {"parameter": name, "components": value.numel(), "largest": largest, "worst": worst, "ok": ok}

"""Gradient of a small region by autograd against central differences: torch.autograd.gradcheck."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence.arguments import with_inputs
from evidence.phases.work import Findings, MissingError, Work
from evidence.stage import staged_files

if TYPE_CHECKING:
    from torch import Tensor

    from simulator.experiment import Experiment

# Each parameter p is varied as p (1 + x) about x = 0. A crystal of many cells at high index turns a relative
# change into a phase some thousand times larger: hence the small step, and a tolerance of its third power.
STEP = 1e-7
RTOL = 1e-5
ATOL = 1e-5  # of the largest derivative
PARAMETERS = (
    "beam.wavelength beam.fluence beam.kahn crystal.cell crystal.a_star crystal.misset crystal.default_F "
    "detector.distance detector.close_distance detector.Xbeam detector.Ybeam detector.Xclose "
    "detector.Yclose detector.ORGX detector.ORGY detector.pixel_size detector.rotation detector.twotheta "
    "detector.attenuation goniometer.phi goniometer.phistep"
).split()
Vary = Callable[["Tensor"], "Tensor"]  # x -> pixels of the region over their largest


def check(work: Work, found: Findings) -> None:
    """Check each continuous parameter that the case gives and that is not 0; count those that fail."""
    os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")
    experiment = _experiment(work)
    rows = [_check_one(name, count, vary) for name, count, vary in _varied(experiment)]
    found.tables["gradcheck"] = rows
    if all(row["largest"] == 0 for row in rows):
        raise MissingError("no parameter changes the region")
    wrong = [row["parameter"] for row in rows if not row["ok"]]
    found.measured["gradcheck"] = float(len(wrong))
    if wrong:
        found.reasons["gradcheck"] = "gradient differs for " + ", ".join(wrong)


def _experiment(work: Work) -> "Experiment":
    """The case, cut down to at most 2 x 2 pixels of the probe."""
    from simulator.command import parse_command  # noqa: PLC0415 (loads torch; other phases need none)

    staged = {name: path.resolve() for name, path in staged_files(work.case, work.bundle / "inputs").items()}
    with tempfile.TemporaryDirectory() as folder:  # the reflection cache is written there
        words = with_inputs(work.case.arguments, staged, Path(folder))
        experiment, _ = parse_command(words, Path(folder))
    (s0, s1), (f0, f1) = work.case.probe.slow, work.case.probe.fast
    roi = (f0, min(f1, f0 + 1), s0, min(s1, s0 + 1))
    return replace(experiment, sampling=replace(experiment.sampling, roi=roi))


def _varied(experiment: "Experiment") -> Iterator[tuple[str, int, Vary]]:
    """Name, number of components and function of each parameter."""
    import torch  # noqa: PLC0415

    from simulator import simulate  # noqa: PLC0415

    f0, f1, s0, s1 = experiment.sampling.roi or (0, 0, 0, 0)
    with torch.no_grad():
        brightest = simulate(experiment).max()
    for name in PARAMETERS:
        group, attribute = name.split(".")
        given = getattr(getattr(experiment, group), attribute)
        if given is None:
            continue
        value = torch.as_tensor(given, dtype=torch.float64)
        if not bool((value != 0).any()):
            continue

        def vary(
            x: "Tensor", group: str = group, attribute: str = attribute, value: "Tensor" = value
        ) -> "Tensor":
            scaled = value * (1 + x.reshape(value.shape))
            part = replace(getattr(experiment, group), **{attribute: scaled})
            image = simulate(replace(experiment, **{group: part}))
            return image[s0 : s1 + 1, f0 : f1 + 1].reshape(-1) / brightest

        yield name, value.numel(), vary


def _check_one(name: str, count: int, vary: Vary) -> dict[str, Any]:
    """gradcheck of one parameter; `largest` derivative and `worst` deviation from it, both per unit of x."""
    import torch  # noqa: PLC0415

    x = torch.zeros(count, dtype=torch.float64, requires_grad=True)
    analytic = torch.autograd.functional.jacobian(vary, x)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        steps = STEP * torch.eye(count, dtype=torch.float64)
        numeric = torch.stack([(vary(step) - vary(-step)) / (2 * STEP) for step in steps], dim=1)
    largest = float(analytic.abs().max())
    worst = float((analytic - numeric).abs().max())
    ok = torch.autograd.gradcheck(
        vary, (x,), eps=STEP, atol=ATOL * max(largest, 1e-300), rtol=RTOL, raise_exception=False
    )
    return {"parameter": name, "components": count, "largest": largest, "worst": worst, "ok": bool(ok)}

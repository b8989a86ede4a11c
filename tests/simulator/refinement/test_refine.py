"""From a wrong start back to the truth, and errors that say how far off the values are."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from simulator import Experiment, Parameter, refine
from simulator.refinement.fields import components
from simulator.refinement.result import Refinement
from tests.simulator.refinement import small

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # of torch itself
QUIET = {"mode": "spec", "progress": False}


def pulls(found: Refinement, true: Experiment, **known: float) -> np.ndarray:
    """Errors in standard errors; scale is 1 and background what `small.counts` adds."""
    known = {"scale": 1.0, "background": 1.0} | known
    real = [
        known[one.field] if one.field in known else float(components(true, one.field)[one.index])
        for one in found.unknowns
    ]
    pulled: np.ndarray = (found.values - np.array(real)) / found.information.errors
    return pulled


def test_a_wrong_start_finds_back() -> None:
    """Orientation, cell, distance, scale and background; what is left is noise."""
    true = small.experiment()
    image = small.counts(true)
    found = refine(small.moved(true), image, ["misset", "cell", "distance", "scale", "background"], **QUIET)
    assert found.verdict == "converged", found
    assert np.abs(pulls(found, true)).max() < 3.5
    assert found["misset.x"][1] < 0.1
    assert [step.stage for step in (found.history[0], found.history[-1])] == ["scale-free", "likelihood"]
    assert abs(found.fit.surplus) < 4
    assert float(found.residuals[0].square().mean()) == pytest.approx(1.0, abs=0.2)
    assert torch.equal(found.models[0] > 0, torch.ones(48, 48, dtype=torch.bool))
    assert found["misset.x"][1] > 0
    assert "converged: deviance" in str(found)


def test_no_background_at_all() -> None:
    """A background that is truly 0 stands at its bound; errors of the others are as without it."""
    true = small.experiment()
    image = small.counts(true, background=0.0)
    names = ["misset", "distance", "scale"]
    found = refine(small.moved(true, cell=1.0), image, [*names, "background"], **QUIET)
    alone = refine(small.moved(true, cell=1.0), image, names, **QUIET)
    assert found.verdict == alone.verdict == "converged", found
    assert np.abs(pulls(found, true, background=0.0)).max() < 3.5
    assert 0.0 <= found["background"][0] < 1e-3
    assert 0.0 < found["background"][1] < 1e-2
    assert np.allclose(found.information.errors[:-1], alone.information.errors, rtol=0.02)
    assert found.information.correlations[-1].tolist() == [0.0] * 5 + [1.0]


def test_a_wrong_model_is_stuck() -> None:
    """The likelihood tells: a distance held wrong cannot be made up for by the orientation."""
    true = small.experiment()
    wrong = replace(true, detector=replace(true.detector, distance=0.0615))
    found = refine(wrong, small.counts(true), ["misset", "scale", "background"], attempts=1, **QUIET)
    assert found.verdict == "stuck"
    assert found.fit.surplus > 10


def test_both_methods_end_at_one_place() -> None:
    """Levenberg-Marquardt and L-BFGS, within a hundredth of a standard error."""
    true = small.experiment()
    image = small.counts(true)
    names = ["misset", "scale", "background"]
    one, other = (
        refine(small.moved(true, cell=1.0), image, names, method=method, **QUIET)
        for method in ("levenberg-marquardt", "l-bfgs")
    )
    assert one.verdict == other.verdict == "converged"
    assert np.abs((one.values - other.values) / one.information.errors).max() < 0.05


def test_shared_cell_of_two_images() -> None:
    """One cell, two orientations and scales: errors of the cell are smaller than from either image."""
    true = small.experiment()
    turned = replace(true, crystal=replace(true.crystal, misset=(11.0, 62.0, -3.0)))
    images = [small.counts(true, seed=1), small.counts(turned, seed=2)]
    names = ["misset", "cell.a", "cell.b", "scale", "background"]
    wrong = [small.moved(one) for one in (true, turned)]
    wrong = [
        replace(one, crystal=replace(one.crystal, cell=(24.06, 26.95, *true.crystal.cell[2:])))
        for one in wrong
    ]
    both = refine(wrong, images, names, **QUIET)
    assert both.verdict == "converged", both
    alone = refine(wrong[0], images[0], names, **QUIET)
    assert both["cell.a"][1] < alone["cell.a"][1]
    assert abs(both["cell.a"][0] - 24.0) < 3.5 * both["cell.a"][1]
    assert abs(both["misset.y of image 1"][0] - 62.0) < 3.5 * both["misset.y of image 1"][1]
    assert len(both.residuals) == len(both.experiments) == 2


def test_structure_factors_and_boxes() -> None:
    """Amplitudes of bright spots, each with the background of its shoebox; the rest is not looked at."""
    true = small.experiment()
    boxes = [(8, 22, 8, 22), (26, 40, 20, 36)]
    background = torch.ones(48, 48, dtype=torch.float64)
    background[20:37, 26:41] = 3.0
    image = small.counts(replace(true, sampling=replace(true.sampling, roi=boxes)), background)
    wrong = replace(true, sampling=replace(true.sampling, roi=boxes))
    table = true.crystal.reflections
    assert table is not None
    names = bright(true, boxes)
    data = table.data.clone()
    for name in names:
        h, k, l = (int(x) + 8 for x in name[2:-1].split(","))  # noqa: E741
        data[h, k, l] *= 0.7
    wrong = replace(wrong, crystal=replace(wrong.crystal, reflections=replace(table, data=data)))
    found = refine(wrong, image, [*names, "background"], **QUIET)
    assert found.verdict == "converged", found
    real = [float(components(true, one.field)[one.index]) for one in found.unknowns[: len(names)]] + [
        1.0,
        3.0,
    ]
    assert np.abs((found.values - real) / found.information.errors).max() < 3.5
    assert not bool(found.residuals[0][:8].any())


def bright(true: Experiment, boxes: list[tuple[int, int, int, int]]) -> list[str]:
    """F[h,k,l] of the reflections at the brightest pixel of each box."""
    from simulator import simulate  # noqa: PLC0415
    from simulator.refinement.model import Model  # noqa: PLC0415
    from simulator.refinement.pictures import pictures  # noqa: PLC0415
    from simulator.refinement.stages import miller_indices_of  # noqa: PLC0415

    image = simulate(true, mode="spec")
    names = []
    for f0, f1, s0, s1 in boxes:
        part = image[s0 : s1 + 1, f0 : f1 + 1]
        slow, fast = divmod(int(part.argmax()), f1 - f0 + 1)
        pixel = torch.tensor([[s0 + slow, f0 + fast]])
        model = Model(pictures(true, image, None, None)[0], 0, [], "spec", None)
        h, k, l = miller_indices_of(model, torch.zeros(0), pixel).round().int().flatten().tolist()  # noqa: E741
        names.append(f"F[{h},{k},{l}]")
    return names


def test_random_starts() -> None:
    """The likeliest of several, which holds them all; the same seed starts the same."""
    true = small.experiment()
    image = small.counts(true)
    found = refine(true, image, ["misset", "scale", "background"], starts=3, seed=5, **QUIET)
    assert len(found.starts) == 3
    assert found.fit.deviance == min(one.fit.deviance for one in found.starts)
    assert sum(one.verdict == "converged" for one in found.starts) == 3
    again = refine(true, image, ["misset", "scale", "background"], starts=3, seed=5, **QUIET)
    assert all(np.array_equal(a.start, b.start) for a, b in zip(found.starts, again.starts, strict=True))
    assert not np.array_equal(found.starts[0].start, found.starts[1].start)


def test_mask_weights_priors_and_bounds() -> None:
    """Dead pixels do not count; a prior and a bound hold what the image would move."""
    true = small.experiment()
    image = small.counts(true)
    broken, mask = image.clone(), torch.ones(48, 48)
    broken[10:20] = 5000.0
    mask[10:20] = 0
    names: list[str | Parameter] = ["misset", "scale", "background"]
    masked = refine(true, broken, names, mask=mask, **QUIET)
    weighted = refine(true, broken, names, weights=mask, **QUIET)
    assert masked.verdict == "converged"
    assert np.allclose(masked.values, weighted.values)
    assert not bool(masked.residuals[0][10:20].any())
    prior = Parameter("distance", prior=(0.0599, 1e-9))
    held = refine(true, image, ["misset", "scale", "background", prior], **QUIET)
    assert held["distance"][0] == pytest.approx(0.0599, abs=5e-9)
    bounded = refine(
        true, image, ["misset", "background", Parameter("scale", upper=1.0001, lower=0.9)], **QUIET
    )
    assert bounded["scale"][0] <= 1.0001


def test_what_the_image_does_not_tell_has_no_error_bar() -> None:
    """Scale and fluence are one: their errors are infinite, other errors are not."""
    true = small.experiment()
    names = ["misset", "scale", "fluence", "background"]
    found = refine(true, small.counts(true), names, **QUIET)
    assert found.information.eigenvalues[0] < 1e-9 * found.information.eigenvalues[-1]
    assert np.isinf(found["scale"][1])
    assert np.isinf(found["fluence"][1])
    assert np.isfinite(found["misset.x"][1])
    correlations = found.information.correlations
    assert np.allclose(np.diag(correlations)[:3], 1.0)


def test_mosaic_spread_and_size_of_a_gaussian_crystal() -> None:
    """Unknowns of the spots' shape, which coarse crystals do not have."""
    true = small.experiment(shape="gauss", fudge=0.02, mosaic_domains=6, mosaic_spread=0.4)
    image = small.counts(true)
    wrong = small.moved(replace(true, crystal=replace(true.crystal, mosaic_spread=0.3)), cell=1.0)
    found = refine(wrong, image, ["misset", "mosaic_spread", "fudge", "scale", "background"], **QUIET)
    assert found.verdict == "converged", found
    assert np.abs(pulls(found, true)).max() < 3.5

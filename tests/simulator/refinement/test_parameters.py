"""Names of what is refined, their scales and bounds, and what is wrong with them."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from simulator import Parameter, refine
from simulator.errors import InputError
from simulator.refinement.fields import components, with_numbers
from simulator.refinement.parameters import OWN, unknowns
from simulator.rendering.quirks import Quirks
from tests.simulator.refinement import small

SPEC = Quirks.of("spec")
HERE = small.experiment()


def names(*wanted: str | Parameter, images: int = 1, boxes: int = 1) -> list[str]:
    return [one.name for one in unknowns(wanted, [HERE] * images, boxes, OWN, SPEC)]


def test_names() -> None:
    """A field is all its numbers; each has a name of its own."""
    assert names("misset") == names("crystal.misset") == ["misset.x", "misset.y", "misset.z"]
    assert names("cell") == [f"cell.{x}" for x in ("a", "b", "c", "alpha", "beta", "gamma")]
    assert names("cell.b", "detector.distance", "n_cells.c") == ["cell.b", "distance", "n_cells.c"]
    assert names("beam_centre") == ["Xbeam", "Ybeam"]
    assert names("rotation.y", "wavelength", "scale") == ["rotation.y", "wavelength", "scale"]
    assert names("F[1,-2,3]", "F[0,0,-8]") == ["F[1,-2,3]", "F[0,0,-8]"]
    assert names("background", boxes=2) == ["background[0]", "background[1]"]
    assert names("background[1]", boxes=2) == ["background[1]"]


def test_xds_has_its_own_beam_centre() -> None:
    wide = replace(HERE, detector=replace(HERE.detector, convention="dials", ORGX=20.0, pivot="sample"))
    found = unknowns(["beam_centre"], [wide], 1, OWN, SPEC)
    assert [(one.name, one.start) for one in found] == [("ORGX", 20.0), ("ORGY", 24.5)]


def test_own_and_shared() -> None:
    """Of many images, orientation and scale are each image's own; the cell is all images'."""
    found = names("misset.x", "cell.a", "scale", images=2)
    assert found == [
        "misset.x of image 0",
        "misset.x of image 1",
        "cell.a",
        "scale of image 0",
        "scale of image 1",
    ]


def test_scales_are_expected_errors() -> None:
    found = {one.name: one for one in unknowns(["misset", "cell", "distance", "Xbeam"], [HERE], 1, OWN, SPEC)}
    assert found["misset.x"].scale == 0.2
    assert found["cell.a"].scale == pytest.approx(0.003 * 24.0)
    assert found["distance"].scale == pytest.approx(2e-4)
    assert found["Xbeam"].scale == pytest.approx(0.05 / 48)
    (one,) = unknowns([Parameter("distance", 1e-5, 0.05, 0.07, (0.06, 1e-4))], [HERE], 1, OWN, SPEC)
    assert (one.scale, one.lower, one.upper, one.prior) == (1e-5, 0.05, 0.07, (0.06, 1e-4))


def test_numbers_are_put_where_they_were_read() -> None:
    """Structure factors included, whose place counts from the lowest index."""
    (one,) = unknowns(["F[1,-2,3]"], [HERE], 1, OWN, SPEC)
    table = small.reflections().data
    assert one.start == float(table[9, 6, 11])
    made = with_numbers(HERE, one.field, [one.index], [torch.tensor(7.0, dtype=torch.float64)])
    found = components(made, one.field)
    assert float(found[9, 6, 11]) == 7.0
    assert int((found != table).sum()) == 1


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([], "parameters: expected at least one"),
        (["mosaicity"], "expected the name of a continuous field, such as misset or cell.a, got 'mosaicity'"),
        (["misset.w"], "expected a number of crystal.misset, such as misset.x, got 'misset.w'"),
        (["misset", "misset.x"], "expected each number once, got misset.x twice"),
        (["mosaic_spread"], "expected a field that the image depends on, got the only domain is not turned"),
        (["a_star"], "expected a field that the image depends on, got there is none"),
        (["F[99,0,0]"], "expected F[h,k,l] in the box of reflections, got 'F[99,0,0]'"),
        (["F"], "expected F[h,k,l] in the box of reflections, got 'F'"),
        (["background[3]"], "expected a background of 1 boxes, got 'background[3]'"),
        (["direction.x"], "parameters direction.x: expected a scale above 0 (the expected error), got None"),
        ([Parameter("distance", scale=-1.0)], "parameters distance: expected a scale above 0"),
        (
            [Parameter("distance", lower=0.07)],
            "parameters distance: expected a start within 0.07 and inf, got 0.06",
        ),
        ([Parameter("distance", prior=(0.06, 0.0))], "a prior with a standard deviation above 0"),
    ],
)
def test_mistakes_in_parameters(wanted: list[str | Parameter], message: str) -> None:
    with pytest.raises(InputError) as problem:
        unknowns(wanted, [HERE], 1, OWN, SPEC)
    assert message in str(problem.value)


IMAGE = torch.ones(48, 48)


@pytest.mark.parametrize(
    ("image", "how", "message"),
    [
        (torch.ones(3, 4), {}, "image 0: expected 48 x 48 pixels, as the detector's, got 3 x 4"),
        (-IMAGE, {}, "image 0: expected photon counts of 0 or more (mask the others), got -1.0"),
        (IMAGE * torch.nan, {}, "image 0: expected photon counts of 0 or more"),
        (0 * IMAGE, {}, "image 0: expected photons, got none"),
        (IMAGE, {"mask": 0 * IMAGE}, "image 0: expected a pixel that counts, got none"),
        (IMAGE, {"weights": -IMAGE}, "weights 0: expected finite numbers of 0 or more, got -1.0"),
        (IMAGE, {"method": "newton"}, "method: expected levenberg-marquardt or l-bfgs, got 'newton'"),
        (IMAGE, {"starts": 0}, "starts: expected an integer >= 1, got 0"),
        (IMAGE, {"attempts": 0}, "attempts: expected an integer >= 1, got 0"),
        ([], {}, "image: expected at least one, got none"),
        ([IMAGE, IMAGE], {"mask": [IMAGE]}, "mask: expected one, or one for each of 2 images, got 1"),
    ],
)
def test_mistakes_in_images(image: Any, how: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as problem:
        refine(HERE, image, ["distance"], progress=False, **how)
    assert message in str(problem.value)

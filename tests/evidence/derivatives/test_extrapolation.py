"""Differences against derivatives: what agrees, what must not pass, which numbers of a command line move."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence.derivatives import command_slopes, movable
from evidence.derivatives.exactness import judge_fields
from evidence.derivatives.extrapolation import STEPS, base_step, compare
from evidence.derivatives.movable import Number
from evidence.errors import MissingError
from simulator import Experiment, parse
from simulator.rendering.differentiable import differentiable_fields

POINTS = np.array([0.3, 1.1, 2.0])


def image(x: float) -> Any:
    return np.sin(POINTS + x * POINTS**2)


SLOPE = POINTS**2 * np.cos(POINTS)
IMAGES = {k * 1e-3: image(k * 1e-3) for k in STEPS}


def test_differences_of_a_smooth_image() -> None:
    """The error grows with the step, the extrapolation has none."""
    found = compare("x", SLOPE, image(0.0), IMAGES)
    assert found.richardson < 1e-10
    assert found.r is not None
    assert found.r > 0.999
    assert found.errors == sorted(found.errors)
    row = found.to_dict()
    assert (row["error_16"], row["linear"]) == (found.errors[-1], False)


def test_an_image_that_is_linear_has_no_correlation() -> None:
    found = compare("x", POINTS, 0 * POINTS, {k * 1e-3: k * 1e-3 * POINTS for k in STEPS})
    assert found.richardson < 1e-12
    assert found.r is None
    assert found.to_dict()["linear"] is True


@pytest.mark.parametrize("wrong", [SLOPE * (1 + 1e-5), -SLOPE, SLOPE[::-1]])
def test_a_wrong_derivative_is_seen(wrong: Any) -> None:
    found = compare("x", wrong, image(0.0), IMAGES)
    assert not found.richardson <= 1e-6


def test_nan_is_no_agreement() -> None:
    """In the image, in the derivative."""
    for base, slope in ((image(float("nan")), SLOPE), (image(0.0), SLOPE * [1.0, np.nan, 1.0])):
        found = compare("x", slope, base, IMAGES)
        assert np.isnan(found.richardson)
        assert found.r is not None
        assert np.isnan(found.r)


def test_what_is_missing_is_told() -> None:
    less = dict(list(IMAGES.items())[:-1])
    for images in ({}, less, {**less, 0.5: image(0.5)}):
        with pytest.raises(MissingError, match="expected steps"):
            compare("x", SLOPE, image(0.0), images)
    with pytest.raises(MissingError, match="the derivative is 0"):
        compare("x", 0 * SLOPE, image(0.0), IMAGES)
    with pytest.raises(MissingError, match="no pixel changes"):
        base_step(image(0.0), 0 * SLOPE)


WORDS = (
    "-cell 40 50 60 90 85 90 -default_F 20 -N 5 -wave 1 -distance 50 -detpixels 48 -pixel 0.4 -oversample 1 "
    "-phi 0 -osc 1 -phisteps 4 -Xbeam 9 -nonoise -nopgm"
).split()


def read(words: list[str]) -> Experiment:
    return parse(words, Path())


def test_numbers_of_a_command_line() -> None:
    """Continuous ones, by the first spelling of their flags; counts are none."""
    found = [number.name for number in movable.numbers(WORDS)]
    assert found[:7] == ["-cell", "-cell 2", "-cell 3", "-cell 4", "-cell 5", "-cell 6", "-default_F"]
    assert "-lambda" in found
    assert not {"-N", "-phisteps", "-detpixels", "-oversample"} & set(found)
    moved = movable.moved(WORDS, Number("-lambda", 0, 1.0), 0.25)
    assert moved[moved.index("-wave") + 1] == "1.25"
    assert len(moved) == len(WORDS)


def test_how_fields_move() -> None:
    """In the units of experiment and command line."""
    assert {
        name: float(x) for name, x in movable.tangent(WORDS, Number("-distance", 0, 50.0), read).items()
    } == {"detector.distance": pytest.approx(1e-3)}
    found = movable.tangent(WORDS, Number("-osc", 0, 1.0), read)
    assert float(found["goniometer.phistep"]) == pytest.approx(0.25)
    assert movable.refused(WORDS, Number("-distance", 0, 50.0), lambda _: read(WORDS)) == ({}, None)


def test_corners_are_told() -> None:
    """phi = 0 in c-parity: the first step is no longer carried over beside it."""
    pixels = [(20, 27), (21, 28)]
    for mode, corner in (("c-parity", True), ("spec", False)):
        _, found = command_slopes.slopes(WORDS, read, pixels, mode)
        reasons = {slope.number.name: slope.reason for slope in found}
        assert (reasons["-phi"] is not None) == corner
        assert reasons["-osc"] is reasons["-lambda"] is None
        assert "-adc" not in reasons
    assert reasons["-Xbeam"] is None


@pytest.mark.parametrize("mode", ["c-parity", "spec"])
def test_every_missing_gradient_is_explained(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that is lost on the way is not."""
    rows = judge_fields(read(WORDS), mode, [(20, 27), (21, 28)])
    assert {row["field"] for row in rows} <= set(differentiable_fields())
    assert all(row["explained"] and row["finite"] for row in rows)
    assert sum(row["gradient"] for row in rows) >= 10
    from evidence.derivatives import exactness  # noqa: PLC0415

    true = exactness.gradients

    def lost(*args: Any, **how: Any) -> Any:
        found = true(*args, **how)
        nan = [None if g is None else g * float("nan") for g in found["beam.wavelength"]]
        return {**found, "crystal.cell": [None], "beam.wavelength": nan}

    monkeypatch.setattr(exactness, "gradients", lost)
    rows = judge_fields(read(WORDS), mode, [(20, 27), (21, 28)])
    assert [row["field"] for row in rows if not row["explained"]] == ["crystal.cell"]
    assert [row["field"] for row in rows if not row["finite"]] == ["beam.wavelength"]

"""The gate of a case: what passes, and everything that does not."""

import numpy as np
import pytest

from evidence.campaigns.expand import Case
from evidence.campaigns.judge import Policy, judge
from evidence.campaigns.outcome import Outcome, Picture
from evidence.images.differences import block_sum_rel

STRICT, SAME = Policy(), Policy("same", "same")
EXACT = {"identical_share": 1.0}
CASE = Case("a", ("-N", "1"))
LOOSE = {"correlation": 0.9999, "sum_ratio": [0.999, 1.001], "max_abs_photons": 1.0, "block_sum_rel": 0.01}


def image(seed: int = 1) -> Picture:
    return np.random.default_rng(seed).uniform(1, 100, (32, 32)).astype("<f4")


def verdict(
    a: Picture | None, b: Picture | None, limits: dict[str, object] = EXACT, policy: Policy = STRICT
) -> str:
    found = judge(CASE, Outcome("ok", picture=b), Outcome("ok", picture=a), limits, policy, False)
    return found.status


def test_the_same_image_passes_and_one_last_bit_does_not() -> None:
    a = image()
    b = a.copy()
    assert verdict(a, b) == "pass"
    b[3, 4] = np.nextafter(b[3, 4], np.float32(1e9))
    assert verdict(a, b) == "fail"
    assert verdict(a, b, LOOSE) == "pass"


def test_nan_is_compared_as_such_and_refused_unless_the_suite_takes_it() -> None:
    a = image()
    a[0, 0] = np.nan
    assert verdict(a, a.copy(), policy=SAME) == "pass"
    assert verdict(a, a.copy()) == "fail"
    assert verdict(a, image(), policy=SAME) == "fail"  # finite where A is not
    assert verdict(image(), a, LOOSE, SAME) == "fail"
    everywhere = np.full((4, 4), np.nan, "<f4")
    assert verdict(everywhere, everywhere.copy(), LOOSE, SAME) == "pass"
    assert verdict(everywhere, everywhere.copy(), LOOSE) == "fail"


def test_black_against_black_is_no_pass_by_default() -> None:
    black = np.zeros((8, 8), "<f4")
    assert verdict(black, black.copy()) == "fail"
    assert verdict(black, black.copy(), policy=SAME) == "pass"
    assert verdict(black, image()[:8, :8], policy=SAME) == "fail"


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_a_scale_fails_the_sum_ratio_though_it_correlates(factor: float) -> None:
    a = image()
    assert verdict(a, (a * factor).astype("<f4"), {"correlation": 0.9999}) == "pass"
    assert verdict(a, (a * factor).astype("<f4"), LOOSE) == "fail"


def test_flux_that_moves_between_blocks_shows_whatever_the_correlation_says() -> None:
    a = image() + np.float32(0)
    a[16, 16] = 1e6
    b = a.copy()
    b[0:8, 0:8] *= np.float32(0.97)
    b[0:8, 8:16] *= np.float32(1.03)
    assert verdict(a, b, {"correlation": 0.9999, "sum_ratio": [0.999, 1.001]}) == "pass"
    assert verdict(a, b, {"block_sum_rel": 1e-3}) == "fail"
    assert block_sum_rel(np.zeros((8, 8), "<f4"), np.zeros((8, 8), "<f4")) is None


def test_what_cannot_be_measured_is_blocked() -> None:
    flat, tilted = np.full((8, 8), 2, "<f4"), np.full((8, 8), 3, "<f4")
    assert verdict(flat, tilted, {"correlation": 0.5}) == "blocked"
    assert verdict(flat, tilted, {}) == "blocked"  # no limit at all


def test_a_missing_side_never_passes() -> None:
    failed = Outcome("failed", "exit status 139")
    good = Outcome("ok", picture=image())
    assert judge(CASE, failed, good, EXACT, STRICT, False).status == "fail"
    assert judge(CASE, good, failed, EXACT, STRICT, False).status == "blocked"
    assert judge(CASE, Outcome("blocked", "no --mode"), good, EXACT, STRICT, False).status == "blocked"
    assert judge(CASE, failed, failed, EXACT, STRICT, True).status == "fail"
    assert verdict(image(), image()[:16]) == "fail"


def test_a_refusal_is_its_line_status_2_and_no_file() -> None:
    case = Case("a", ("-N", "x"), "refusal", ("-N: expected an integer, got 'x'",))
    said = "error: -N: expected an integer, got 'x'\n"

    def of(outcome: Outcome) -> str:
        return judge(case, outcome, outcome, {}, STRICT, False).status

    assert of(Outcome("refused", "", 2, said)) == "pass"
    assert of(Outcome("refused", "", 2, said.replace("integer", "number"))) == "fail"
    assert of(Outcome("refused", "", 2, "hello\n" + said)) == "fail"
    assert of(Outcome("refused", "", 2, said, written=("floatimage.bin",))) == "fail"
    assert of(Outcome("ok", "", 0, "")) == "fail"
    assert of(Outcome("failed", "signal SIGSEGV", -11, said)) == "fail"


def test_a_text_must_hold_every_expression() -> None:
    case = Case("a", ("-h",), "text", ("^  -mat", "^  -roi"))
    found = Outcome("ok", "", 0, "x\n  -mat FILE\n  -roi a b\n")
    assert judge(case, found, found, {}, STRICT, True).status == "pass"
    short = Outcome("ok", "", 0, "  -mat FILE\n")
    assert judge(case, short, short, {}, STRICT, True).status == "fail"


def test_a_draw_may_be_refused_by_all_with_the_same_line() -> None:
    case = Case("a", ("-osc", "0"), "agreement")
    refused = Outcome("refused", "", 2, "error: -osc: expected a number > 0 beside -phistep, got 0\n")

    def of(found: Outcome, reference: Outcome) -> str:
        return judge(case, found, reference, EXACT, STRICT, False).status

    assert of(refused, refused) == "pass"
    other = Outcome("refused", "", 2, "error: -osc: expected something else, got 0\n")
    assert of(other, refused) == "fail"
    drawn = Outcome("ok", picture=image())
    assert of(drawn, refused) == of(refused, drawn) == "fail"
    assert of(drawn, drawn) == "pass"
    crashed = Outcome("failed", "exit status 139", 139, "error: -osc\n")
    assert of(crashed, crashed) == "fail"

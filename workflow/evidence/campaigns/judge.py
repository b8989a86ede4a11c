"""The verdict on one engine's outcome: pass, fail, blocked, absent. Nothing uncompared passes."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from evidence.campaigns.expand import Case
from evidence.campaigns.outcome import Outcome, Picture
from evidence.gates import Check, status_of
from evidence.gates import judge as judged
from evidence.images.metrics import compare_images
from evidence.limits import Limit
from evidence.records import FrozenRecord

COMPARISON = {
    "identical_share": ">=",
    "correlation": ">=",
    "sum_ratio": "range",
    "max_abs_photons": "<=",
    "max_abs_over_max": "<=",
    "peak_distance_px": "<=",
    "block_sum_rel": "<=",
}
METRICS = tuple(COMPARISON)
Numbers = dict[str, float | None]


@dataclass(frozen=True)
class Verdict:
    """What became of one cell of the matrix."""

    status: str
    reason: str = ""
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    black: bool = False
    nonfinite: int = 0


@dataclass(frozen=True)
class Policy:
    """How a suite takes images that show nothing: refuse, or same (compared as such)."""

    black: str = "refuse"
    nonfinite: str = "refuse"


def judge(
    case: Case, found: Outcome, reference: Outcome, limits: FrozenRecord, policy: Policy,
    is_reference: bool,
) -> Verdict:  # fmt: skip
    """The verdict on `found`; of the reference itself, on whether it can be one."""
    if found.status in ("absent", "blocked"):
        return Verdict(found.status, found.reason)
    if case.expect == "refusal":
        return _refusal(case, found)
    if case.expect == "agreement" and reference.status == "refused":
        line = reference.said.removeprefix("error: ").removesuffix("\n")
        return _refusal(replace(case, lines=(line,)), found)
    if found.status != "ok":
        return Verdict("fail", found.reason)
    if case.expect == "text":
        missing = [line for line in case.lines if not re.search(line, found.said, re.MULTILINE)]
        return Verdict("fail", f"it does not say {missing[0]}") if missing else Verdict("pass")
    if is_reference:
        return _picture(found.picture, policy)
    if reference.status != "ok" or reference.picture is None or found.picture is None:
        return Verdict("blocked", f"the reference has no image: {reference.reason}")
    return _compare(reference.picture, found.picture, limits, policy)


def _refusal(case: Case, found: Outcome) -> Verdict:
    wanted = f"error: {case.lines[0]}\n"
    if found.exit_code != 2:
        return Verdict("fail", f"not refused: {found.reason or 'it ran'}")
    if found.said != wanted:
        return Verdict("fail", f"it says {found.said.strip()[:300]!r}")
    if found.written:
        return Verdict("fail", f"it wrote {' '.join(found.written)}")
    return Verdict("pass")


def _picture(picture: Picture | None, policy: Policy) -> Verdict:
    """Whether an image can be compared with at all."""
    assert picture is not None
    black, nonfinite = not picture.any(), int(np.count_nonzero(~np.isfinite(picture)))
    if black and policy.black == "refuse":
        return Verdict("fail", "the image is black: nothing can be compared", {}, black, nonfinite)
    if nonfinite and policy.nonfinite == "refuse":
        return Verdict("fail", f"{nonfinite} pixels are not finite", {}, black, nonfinite)
    return Verdict("pass", "", {}, black, nonfinite)


def _compare(a: Picture, b: Picture, limits: FrozenRecord, policy: Policy) -> Verdict:
    if a.shape != b.shape:
        return Verdict("fail", f"an image of {b.shape[0]} x {b.shape[1]}, not {a.shape[0]} x {a.shape[1]}")
    shown, own = _picture(a, policy), _picture(b, policy)
    if shown.status != "pass":
        return Verdict("fail", shown.reason, {}, own.black, own.nonfinite)
    off = ~np.isfinite(a) | ~np.isfinite(b)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if not same[off].all():
        where = int(np.flatnonzero(off & ~same)[0])
        reason = f"{int((off & ~same).sum())} pixels are finite in one image only, the first at {where}"
        return Verdict("fail", reason, {}, own.black, own.nonfinite)
    numbers = measure(a, b, bool(same.all()))
    checks = [check(name, numbers.get(name), limit) for name, limit in limits.items()]
    status = status_of([each.to_dict() for each in checks])
    bad = [_told(each) for each in checks if not each.ok]
    return Verdict(status, "; ".join(bad), numbers, own.black, own.nonfinite)


def check(name: str, value: float | None, limit: Any) -> Check:
    """One metric against what the suite asks of it."""
    return judged("campaign", name, value, Limit.of(COMPARISON[name], {"accept": limit}), None, "results.tsv")


def _told(failed: Check) -> str:
    value = "not measured" if failed.measured is None else f"{failed.measured:.9g}"
    return f"{failed.name} {value}, not {failed.limit.text}"


def measure(a: Picture, b: Picture, identical: bool) -> Numbers:
    """Every metric of B against A over pixels finite in both; equal images differ in none."""
    if identical:
        return {name: 1.0 if COMPARISON[name] in (">=", "range") else 0.0 for name in METRICS}
    found = compare_images(a, b)
    top = float(np.abs(a[np.isfinite(a)]).max(initial=0.0))  # an image may be negative
    gap = found.max_abs_diff
    return {
        "identical_share": found.identical_float32_share,
        "correlation": found.correlation,
        "sum_ratio": found.sum_ratio,
        "max_abs_photons": gap,
        "max_abs_over_max": gap / top if gap is not None and top else None,
        "peak_distance_px": found.peaks.get("mean_distance_px"),
        "block_sum_rel": found.block_sum_rel,
    }


def image_hash(picture: Picture | None) -> str | None:
    """SHA-256 of the float32 bytes."""
    return None if picture is None else hashlib.sha256(np.asarray(picture, "<f4").tobytes()).hexdigest()

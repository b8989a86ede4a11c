"""How reports write numbers, times and sizes; one spelling for HTML and markdown."""

import math
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup, escape

from evidence.records import Record
from evidence.report.sourced import MissingNumberError, Real, Whole

UNIT_STEPS = [("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)]
SIGNS = {"<=": "≤", ">=": "≥", "equals": "=", "range": "in"}


def number_text(value: object, digits: int = 6) -> str:
    """`value` to `digits` digits; within 1e-4 of one as `1 − 2.1e-12`, which is what matters there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MissingNumberError(f"expected a number, got {value!r}")
    if isinstance(value, int):
        return str(int(value))
    if not math.isfinite(value):
        raise MissingNumberError(f"expected a finite number, got {float(value)!r}")
    gap = float(value) - 1.0
    if gap and abs(gap) < 1e-4 and digits < 15:
        return f"1 {'+' if gap > 0 else '−'} {abs(gap):.2g}"
    return f"{float(value):.{digits}g}"


def plain(value: object, digits: int = 6) -> str:
    """For markdown: the number as text; an unsourced one is an error in the template."""
    _demand_source(value)
    return number_text(value, digits)


def html(value: Any, digits: int = 6) -> Markup:
    """For HTML: the number with its full value and the place it comes from."""
    return tagged(value, number_text(_demand_source(value), digits))


def tagged(value: Real | Whole, text: str) -> Markup:
    """`text`, a spelling of `value`, as a data element that carries the value and its source."""
    how = Markup(' data-how="{}"').format(value.how) if value.how else ""
    exact = repr(int(value)) if isinstance(value, int) else repr(float(value))
    return Markup('<data value="{}" data-src="{}"{}>{}</data>').format(exact, value.src, how, text)


def duration(seconds: float | None, *, fine: bool = False) -> str | None:
    """Seconds as `12.3 s` or `1 min 5 s`; `fine`: `840 ms`, minutes only from 90 s on, as `2 min 05 s`."""
    if seconds is None:
        return None
    if fine and seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < (90 if fine else 60):
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)  # rounded once: 119.7 s is two minutes
    return f"{minutes} min {rest:{'02d' if fine else 'd'}} s"


def duration_text(value: object) -> str:
    """For markdown: a sourced number of seconds."""
    return duration(_demand_source(value), fine=True) or ""


def size_text(value: object) -> str:
    """Bytes as KiB, MiB or GiB to three digits."""
    size = int(_demand_source(value))
    for unit, step in UNIT_STEPS:
        if size >= step:
            return f"{size / step:.3g} {unit}"
    return f"{size} B"


def threshold_text(check: Record) -> str:
    """The demand of a check, as `≤ 1e-06 px` or `in 0.99 to 1.01`."""
    limit = check["threshold"]
    if isinstance(limit, list):
        text = " to ".join(f"{float(end):.6g}" for end in limit)
    else:
        text = limit if isinstance(limit, str) else f"{float(limit):.6g}"
    return f"{SIGNS[check['comparison']]} {text}"


def cell(value: object) -> str:
    """Text that cannot break out of a markdown table cell."""
    return str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def html_duration(value: Any) -> Markup:
    return tagged(value, duration_text(value))


def html_size(value: Any) -> Markup:
    return tagged(value, size_text(value))


def html_threshold(check: Record) -> Markup:
    return escape(threshold_text(check))


def _demand_source(value: object) -> Real | Whole:
    if isinstance(value, Undefined):
        str(value)  # raises with the name of the key that is not there
    if not isinstance(value, Real | Whole):
        raise MissingNumberError(f"expected a number with its source, got {value!r}")
    return value


def short(value: object, digits: int = 9) -> str:
    """A number to `digits` digits, for rows that carry their source themselves."""
    return number_text(_demand_source(value), digits)


def exact(value: object) -> str:
    """The shortest text that reads back as the same number, for rows that carry their source themselves."""
    value = _demand_source(value)
    return repr(int(value)) if isinstance(value, int) else repr(float(value))


def share_text(value: object) -> str:
    """A share as per cent; less than all is never rounded up to 100 %."""
    share = float(_demand_source(value))
    text = next(
        (t for t in (f"{100 * share:.{n}g}" for n in (5, 8, 12)) if share in (0.0, 1.0) or t != "100"),
        "99.9999",
    )
    return f"{text} %"


def html_share(value: Any) -> Markup:
    return tagged(value, share_text(value))


def maybe(value: object) -> str:
    """For markdown: the number, or a dash where the JSON says null."""
    return "–" if value is None else plain(value)


def entry(value: object) -> str:
    """For markdown: a cell of a phase's table, whatever it holds."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(entry(item) for item in value)
    return "–" if value is None else plain(value, 9) if isinstance(value, int | float) else cell(value)


def expectation_text(check: Record) -> str:
    """`≤ 1e-06, goal 1e-12`"""
    goal = goal_text(check)
    return threshold_text(check) + (f", goal {goal}" if goal else "")


def reached_goal(check: Record) -> bool | None:
    """Whether a figure meets its goal; None without a goal or a figure. For a range, the goal is |x - 1|."""
    measured, goal = check["measured"], check["goal"]
    if measured is None or goal is None:
        return None
    if check["comparison"] == "range":
        return bool(abs(measured - 1) <= goal)
    return bool(measured >= goal if check["comparison"] == ">=" else measured <= goal)


def goal_text(check: Record) -> str:
    """What is aimed at, as `≤ 1e-12`, or `1 ± 1e-07` for a ratio; empty without a goal."""
    goal = check["goal"]
    if goal is None:
        return ""
    text = number_text(_demand_source(goal))
    return f"1 ± {text}" if check["comparison"] == "range" else f"{SIGNS[check['comparison']]} {text}"

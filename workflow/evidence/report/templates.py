"""The Jinja environments: undefined names raise, HTML is escaped, numbers must be sourced."""

import base64
import hashlib
import traceback
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from evidence import check_names
from evidence.paths import TEMPLATES
from evidence.report import formats
from evidence.report.sourced import MissingNumberError

STATES = {
    "pass": "✓ pass",
    "fail": "✕ fail",
    "blocked": "○ blocked",
    "killed": "✕ killed",
    "running": "… running",
}

MARKS = {"pass": "✓", "fail": "✕", "blocked": "○"}


def html() -> Environment:
    """For *.html.j2: `num`, `duration` and `size` print elements that carry value and source."""
    env = _environment(autoescape=True)
    env.filters |= {
        "num": formats.html,
        "duration": formats.html_duration,
        "size": formats.html_size,
        "threshold": formats.html_threshold,
        "share": formats.html_share,
        "short": formats.short,
        "exact": formats.exact,
        "words": check_names.words,
    }
    env.globals |= {"asset": asset, "policy": policy}
    return env


def asset(name: str) -> Markup:
    """The text of a style sheet or script, to stand in a page."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def policy(*scripts: str) -> Markup:
    """The Content-Security-Policy of a page with these scripts in it: nothing is loaded, nothing else runs.

    Styles may stand in attributes, as the plots have them; images in the page or beside it.
    """
    digests = (hashlib.sha256(asset(name).encode()).digest() for name in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    rules = [
        "default-src 'none'",
        f"script-src {allowed}" if allowed else "script-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src 'self' data: file:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return Markup('<meta http-equiv="Content-Security-Policy" content="{}">').format(Markup("; ".join(rules)))


def markdown() -> Environment:
    """For *.md.j2: the same filters as plain text, and `cell` for what stands in a table."""
    env = _environment(autoescape=False)
    env.filters |= {
        "num": formats.plain,
        "duration": formats.duration_text,
        "size": formats.size_text,
        "share": formats.share_text,
        "threshold": formats.threshold_text,
        "cell": formats.cell,
        "maybe": formats.maybe,
        "entry": formats.entry,
        "expectation": formats.expectation_text,
        "words": check_names.words,
    }
    return env


def render(env: Environment, name: str, **context: object) -> str:
    """The template `name` filled in, one newline at its end; a missing number names template and line."""
    try:
        return env.get_template(name).render(**context).rstrip() + "\n"
    except (UndefinedError, MissingNumberError) as problem:
        raise MissingNumberError(f"{_place(problem, name)}: {problem}") from problem


def _place(problem: Exception, name: str) -> str:
    """`parts/gates.html.j2 line 12`: the innermost frame in a template that is not of shared macros."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if _is_part(frame.filename)]
    return f"{Path(frames[-1].filename).relative_to(TEMPLATES)} line {frames[-1].lineno}" if frames else name


def _is_part(filename: str) -> bool:
    return filename.endswith(".j2") and not filename.endswith("macros.html.j2")


def _environment(autoescape: bool) -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {"STATES": STATES, "MARKS": MARKS, "reached_goal": formats.reached_goal}
    env.filters["goal"] = formats.goal_text
    return env

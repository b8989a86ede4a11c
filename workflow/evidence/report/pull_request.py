"""report.md: the verdict on one screen, to be pasted into a pull request."""

from evidence.report import sections, templates
from evidence.report.facts import Facts
from evidence.report.history import c_side


def text(found: Facts) -> str:
    """Verdict, a row a gate, the figures of the frame, how to do it again."""
    return templates.render(
        templates.markdown(),
        "report.md.j2",
        **sections.verdict(found),
        engine=c_side(found.metadata["engines"]),
        git=found.environment["git"],
    )

"""The written evidence of a bundle: report.html and .md, memo.md, fix_checklist.md, summary.md of phases."""

from pathlib import Path

from evidence.records import Record
from evidence.report import facts, frames, memo, physics_terms, pictures, pull_request, sections, templates
from evidence.report.facts import Facts
from evidence.store import atomic

LARGEST = 6_000_000  # bytes of report.html


class TooLargeError(ValueError):
    """The page outgrew what can be mailed."""


def build(bundle: Path) -> None:
    """Write all of it; what stands there is replaced, a sealed bundle is refused, a missing number raises."""
    atomic.refuse_sealed(bundle / "report.html")
    found = facts.read(bundle)
    texts = {
        "report.html": page(found),
        "report.md": pull_request.text(found),
        "memo.md": memo.text(found),
        "fix_checklist.md": memo.checklist(found),
        **{f"phase_{letter.lower()}/summary.md": memo.summary(found, letter) for letter in found.phases},
    }
    for name, text in texts.items():
        atomic.write_text(bundle / name, text)


def page(found: Facts) -> str:
    """report.html, complete with its images and scripts."""
    context: Record = {
        **pictures.of(found, frames.gather(found)),
        **sections.verdict(found),
        **physics_terms.section(found),
        **sections.phases(found),
        **sections.timing(found),
        **sections.origin(found),
        **sections.history(found),
        "traces": sections.traces(found),
        "markdown": pull_request.text(found),
        "comparisons": found.comparisons,
        "contents": _contents(found),
    }
    text = templates.render(templates.html(), "report.html.j2", **context)
    if len(text.encode()) > LARGEST:
        raise TooLargeError(f"report.html: expected at most {LARGEST} bytes, got {len(text.encode())}")
    return text


def _contents(found: Facts) -> list[tuple[str, str]]:
    fixed = [("gates", "Gates"), ("physics", "Physics"), ("images", "Images")]
    fixed += [("comparison", "Comparison"), ("traces", "Traces")]
    phases = [(f"phase-{letter}", f"Phase {letter}") for letter in found.phases]
    rest = [
        ("timing", "Timing"),
        ("environment", "Environment"),
        ("reproduce", "Reproduce"),
        ("files", "Files"),
    ]
    return [*fixed, *phases, *rest, ("history", "History")]

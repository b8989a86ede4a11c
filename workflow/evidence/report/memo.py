"""The notes in markdown, said from the gates and from nothing else.

memo.md: what a colleague would want to know next; fix_checklist.md: one row a gate; summary.md of each phase.
"""

from collections.abc import Iterator

from evidence.engines.outputs import program_of
from evidence.records import Record
from evidence.report import facts, formats, templates
from evidence.report.facts import Facts
from evidence.report.formats import number_text, share_text
from evidence.report.frames import case_of
from evidence.report.nearest import nearest
from evidence.report.sourced import count
from evidence.report.tables import tables_of


def text(found: Facts) -> str:
    """memo.md."""
    gates = found.gates["gates"]
    by_state = {s: [gate for gate in gates if gate["status"] == s] for s in ("pass", "fail", "blocked")}
    return templates.render(
        templates.markdown(),
        "memo.md.j2",
        gates=found.gates,
        case=case_of(found.bundle),
        headline=found.headline,
        passed=count(by_state["pass"], "gates.json#/gates", "count of pass"),
        total=count(gates, "gates.json#/gates"),
        failing=by_state["fail"],
        blocked=by_state["blocked"],
        short_of_goal=[check for check in found.checks if formats.reached_goal(check) is False],
        divergences=[
            t.data["first_divergence"] for t in found.traces if t.data["first_divergence"] is not None
        ],
        pitfalls=list(pitfalls(found)),
        pointers=list(pointers(found)),
    )


def pitfalls(found: Facts) -> Iterator[str]:
    """What could mislead a reader of this bundle; each sentence rests on an entry of it."""
    for entry in found.comparisons:
        yield from _of_images(entry.title, f"{entry.file}/{entry.where}", entry.data)
    yield from _of_circumstances(found)


def _of_images(title: str, where: str, data: Record) -> Iterator[str]:
    if "float32" in where and data["max_ulp"]:
        yield (
            f"Float32 leaves residuals: in {title}, {share_text(data['identical_float32_share'])} of the "
            f"pixels equal C, the others are up to {number_text(data['max_ulp'])} steps away. "
            "Judge the physics by float64."
        )
    if data["nonfinite_a"] or data["nonfinite_b"]:
        yield (
            f"{title}: {number_text(data['nonfinite_a'])} pixels of C and {number_text(data['nonfinite_b'])} "
            "of PyTorch are not finite and left out of every sum."
        )
    if data["resampled"]:
        yield f"{title}: the images had different shapes ({data['resampled']}); bits mean nothing there."
    matched, there = data["peaks"]["matched"], data["peaks"]["count_a"]
    if matched != there:
        pair = f"{number_text(matched)} of {number_text(there)}"
        yield f"{title}: {pair} peaks of C found a partner; the distance speaks for those only."


def _of_circumstances(found: Facts) -> Iterator[str]:
    runs = [run.data for run in found.runs if run.data["engine"] == "c" and run.data["status"] == "ok"]
    outside = [run for run in runs if program_of(run) != "ours"]
    threads = max((run["threads"] for run in outside), default=1)
    if threads > 1:
        yield (
            f"The C side, an outside binary, ran on {number_text(threads)} threads: where it carries the "
            "last phi step from pixel to pixel, its image depends on their order. Rerun it with one thread."
        )
    for text in facts.misread(found.runs):
        yield (
            f"The C side, an outside binary, reads this command otherwise than our engines: {text}. The "
            "runs here are worded around it where that can be done (`argv` in run.json); a command typed by "
            "hand is not."
        )
    if found.environment["git"]["dirty"]:
        yield "The working tree held uncommitted changes (`env.json`): its commit does not give this back."


def pointers(found: Facts) -> Iterator[tuple[str, str]]:
    """(file, what it shows)."""
    yield "report.html", "all of it, with the images"
    yield "gates.json", "every check, its threshold and its figure"
    yield from ((t.file, f"trace of pixel {_pair(t.data['pixel'])}") for t in found.traces)
    yield from dict.fromkeys((c.file, "image metrics") for c in found.comparisons)
    yield "env.json", "machine, versions, commit"


def _pair(pixel: list[object]) -> str:
    return f"slow {number_text(pixel[0])}, fast {number_text(pixel[1])}"


def checklist(found: Facts) -> str:
    """fix_checklist.md: the gates as a list to work down; the row of a gate tells of its weakest check."""
    rows = [{**gate, "weakest": nearest(gate)} for gate in found.gates["gates"]]
    return templates.render(templates.markdown(), "fix_checklist.md.j2", gates=found.gates, rows=rows)


def summary(found: Facts, letter: str) -> str:
    """summary.md of one phase: verdict, checks, tables, comparisons, traces, commands."""
    folder = f"phase_{letter.lower()}"
    metrics = found.phases[letter]
    return templates.render(
        templates.markdown(),
        "summary.md.j2",
        phase=metrics,
        gates=[gate for gate in found.gates["gates"] if gate["phase"] == letter],
        tables=list(tables_of(metrics["tables"], "", f"{folder}/metrics.json#/tables")),
        comparisons=[entry for entry in found.comparisons if entry.phase == letter],
        traces=[entry for entry in found.traces if entry.phase == letter],
        runs=[entry for entry in found.runs if entry.phase == letter],
    )

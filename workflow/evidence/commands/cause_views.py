"""What `braggproof reduce|bisect` show: from a failing case to its cause."""

from pathlib import Path

from evidence.commands.campaign_views import Command
from evidence.commands.terminal import View
from evidence.errors import StoreError
from evidence.records import Record


def add(command: Command) -> None:
    """The commands about causes; `command(name, view, text)` makes a parser."""
    one = command("reduce", reduce, "shrink a failing CASE of SUITE and name the first tap that differs")
    one.add_argument("suite", metavar="SUITE")
    one.add_argument("case", metavar="CASE")
    one.add_argument("--engine", help="the engine that fails it (default: the first one)")
    one.add_argument("--undone", metavar="RULE", help="with this rule of config/mutations.yaml undone")
    one = command(
        "bisect", bisect, "find the commit at which the verdict on a CASE of SUITE flips, and the tap"
    )
    one.add_argument("suite", metavar="SUITE")
    one.add_argument("case", metavar="CASE")
    one.add_argument("--good", required=True, metavar="REV", help="a commit at which it passes")
    one.add_argument("--bad", default="HEAD", metavar="REV", help="one at which it does not (default: HEAD)")
    one.add_argument("--engine", default="torch-float64")


def reduce(results: Path, suite: str, case: str, engine: str | None, undone: str | None) -> View:
    """The shortest command line and the tap, sealed; of a real failure also a case of the suite `found`."""
    from evidence.campaigns import mutants  # noqa: PLC0415
    from evidence.campaigns.suite import load_suite  # noqa: PLC0415
    from evidence.causes import cause  # noqa: PLC0415
    from evidence.causes.cause_bundle import CauseBundle  # noqa: PLC0415

    about = load_suite(suite)
    rules = {rule.name: rule for rule in mutants.load()}
    if undone is not None and undone not in rules:
        raise StoreError("--undone", f"one of {' '.join(rules)}", f"'{undone}'")
    asked = cause.ask(about, case, engine, rules[undone] if undone else None)
    bundle = CauseBundle(results, "reduce", suite)
    try:
        found = cause.reduce_case(asked)
    except BaseException:
        bundle.drop()
        raise
    kept = None if undone else cause.keep(found)
    words = found.to_dict()
    path = bundle.close(
        {**words, "undone": undone},
        f"braggproof reduce {suite} {case}" + (f" --undone {undone}" if undone else ""),
        {"command.txt": f"nanoBragg {words['after']}\n"},
    )
    lines = [words["after"], f"{found.flags} flags after {found.tried} trials; {found.gate} still fails"]
    lines += [_tap(words["divergence"], words["reason"]), f"sealed {path}"]
    return View(words, "\n".join([*lines, *([f"a case of {kept}"] if kept else [])]))


def bisect(results: Path, suite: str, case: str, good: str, bad: str, engine: str) -> View:
    """The first commit that fails the case; a sealed bundle."""
    from evidence.campaigns.suite import load_suite  # noqa: PLC0415
    from evidence.causes import bisect as search  # noqa: PLC0415
    from evidence.causes.cause_bundle import CauseBundle  # noqa: PLC0415

    asked = search.ask(load_suite(suite), case, good, bad, engine)
    bundle = CauseBundle(results, "bisect", suite)
    try:
        found = search.bisect(asked)
    except BaseException:
        bundle.drop()
        raise
    path = bundle.close(found, f"braggproof bisect {suite} {case} --good {good} --bad {bad}", {})
    lines = [
        f"{found['first'][:12]}  {found['commit']}",
        f"{found['good'][:12]} passes; {len(found['tried'])} tried",
    ]
    return View(found, "\n".join([*lines, _tap(found["divergence"], found["reason"]), f"sealed {path}"]))


def _tap(divergence: Record | None, reason: str) -> str:
    if divergence is None:
        return f"no tap differs: {reason}"
    values = f"{divergence['c']} and {divergence['py']}"
    return f"first tap that differs: {divergence['tap']} ({values}), {divergence['function']}"

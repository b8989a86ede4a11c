"""`braggproof`: the ledger and its bundles from a shell.

Exit status: 0 done; 1 `diff`: a gate flipped, `replay`: a verdict; 2 bad input; 4 a pin or a baseline that
would need --force; `verify`: 3 and 10 to 30, one for each kind of damage (`braggproof verify --help`).
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from evidence.commands import bundle_views, campaign_views, cause_views, terminal, views
from evidence.commands.parser import Parser, ShowVersion
from evidence.commands.terminal import View
from evidence.errors import StoreError
from evidence.ledger import findings
from evidence.paths import RESULTS
from evidence.records import Record

SUBSET = re.compile(r"(\d+)/(\d+)")


def subset(text: str) -> tuple[int, int]:
    """n/t with 1 <= n <= t."""
    match = SUBSET.fullmatch(text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise StoreError("--subset", "n/t with 1 <= n <= t", f"'{text}'")
    return int(match[1]), int(match[2])


def anchor(text: str) -> str:
    """A SHA-256 in hexadecimal."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise StoreError("--anchor", "64 hexadecimal digits", f"'{text}'")
    return text.lower()


def parser() -> Parser:
    """The grammar of the command line."""
    common = Parser(add_help=False)
    common.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="default ./results")
    case: Record = {
        "metavar": "CASE",
        "help": "only this case: a file of config/cases without .yaml, as `list` shows it",
    }
    stamp: Record = {
        "nargs": "?",
        "metavar": "STAMP",
        "help": "a bundle, by its folder: YYYYMMDDTHHMMSSZ, UTC (default: the newest with a verdict)",
    }
    common.add_argument("--json", action="store_true", help="print JSON instead of tables")
    top = Parser(
        prog="braggproof",
        usage="braggproof [-h] COMMAND ...",
        description="The ledger and its bundles.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action=ShowVersion)
    commands = top.add_subparsers(prog="braggproof", dest="command", required=True, metavar="COMMAND")

    def command(name: str, view: Callable[..., Any], text: str, **options: Any) -> Parser:
        made = commands.add_parser(name, parents=[common], help=text, description=text, **options)
        made.set_defaults(view=view)
        return made

    one = command("list", views.list_attempts, "all attempts, oldest first")
    one.add_argument("--case", **case)
    one = command("show", bundle_views.show, "gates and engine runs of a bundle")
    one.add_argument("stamp", **stamp)
    one.add_argument("--case", **case)
    one = command(
        "diff", bundle_views.diff, "gates, figures and speed of AFTER against BEFORE: stamps or pin names"
    )
    one.add_argument("before", metavar="BEFORE", help="a stamp (folder of a bundle) or the name of a pin")
    one.add_argument("after", nargs="?", metavar="AFTER", help="default: the newest with a verdict")
    one.add_argument("--case", **case)
    codes = "\n".join(f"  {code:3}  {kind}: {text}" for kind, (code, text) in findings.KINDS.items())
    epilog = f"exit status:\n{codes}\n  {findings.SEVERAL:3}  several kinds\n\n{findings.LIMITS}"
    raw = argparse.RawDescriptionHelpFormatter
    one = command(
        "verify", views.verify, "read every byte of what is sealed", epilog=epilog, formatter_class=raw
    )
    one.add_argument("stamp", **{**stamp, "help": "only this bundle, named by its folder (default: all)"})
    one.add_argument("--case", **case)
    one.add_argument("--subset", metavar="n/t", help="read the bytes of the n-th of t parts of the files")
    one.add_argument("--anchor", metavar="HASH", help="a ledger hash that was kept elsewhere")
    one = command("pin", views.pin, "keep a sealed bundle as a named reference; without NAME list them")
    one.add_argument("name", nargs="?", metavar="NAME", help="of the pin")
    one.add_argument("case", nargs="?", metavar="CASE", help="default: the newest sealed bundle")
    one.add_argument("stamp", **{**stamp, "help": "its bundle, named by its folder"})
    one.add_argument("--force", action="store_true", help="move an existing pin; the ledger records it")
    one = command(
        "open",
        views.open_report,
        "print the path of a report, or of what reduce or bisect found; open it where there is a display",
    )
    one.add_argument("stamp", **stamp)
    one.add_argument("--case", **case)
    campaign_views.add(command)
    cause_views.add(command)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    return terminal.run(lambda: _view(argv))


def _view(argv: Sequence[str] | None) -> View:
    asked = vars(parser().parse_args(argv))
    view, as_json, _ = asked.pop("view"), asked.pop("json"), asked.pop("command")
    if asked.get("subset"):
        asked["subset"] = subset(asked["subset"])
    if asked.get("anchor"):
        asked["anchor"] = anchor(asked["anchor"])
    seen: View = view(**asked)
    return seen._replace(as_json=as_json)


def console() -> NoReturn:
    """Entry point of `braggproof`."""
    sys.exit(main())

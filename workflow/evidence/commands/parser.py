"""The command lines of the project's own tools: a mistake takes one line and status 2."""

import argparse
import contextlib
from typing import Any, NoReturn

from simulator.version import version_text


class Parser(argparse.ArgumentParser):
    """Errors in one line, as all of the project's."""

    def error(self, message: str) -> NoReturn:
        """Report and leave with 2."""
        self.exit(2, f"error: command line: expected {self.usage_hint()}, got this: {message}\n")

    def usage_hint(self) -> str:
        """The usage, on one line."""
        return " ".join(self.format_usage().removeprefix("usage: ").split())


class ShowVersion(argparse.Action):
    """--version: print it and leave."""

    def __init__(self, option_strings: list[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help="version and commit")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        """Print and leave with 0."""
        with contextlib.suppress(BrokenPipeError):  # nobody reads it
            print(version_text(parser.prog))
        raise SystemExit(0)


def correlation(text: str) -> float:
    """A number from -1 to 1."""
    value = float(text)
    if not -1 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no correlation, which lies between -1 and 1")
    return value

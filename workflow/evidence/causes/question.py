"""What a search for a cause is asked about; a mistake is told before anything is begun."""

from collections.abc import Iterable

from evidence.campaigns.contenders import Contender
from evidence.campaigns.expand import Case
from evidence.campaigns.suite import Suite, named
from evidence.errors import InputError


def one_case(suite: Suite, name: str) -> Case:
    """The case of this name, which must be one with an image."""
    case = named(suite.all_cases(), name, suite.name)
    if case.expect != "image":
        raise InputError(f"CASE {name}", "a case with an image", f"one that expects: {case.expect}")
    return case


def one_engine(engines: Iterable[Contender], name: str) -> Contender:
    """The engine of this name."""
    known = {each.name: each for each in engines}
    if name not in known:
        raise InputError("--engine", f"one of {' '.join(known)}", f"'{name}'")
    return known[name]

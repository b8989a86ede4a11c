"""Names to type that are not there: parity_nope is answered with the cases there are."""

import difflib
import sys
from collections.abc import Collection, Mapping, Sequence

from evidence.campaigns.suite import suite_names
from evidence.errors import InputError
from evidence.gates import PHASES
from evidence.jobs.plan import Plan


def refuse_or_exit(plan: Plan) -> None:
    """For the Snakefile: a target that is not there ends the run with one line and status 2."""
    try:
        families = (plan.roundtrips, plan.refinements, plan.gradients)
        known: dict[str, Collection[str]] = {
            "parity_": plan.cases,
            "phase_": [phase.lower() for phase in PHASES],
            "campaign_": suite_names(),
        }
        known |= {each.prefix: [name.removeprefix(each.prefix) for name in each.bundles] for each in families}
        refuse_unknown(sys.argv[1:], known)
    except InputError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(2)


def refuse_unknown(words: Sequence[str], known: Mapping[str, Collection[str]]) -> None:
    """InputError for a word of the command line that begins like a target and is none.

    known: beginning of a family of targets, such as `parity_`, and what may follow it.
    """
    for word in words:
        for family, names in known.items():
            rest = word.removeprefix(family)
            if word.startswith(family) and rest not in names and rest.isidentifier():
                near = difflib.get_close_matches(rest, names, n=1)
                hint = f" (is it {family}{near[0]}?)" if near else ""
                expected = (
                    ", ".join(f"{family}{name}" for name in sorted(names)) or f"no {family}: none is there"
                )
                raise InputError("target", f"one of {expected}", f"'{word}'{hint}")

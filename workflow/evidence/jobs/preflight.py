"""What would fail in every run is refused before the first: by the engines' own parser, in its own words."""

import json
import tempfile
from functools import cache
from pathlib import Path

from evidence.cases.case import Case, load_case
from evidence.cases.settings import Settings
from evidence.engines.arguments import with_inputs
from evidence.engines.found import refuse_unstartable
from evidence.errors import InputError, leave
from evidence.jobs import stage
from evidence.paths import RESULTS

ANY_REFLECTION = "0 0 0 1\n"  # in place of a list that is made later


def refuse_case(case: Case, settings: Settings, bundle: str) -> None:
    """Leave with one line and status 2 if the case cannot be run; one staged as it stands was seen before."""
    record = RESULTS / bundle / "inputs" / stage.RECORD
    try:
        if json.loads(record.read_text(encoding="utf-8")) == stage.fingerprint(case, settings):
            return
    except (OSError, ValueError):
        pass  # not staged yet
    try:
        _parse(case.path)
    except InputError as problem:
        leave(problem)


def refuse_engines(settings: Settings) -> None:
    """Leave with one line and status 2 if an external engine cannot be started."""
    try:
        refuse_unstartable(settings.c_engine, settings.timeout_s)
    except InputError as problem:
        leave(problem)


@cache
def _parse(path: Path) -> None:
    """The command with all that the phases add to it: region, traced pixels, the corners of the probe."""
    from simulator.formats.experiment_file import parse  # noqa: PLC0415 (torch takes seconds)

    case = load_case(path)
    (s0, s1), (f0, f1) = case.probe.slow, case.probe.fast
    pixels = [*case.trace_pixels, (s0, f0), (s1, f1)]
    words = [*case.arguments, *case.roi.flags()]
    words += [word for slow, fast in pixels for word in ("-trace_pixel", str(slow), str(fast))]
    with tempfile.TemporaryDirectory() as name:
        made = Path(name, "made.hkl")
        made.write_text(ANY_REFLECTION, encoding="ascii")
        files = {word: made if source.is_made else source.path for word, source in case.inputs.items()}
        try:
            parse(with_inputs(words, files, Path(name)), Path(name))
        except InputError as problem:
            raise Refused(f"{path}: {problem}") from None


class Refused(InputError):
    """A line that says all itself."""

    def __init__(self, line: str) -> None:
        ValueError.__init__(self, line)

"""Let an external nanoBragg take the place of the C engine: find out what it is, and talk its way.

Three kinds are known. `ours`: whole-word flags, --mode. `instrumented`: nanoBragg with `-trace_pixel slow
fast`. `stock`: nanoBragg as it comes, `-printout_pixel fast slow`. The last two read flags by substring,
keep a cache file and take seeds from the clock; `translate` words a command line so that none of that
shows. What a program cannot do is said with the reason, never passed over.
"""

import os
import re
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from evidence.engines.arguments import Group, flat, grouped, name_of, pivot_after
from evidence.engines.child import UNSTARTED, run_child

OURS = frozenset({"image", "trace", "spec", "quirks", "phi_trace", "cell_trace", "many_pixels", "threads"})
PROBE_S = 20.0  # a program that takes longer over a few pixels is not waited for
SMALL = (
    "-cell 50 60 70 90 90 90 -default_F 10 -N 2 -lambda 1 -distance 100 -detpixels 8 -pixel 1 -oversample 1 "
    "-seed 1 -nonoise -nopgm -nointerpolate -floatfile probe.bin -intfile probe.img"
).split()
OWN_FLAGS = ("--mode", "--threads", "--trace-only", "--trace-blocks")  # ours alone: left out, or refused
SILENT = "it prints no such thing for one pixel"
WHY_NOT = {
    "spec": "it has no --mode: it is what c-parity reproduces",
    "quirks": "it has no --quirks: it is what c-parity reproduces",
    "phi_trace": "it prints the first phi step only",
    "cell_trace": "it prints the cell to 8 decimals only",
    "many_pixels": "it traces one pixel a run",
    "threads": "it has no --threads",
    "trace": "it prints 6 to 10 digits (-printout_pixel), not a trace",
    "image": "it wrote no float image for a small case",
}


@dataclass(frozen=True)
class Probe:
    """What a program turned out to be."""

    kind: str  # ours, instrumented, stock, unusable
    can: frozenset[str] = frozenset()
    reason: dict[str, str] = field(default_factory=dict)  # capability -> why not
    unstartable: str | None = None  # why it cannot be started at all, or does not answer


def probe(command: list[str], timeout_s: float = PROBE_S) -> Probe:
    """Run the program on questions of a few pixels, in a folder of its own, and see what it answers.

    All questions together get `timeout_s`; a program that does not answer one is asked no more.
    """
    with tempfile.TemporaryDirectory(prefix="braggproof-probe-") as name:
        asked = _Questions(command, Path(name), min(timeout_s, PROBE_S))
        told = asked.put("-help")
        if asked.unstartable:
            text = f"{command[0]} cannot be started: {asked.unstartable}"
            return Probe("unusable", frozenset(), dict.fromkeys(sorted(OURS), text), asked.unstartable)
        if "--quirks" in told and "--mode" in told:
            return Probe("ours", OURS)
        can = set()
        if is_instrumented(asked.put(*SMALL, "-trace_pixel", "2", "3")):
            can.add("trace")
        if is_stock(asked.put(*SMALL, "-printout_pixel", "3", "2")):
            can.add("printout")
        image = Path(name, "probe.bin")
        if image.is_file() and image.stat().st_size == 4 * 8 * 8:
            can.add("image")
    if not can:
        text = "it neither answers -help as ours does nor renders a small case as nanoBragg does"
        text += f" ({asked.problem})" if asked.problem else ""
        mute = asked.problem if asked.silent else None
        return Probe("unusable", frozenset(), dict.fromkeys(sorted(OURS), text), mute)
    missing = {name: WHY_NOT[name] for name in sorted(OURS - can)}
    if "image" in missing and asked.problem:
        missing["image"] += f" ({asked.problem})"
    if "printout" not in can:
        missing["printout"] = SILENT
    return Probe("instrumented" if "trace" in can else "stock", frozenset(can), missing)


class _Questions:
    """Questions to a program, one after the other, until it lets one go unanswered or time is up."""

    def __init__(self, command: list[str], folder: Path, timeout_s: float) -> None:
        self.command, self.folder = command, folder
        self.end = time.monotonic() + timeout_s
        self.timeout_s = timeout_s
        self.problem: str | None = None  # how the first question that went wrong ended, help aside
        self.unstartable: str | None = None
        self.silent = False

    def put(self, *words: str) -> str:
        """What the program prints; nothing once it is silent."""
        if self.silent:
            return ""
        log = self.folder / "answer.log"
        left = max(self.end - time.monotonic(), 0.01)
        env = {**os.environ, "OMP_NUM_THREADS": "1"}
        ended = run_child([*self.command, *words], self.folder, log, env, left)
        problem = f"no answer in {self.timeout_s:g} s" if ended.late else ended.problem
        if words != ("-help",) or ended.late:
            self.problem = self.problem or problem
        self.unstartable = None if ended.started else str(ended.problem).removeprefix(UNSTARTED)
        self.silent = ended.late or not ended.started
        return log.read_text(encoding="utf-8", errors="replace")


def is_instrumented(text: str) -> bool:
    """What an instrumented nanoBragg prints of a pixel."""
    return re.search(r"^TRACE_CONFIG: tracing pixel", text, re.MULTILINE) is not None


def is_stock(text: str) -> bool:
    """What a stock nanoBragg prints of a pixel."""
    return re.search(r"^I/steps\s", text, re.MULTILINE) is not None


@dataclass(frozen=True)
class Wording:
    """A command line in a program's own terms, or why it cannot be said."""

    arguments: list[str]
    blocked: str | None = None


def translate(kind: str, argv: list[str]) -> Wording:
    """`argv`, in our grammar, for a program of this kind."""
    if kind == "ours":
        return Wording(argv)
    groups = grouped(argv)
    for group in groups:
        blocked = _refusal(group)
        if blocked:
            return Wording(argv, blocked)
    if sum(group[0] == "-trace_pixel" for group in groups) > 1:
        return Wording(argv, f"more than one -trace_pixel: {WHY_NOT['many_pixels']}")
    groups = [group for group in groups if not group[0].startswith("--")]
    groups = _mend_misset(_mend_twotheta(groups))
    # As the very last word -curved_det is not seen.
    groups.sort(key=lambda group: group[0] != "-curved_det")
    if kind == "stock":
        groups = [
            ("-printout_pixel", *group[:0:-1]) if group[0] == "-trace_pixel" else group for group in groups
        ]
    given = {name_of(group) for group in groups}
    seeds = [("-seed", "1"), ("-mosaic_seed", "12345678")]  # from the clock otherwise; our engines' default
    return Wording(flat(groups + [seed for seed in seeds if seed[0] not in given]))


def _refusal(group: Group) -> str | None:
    """Why an external nanoBragg cannot be asked this, if so."""
    if group[0] == "--mode" and group[1:] != ("c-parity",):
        return f"--mode {' '.join(group[1:])}: {WHY_NOT['spec']}"
    if group[0] == "--quirks":
        return f"--quirks {' '.join(group[1:])}: {WHY_NOT['quirks']}"
    if group[0].startswith("--") and group[0] not in OWN_FLAGS:
        return f"{group[0]}: nanoBragg knows no such flag"
    return None


def _mend_twotheta(groups: list[Group]) -> list[Group]:
    """`-twotheta_axis` is also read as `-twotheta`: say angle and pivot again as they were before it."""
    mended: list[Group] = []
    for group in groups:
        pivot = pivot_after(mended)
        angles = [before for before in mended if before[0] == "-twotheta"]
        mended.append(group)
        if group[0] == "-twotheta_axis":
            mended += [angles[-1] if angles else ("-twotheta", "0"), ("-pivot", pivot)]
    return mended


def _mend_misset(groups: list[Group]) -> list[Group]:
    """`-misset_seed n` is also read as `-misset`: say it right before `-misset random`, else not at all."""
    seeds = [group for group in groups if group[0] == "-misset_seed"][-1:]
    mended: list[Group] = []
    for group in groups:
        if group[:2] == ("-misset", "random"):
            mended += seeds
        if group[0] != "-misset_seed":
            mended.append(group)
    return mended

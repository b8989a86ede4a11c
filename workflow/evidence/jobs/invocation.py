"""One invocation: who began which bundle, how it left those it did not seal, and what it says last."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from evidence.errors import StoreError
from evidence.jobs import closing, joblog
from evidence.ledger import attempts, stamp
from evidence.paths import RESULTS
from evidence.store import atomic


class Job(Protocol):
    """What is used of a job of Snakemake's graph."""

    wildcards: Mapping[str, object]


def touched(jobs: Iterable[Job]) -> list[str]:
    """`case/stamp` of every bundle that a job will write, sorted."""
    return sorted({str(job.wildcards.get("bundle") or "") for job in jobs} - {""})


def begin(jobs: Iterable[Job]) -> None:
    """Write a start record for every bundle at stake; stop, before any work, if another run is at it."""
    closing.clear()
    for bundle in touched(jobs):
        case, name = bundle.split("/")
        try:
            atomic.make_folder(RESULTS)
            attempts.append_start(RESULTS, case, name)
        except StoreError as problem:
            print(f"error: {problem}", file=sys.stderr)
            sys.exit(2)
        except OSError as problem:
            if not joblog.is_full(problem):
                raise
            print(joblog.full_line(problem, RESULTS / bundle), file=sys.stderr)
            sys.exit(2)


def leave(jobs: Iterable[Job], verdict: str) -> None:
    """Write how the run left its bundles, unless they are sealed: `incomplete` or `error`."""
    for bundle in touched(jobs):
        if not stamp.is_sealed(RESULTS / bundle):
            case, name = bundle.split("/")
            try:
                attempts.append_end(RESULTS, case, name, verdict)
            except OSError as problem:  # the bundle stays open, and the next run says how it went on
                if not joblog.is_full(problem):
                    raise
                print(joblog.full_line(problem, RESULTS / bundle), file=sys.stderr)


def finish(jobs: Iterable[Job], done: bool, logs: Sequence[str]) -> None:
    """After the last job: close the ledger's records, print the verdicts, leave with their status.

    `done`: no job broke. Without a verdict Snakemake has the last word.
    """
    status = closing.say(logs)
    leave(jobs, "incomplete" if done and not status else "error")
    full = None if done else joblog.full_disk(RESULTS)
    if full:
        print(
            f"error: no room on the disk of {full}: make room and run again, what is open is continued",
            flush=True,
        )
        sys.exit(2)
    if status is not None:
        if not done:
            print("not everything could be done: see the log", flush=True)
        sys.exit(status if done else max(status, 1))

"""Who is at work: a process named so that its death, and the reuse of its number, can be told later.

Start times are in clock ticks since boot where the kernel gives them: a wall clock that is set back
does not turn a living process into another one.
"""

import os
import re
import socket
from functools import cache
from pathlib import Path

import psutil

from evidence.records import Record

Identity = Record  # {"host": str, "boot_id": str, "pid": int, "pid_started": int}


@cache
def boot_id() -> str:
    """Name of this boot of this machine (the kernel's, else the boot time in seconds)."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return str(round(psutil.boot_time()))


@cache
def host() -> str:
    """Host name, reduced to letters that are safe in a file name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:64] or "localhost"


def started(pid: int) -> int | None:
    """Start of process `pid` in ticks since boot; None when there is no such living process."""
    try:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return None
    except psutil.Error:
        return None
    try:
        # Field 22 of stat(5); the command in field 2 may hold blanks, so count from its closing bracket.
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return _created(pid)


def _created(pid: int) -> int | None:
    try:
        return int(psutil.Process(pid).create_time() * 100)
    except psutil.Error:
        return None


def identity(pid: int | None = None) -> Identity:
    """Identity of process `pid` (default: this one)."""
    number = os.getpid() if pid is None else pid
    return {"host": host(), "boot_id": boot_id(), "pid": number, "pid_started": started(number)}


def alive(who: Identity) -> bool | None:
    """True: at work; False: gone; None: it belongs to another host, which cannot be asked."""
    if who.get("host") != host():
        return None
    if who.get("boot_id") != boot_id():
        return False
    now = started(int(who["pid"]))
    return now is not None and now == who.get("pid_started")


def same(one: Identity, other: Identity) -> bool:
    """Whether two identities (or records that hold one) are of one process."""
    return all(one.get(key) == other.get(key) for key in ("host", "boot_id", "pid", "pid_started"))

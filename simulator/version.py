"""Which program this is: the one home of version and commit. Twin: reference/version.c."""

import subprocess
from pathlib import Path

VERSION = "0.1.0"
HERE = Path(__file__).resolve().parent
BAKED = HERE / "commit.txt"  # setup.py puts it into a wheel, which has no git beside it


def commit(path: str = ".") -> str | None:
    """The last commit that changed `path` (from the root of the checkout), with a + if it has changed since.

    In an installed package: the commit that the wheel was made from. None where neither is known.
    """
    if BAKED.is_file():
        return BAKED.read_text(encoding="ascii").strip() or None
    root = HERE.parent
    top = _git(root, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != root:  # a package inside somebody else's checkout
        return None
    found = _git(root, "log", "-1", "--format=%H", "--", path)
    if not found:
        return None
    return found + ("+" if _git(root, "status", "--porcelain", "--", path) else "")


def version_text(program: str) -> str:
    """`program 0.1.0 (commit ...)`, one line."""
    return f"{program} {VERSION} (commit {commit() or 'unknown'})"


def _git(root: Path, *words: str) -> str | None:
    """What git prints; None where there is no git or no checkout."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()

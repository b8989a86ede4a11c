"""A failing disk under evidence.store: counts its steps and, at one of them, kills this process.

Modes: "kill" before the step; "torn" in the middle of a write; "drop" and "keep" are power losses: bytes
that no fsync covered are gone, and names that no folder fsync covered are gone ("drop") or there ("keep").
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidence.store import atomic

STEPS = ("create", "write", "fsync", "rename", "sync_folder")
Inode = tuple[int, int]


class Layer:
    """Replaces the steps of the store by ones that count, remember what is on the disk, and strike once."""

    def __init__(self, strike_at: int, mode: str, attic: Path) -> None:
        self.count, self.strike_at, self.mode = 0, strike_at, mode
        self.attic = attic  # keeps what a rename replaced, in case the rename is lost
        self.safe_bytes: dict[Inode, int] = {}
        self.paths: dict[Inode, Path] = {}
        self.unsafe_names: list[tuple[Path, Path | None]] = []  # new name, what it replaced
        self.real = {name: getattr(atomic, name) for name in STEPS}

    def install(self) -> None:
        """Put the steps in place."""
        for name in STEPS:
            setattr(atomic, name, self._counted(name))

    def _counted(self, name: str) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            if self.mode != "torn" or name == "write":
                self.count += 1
                if self.count == self.strike_at:
                    self._strike(arguments)
            return getattr(self, name)(*arguments, **options)

        return step

    def unsafe(self, folder: Path) -> None:
        """Declare the files below `folder` written by somebody who synced nothing; not what sealing wrote."""
        for path in folder.rglob("*"):
            if path.is_file() and path.name not in ("SHA256SUMS", "SEALED"):
                self._know(os.stat(path), path, 0)
                self.unsafe_names.append((path, None))

    def _know(self, status: os.stat_result, path: Path, safe: int) -> Inode:
        inode = (status.st_dev, status.st_ino)
        self.safe_bytes.setdefault(inode, safe)
        self.paths[inode] = path
        return inode

    def create(self, path: Path, append: bool = False) -> int:
        fresh = not path.exists()
        descriptor = self.real["create"](path, append)
        status = os.fstat(descriptor)
        self._know(status, path, status.st_size)
        if fresh:
            self.unsafe_names.append((path, None))
        return int(descriptor)

    def write(self, descriptor: int, data: bytes) -> None:
        self.real["write"](descriptor, data)

    def fsync(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        self.safe_bytes[(status.st_dev, status.st_ino)] = status.st_size

    def rename(self, source: Path, target: Path) -> None:
        old = self.attic / str(self.count) if target.exists() else None
        if old:
            os.link(target, old)
            self._know(old.stat(), old, old.stat().st_size)
        self.real["rename"](source, target)
        self._know(target.stat(), target, 0)
        self.unsafe_names = [item for item in self.unsafe_names if item[0] != source]
        self.unsafe_names.append((target, old))

    def sync_folder(self, folder: Path) -> None:
        self.unsafe_names = [item for item in self.unsafe_names if item[0].parent != folder]

    def _strike(self, arguments: tuple[Any, ...]) -> None:
        if self.mode == "torn":
            descriptor, data = arguments
            self.real["write"](descriptor, data[: len(data) // 2])
        if self.mode in ("drop", "keep"):
            self._lose_power()
        os.kill(os.getpid(), signal.SIGKILL)

    def _lose_power(self) -> None:
        for inode, path in self.paths.items():
            if path.exists() and path.stat().st_size > self.safe_bytes[inode]:
                os.truncate(path, self.safe_bytes[inode])
        for path, old in reversed(self.unsafe_names) if self.mode == "drop" else ():
            if old:
                os.replace(old, path)
            else:
                path.unlink(missing_ok=True)

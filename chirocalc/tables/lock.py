"""One at a time: a lock of the system's own, which ends with the process that holds it."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PAUSE = 0.05  # seconds between two tries

FAR = 1 << 30  # of the byte that is locked on Windows, where nobody else may read it


@contextmanager
def locked(path: Path, wait: float, told: Callable[[str], object] | None = None) -> Iterator[None]:
    """Hold the lock of a file that is there only meanwhile and says who holds it.

    Where another does, `told` hears once who it is. A file that a dead process has left is taken
    over. Raises `TimeoutError` with who holds it after `wait` seconds, and `OSError` where the file
    cannot be made.
    """
    handle = _taken(path, wait, told)
    try:
        with suppress(OSError):  # a full disk: then nobody knows who it is
            _sign(handle)
        yield
    finally:
        with suppress(OSError):  # on Windows while another tries, and the file stays
            path.unlink()
        os.close(handle)


def _taken(path: Path, wait: float, told: Callable[[str], object] | None) -> int:
    until = time.monotonic() + wait
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        is_free = _try(handle)
        if is_free and _is_there(path, handle):
            return handle
        os.close(handle)
        if is_free:  # its last holder has just removed it
            continue
        who = _holder(path)
        if time.monotonic() >= until:
            raise TimeoutError(who)
        if told:
            told(who)
            told = None
        time.sleep(PAUSE)


def _try(handle: int) -> bool:
    """Lock an open file; whether nobody else has."""
    try:
        if sys.platform == "win32":
            os.lseek(handle, FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_there(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _sign(handle: int) -> None:
    said = f"process {os.getpid()} on {platform.node()} since {datetime.now():%Y-%m-%d %H:%M}"
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, said.encode(errors="replace"))


def _holder(path: Path) -> str:
    """Who holds a lock, as its file says."""
    try:
        said = path.read_text(encoding="utf-8", errors="replace")[:200]
    except OSError:
        said = ""
    return "".join(letter for letter in said if letter.isprintable()) or "another process"

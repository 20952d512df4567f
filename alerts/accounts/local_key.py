"""The key of this machine's administrator: a file in the server's data folder that only its owner can read.

Whoever can read it could read and change the store itself, so it opens nothing that was closed. It is made anew at
each start, counts on this machine only, and serves to make one-time links without anybody's password.
"""

import contextlib
import os
import secrets
from pathlib import Path

NAME = "server.key"


def write_local_key(folder: Path) -> str:
    """A new key in ``folder``, readable by its owner alone. Raises ``OSError`` where it cannot be written."""
    key = "cbk_" + secrets.token_urlsafe(32)
    new = folder / f"{NAME}.new"
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
    new.replace(folder / NAME)
    return key


def read_local_key(folder: Path) -> str | None:
    """The key of the server that keeps its data in ``folder``; ``None`` where there is none one may read."""
    try:
        return (folder / NAME).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def forget_local_key(folder: Path) -> None:
    """The server ends: its key is of no use any more."""
    with contextlib.suppress(OSError):
        (folder / NAME).unlink()

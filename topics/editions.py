"""Editions of a table: which held on a day, and by what one is known again: its name, its source, its file's digest."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec


class Edition(msgspec.Struct, frozen=True, omit_defaults=True):
    """The edition of one ``table`` by which something was looked at. ``digest`` is the SHA-256 (hex) of the file that
    holds it, as ``sha256sum`` gives it, or of a pack's content (``topics/published_pack.py``); ``until`` the first day
    on which it held no longer, ``None`` = the newest. ``confirmed``: whether somebody checked it against its source.
    """

    table: str
    name: str
    source: str
    digest: str
    confirmed: bool = False
    until: dt.date | None = None


class Older(Protocol):
    """What differed, or held, before a day of the city."""

    @property
    def day(self) -> dt.date:
        """The first day on which it held no longer."""


OlderT = TypeVar("OlderT", bound=Older)


def back_to(day: dt.date | None, older: Iterable[OlderT]) -> Iterator[OlderT]:
    """The older editions to go back through, the newest first, to reach the one of a day (``None`` = the newest)."""
    for each in sorted(older, key=lambda each: each.day, reverse=True):
        if day is None or day >= each.day:
            return
        yield each


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

"""Server-sent events as bytes (WHATWG HTML, section 9.2)."""

from collections.abc import Callable
from typing import Any

import msgspec

from alerts.accounts.jurisdiction import Jurisdiction

#: How long a page waits before it comes back.
RETRY_MS = 2_000


class Event(msgspec.Struct, frozen=True):
    """One event, ready to send; ``line`` is the line of the log up to which it tells, 0 where it tells no change.

    ``cut`` makes of it what those of a jurisdiction may be told, empty where that is nothing.
    """

    line: int
    chunk: bytes
    cut: Callable[[Jurisdiction], bytes]

    def for_those_of(self, within: Jurisdiction) -> bytes:
        """The bytes to send to a reader of this jurisdiction; empty where nothing of it is theirs."""
        return self.chunk if within.whole else self.cut(within)


def encoded(name: str, data: dict[str, Any], line: int | None) -> bytes:
    """The event's bytes; JSON holds no line break, so one ``data`` field holds it all."""
    number = b"" if line is None else b"id: %d\n" % line
    return b"event: %s\n%sdata: %s\n\n" % (name.encode(), number, msgspec.json.encode(data))


def opening(line: int) -> bytes:
    """The first words of a stream. An ``id`` without data tells nothing and is remembered all the same, so that even
    a listener that has been told nothing yet resumes where it began.
    """
    return b"retry: %d\nid: %d\n\n" % (RETRY_MS, line)

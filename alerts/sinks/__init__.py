"""The ways warnings leave the house: one explicit table. A domain pack names them in its routes' ``channels``."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from alerts.sinks.base import Receipt, Sink
from alerts.sinks.cap import CapSink
from alerts.sinks.folder import FolderSink

__all__ = ["SINKS", "Addresses", "Receipt", "Sink", "open_sinks"]


class Addresses(msgspec.Struct, frozen=True):
    """Where the sinks of this house deliver to."""

    bureau_url: str
    folder: Path


#: A new channel is one line here, one file beside cap.py, and one set-up in tests/alerts/sinks/.
SINKS: dict[str, Callable[[Addresses], Sink]] = {
    "cap": lambda where: CapSink(where.bureau_url),
    "folder": lambda where: FolderSink(where.folder),
}


def open_sinks(where: Addresses) -> dict[str, Sink]:
    """Every channel, ready to deliver."""
    return {name: make(where) for name, make in SINKS.items()}

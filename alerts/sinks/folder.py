"""CAP files in a folder, for a recipient that fetches them from there. The worked example of a sink."""

import asyncio
import os
from pathlib import Path

from alerts.sinks.base import Receipt, Sink, require_fit
from alerts.warnings.cap import to_cap
from alerts.warnings.statement import Statement
from topics.errors import DeliveryError


class FolderSink(Sink):
    """Writes ``<identifier>.cap.xml`` into ``folder``, whole and on the disk before it counts as delivered.

    Nobody signs for a file, so the receipt bears no signature. A repeat writes the same bytes over the same name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, said: Statement) -> Receipt:
        require_fit(said)
        try:
            body = to_cap(said)
        except ValueError as error:  # the message itself is wrong: trying again cannot help
            raise DeliveryError(str(error), retriable=False) from error
        path = self._folder / f"{said.identifier.replace('/', '_')}.cap.xml"
        try:
            await asyncio.to_thread(_write, path, body)
        except OSError as error:  # the disk is full or away: it may come back
            raise DeliveryError(f"{path}: {error.strerror}", retriable=True) from error
        return Receipt(reference=path.name)


def _write(path: Path, body: bytes) -> None:
    """A reader of the folder sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)

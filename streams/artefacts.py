"""Packs and models by the name a control message calls them, as the worker has read them from their topics."""

import asyncio
import hashlib

import msgspec

from topics.domain import Domain
from topics.published_pack import PublishedPack, from_published

#: Keys on the models topic that name no bundle: the control by which a domain's newest was put in force.
IN_FORCE = "/in-force"

#: A pack or model is published before the control that names it; this covers one topic running ahead of another.
WAIT_S = 5.0


class Artefacts:
    """Every version seen since the worker started, by ``<name>@<sha256>``.

    ``packs`` holds the newest pack of each domain.
    """

    def __init__(self) -> None:
        self.packs: dict[str, Domain] = {}
        self._by_ref: dict[str, bytes] = {}
        self._refs: dict[str, list[str]] = {}
        self._came = asyncio.Event()

    def take_config(self, key: str, value: bytes | None) -> None:
        """One record of the ``config`` topic. Raises ``ValueError`` if the pack is broken."""
        if not value:
            self.packs.pop(key.removeprefix("domain/"), None)
            return
        published = msgspec.json.decode(value, type=PublishedPack)
        self.packs[published.name] = from_published(published)
        self._put(published.ref, value)

    def take_model(self, key: str, value: bytes | None) -> None:
        """One record of the ``models`` topic; what is withdrawn there no log names any more."""
        if key.endswith(IN_FORCE):
            return
        if value:
            ref = f"{key}@{hashlib.sha256(value).hexdigest()}"
            self._refs.setdefault(key, []).append(ref)
            self._put(ref, value)
            return
        for ref in self._refs.pop(key, ()):
            self._by_ref.pop(ref, None)

    def take_candidate(self, key: str, value: bytes | None) -> None:
        """One record of the ``candidates`` topic."""
        self.take_model(key, value)

    def get(self, ref: str) -> bytes | None:
        """The body of this reference, ``None`` where it has not come or is gone."""
        return self._by_ref.get(ref)

    async def wait(self, ref: str, seconds: float = WAIT_S) -> bytes | None:
        """The artefact, waiting for it to be read; ``None`` if it has not come in time."""
        try:
            async with asyncio.timeout(seconds):
                while (found := self._by_ref.get(ref)) is None:
                    self._came.clear()
                    await self._came.wait()
                return found
        except TimeoutError:
            return None

    def _put(self, ref: str, value: bytes) -> None:
        self._by_ref[ref] = value
        self._came.set()

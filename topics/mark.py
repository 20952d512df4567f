"""A mark: what a firm says of its plant, its treatment or its monitor for a stretch of time (data marking)."""

from typing import Annotated, Literal

import msgspec

from topics.reading import SCHEMA_VERSION, TimeMs

Scope = Literal["plant", "treatment", "monitor"]

#: The compacted topic of marks.
TOPIC = "marks"


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """``state`` of the ``scope`` from ``start`` to ``end`` (ms UTC, the end is outside).

    ``device`` and ``quantity`` narrow it, empty = all of the site. ``made`` is when it was entered and
    ``documented`` when its proof was uploaded (city time, ms UTC); ``withdrawn`` when it was taken back. The same id
    again replaces it: a mark may come long after the data it speaks of.
    """

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    site: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    scope: Scope
    state: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    start: TimeMs
    end: TimeMs
    made: TimeMs
    who: str = ""
    device: str = ""
    quantity: str = ""
    note: str = ""
    document: Annotated[str, msgspec.Meta(description="name and SHA-256 of the proof, empty = none")] = ""
    documented: TimeMs | None = None
    withdrawn: TimeMs | None = None
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION

    def concerns(self, device: str, quantity: str) -> bool:
        """Whether it speaks of this device (its id alone) and quantity."""
        return self.device in ("", device) and self.quantity in ("", quantity)

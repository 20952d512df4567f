"""What cameras in kitchens tell by their video analysis: what they saw, and whether they see at all.

They travel on ``events.<domain>`` topics like all events (topics/events.py), keyed by the kitchen's site.
"""

from typing import Annotated, Literal

import msgspec

from topics.reading import SCHEMA_VERSION, TimeMs

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
#: A part of names of findings: no blank, no bar.
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,59}$")]

#: ``ok`` sees; ``dark`` is a picture without light, ``covered`` one with something before the lens.
Sight = Literal["ok", "blurred", "covered", "dark"]


class KitchenSight(msgspec.Struct, frozen=True, tag="kitchen_sight", tag_field="event", omit_defaults=True):
    """A camera's analysis saw ``what`` (a code of the pack: rat, open_bin, no_gloves …) in a kitchen.

    ``confidence`` is the analysis' own, 0 to 1, ``None`` where it gives none; ``picture`` the address of the proof.
    """

    id: Word
    site: Word
    time: TimeMs
    camera: Word
    what: Code
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    picture: Annotated[str, msgspec.Meta(max_length=500)] = ""
    schema: int = SCHEMA_VERSION


class CameraState(msgspec.Struct, frozen=True, tag="camera_state", tag_field="event", omit_defaults=True):
    """A camera lives, and this is how well it sees; told at least every few minutes, or it is silent."""

    id: Word
    site: Word
    time: TimeMs
    camera: Word
    state: Sight
    schema: int = SCHEMA_VERSION


Kitchen = KitchenSight | CameraState

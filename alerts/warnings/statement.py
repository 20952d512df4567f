"""A warning: a judged statement that leaves the house. It knows nothing of XML; formats are made from it."""

from typing import Literal

import msgspec

from topics.finding import Text
from topics.reading import SCHEMA_VERSION

MsgType = Literal["Alert", "Update", "Cancel"]


class Reference(msgspec.Struct, frozen=True):
    """An earlier message this one is about: exactly what CAP needs to name it (``sent`` in ms UTC)."""

    sender: str
    identifier: str
    sent: int


class Area(msgspec.Struct, frozen=True):
    """Where: in words, and as a circle about a WGS-84 point. ``radius_km`` 0 says "at this point"."""

    title: Text
    lat: float | None = None
    lon: float | None = None
    radius_km: float = 0.0
    polygon: tuple[tuple[float, float], ...] = ()
    district: str = ""


class Statement(msgspec.Struct, frozen=True):
    """What is said to one authority about one alarm at one time; never changed once released.

    ``level`` is the code of the domain's scheme (the colour), ``severity``, ``urgency`` and
    ``certainty`` are CAP's words. ``rule`` is what released it, in words. ``ledger_head`` is the head of the
    hash chain when it was released (``sequence:hash``), ``previous_level`` the level this authority was told
    last before. Times are city time, ms UTC.
    """

    identifier: str
    sender: str
    sent: int
    msg_type: MsgType
    status: str
    authority: str
    authority_title: Text
    category: str
    event: Text
    headline: Text
    description: Text
    instruction: Text
    response_type: str
    urgency: str
    severity: str
    certainty: str
    level: str
    gb_level: str
    onset: int
    expires: int
    area: Area
    rule: Text
    alarm: str
    over: bool
    acknowledged_by: str | None
    references: tuple[Reference, ...] = ()
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    note: str = ""
    ledger_head: str = ""
    previous_level: str = ""
    schema: int = SCHEMA_VERSION

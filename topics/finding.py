"""A finding: what a detector says about one episode. Never yet an alarm, that is the desk's word."""

import hashlib
from typing import Annotated, Literal

import msgspec

SCHEMA_VERSION = 1

Phase = Literal["open", "update", "close"]


class Text(msgspec.Struct, frozen=True):
    """One sentence in both languages of the desk."""

    zh: str
    en: str


class Origin(msgspec.Struct, frozen=True):
    """Where the readings behind a finding lie, so that anyone can recompute it."""

    topic: str
    partition: int
    first_offset: int
    last_offset: int


class Channel(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one channel of a group gave to a finding: ``value`` came where ``expected`` was thought healthy."""

    series: str
    title: Text
    share: Annotated[float, msgspec.Meta(ge=0, le=1, description="of the group's score, 0 to 1")]
    value: float | None = None
    expected: float | None = None
    unit: str = ""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message about one episode; ``(id, seq)`` is unique, repeats are byte-equal.

    ``subject`` is the series, group, yard or container it is about; ``alarm_key`` is
    ``domain|site|quantity-or-group|family`` and carries no version, so that several
    findings attach to one alarm. ``opened`` never moves, whatever arrives late.
    ``late`` marks what only late or back-filled data showed: it revises, it never sounds a siren.
    ``channels`` are those of a group, the greatest ``share`` first; ``value`` and ``expected`` are its own.
    """

    id: str
    phase: Phase
    seq: Annotated[int, msgspec.Meta(ge=0)]
    domain: str
    site: str
    subject: str
    quantity: str
    family: Annotated[str, msgspec.Meta(description="limit, quality, anomaly, model, yard, …")]
    detector: str
    detector_version: int
    severity: Annotated[str, msgspec.Meta(description="a code of the domain's scheme, e.g. red")]
    opened: Annotated[int, msgspec.Meta(description="event time of the first row of the episode, ms UTC")]
    time: Annotated[int, msgspec.Meta(description="event time of this message, ms UTC")]
    text: Text
    origin: Origin
    closed: int | None = None
    value: float | None = None
    expected: Annotated[float | None, msgspec.Meta(description="the limit or the level expected")] = None
    unit: str = ""
    score: float | None = None
    p: Annotated[float | None, msgspec.Meta(description="calibrated chance of such a score on healthy data")] = None
    late: bool = False
    #: Kafka's stamp of the record that caused this message, ms UTC: the start of the latency clock.
    stamp: int = 0
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    facts: dict[str, str | float | int | None] = msgspec.field(default_factory=dict)
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION
    channels: tuple[Channel, ...] = ()

    @property
    def alarm_key(self) -> str:
        """By it the store knows which alarm it belongs to, and the topic its partition."""
        return alarm_key(self.domain, self.site, self.quantity, self.family)


def finding_id(detector: str, version: int, subject: str, opened_ms: int) -> str:
    """The deterministic id of an episode: equal input gives equal ids on every engine and after every crash."""
    digest = hashlib.blake2b(f"{detector}\n{version}\n{subject}\n{opened_ms}".encode(), digest_size=16)
    return digest.hexdigest()


def alarm_key(domain: str, site: str, quantity: str, family: str) -> str:
    """The key under which at most one alarm is open at a time."""
    return f"{domain}|{site}|{quantity}|{family}"

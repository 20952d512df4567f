"""What the judge of carriers remembers of a partition, in a form that can be kept and taken up again."""

import zlib

import msgspec

from records.carriage.way import Way
from streams.judges.episodes import Memory
from topics.positions import Position, Waybill

#: Of the form below: what was kept in another form is not taken up.
FORM = 1


class Waiting(msgspec.Struct):
    """A position that waits for those before it, and where it lies in the log."""

    position: Position
    offset: int


class Followed(msgspec.Struct):
    """One carrier. ``heard`` is the event time of its newest position (0 = none), ``judged`` up to where its way has
    been judged; ``late`` came after that, and is judged by itself at ``late_due``. ``over``: what has held of it
    lately, as (rule, about, since, end).
    """

    site: str
    way: Way
    waiting: dict[int, Waiting] = {}
    heard: int = 0
    judged: int = 0
    late: dict[int, Waiting] = {}
    late_due: int = 0
    over: list[tuple[str, str, int, int]] = []


class Remembered(msgspec.Struct):
    """All of one domain in a partition. ``clock`` is city time (ms UTC)."""

    clock: int = 0
    carriers: dict[str, Followed] = {}
    waybills: dict[str, Waybill] = {}
    episodes: Memory | None = None


class Snapshot(msgspec.Struct):
    """What is kept: the form it has, where the log goes on, what was learnt by then, by domain."""

    form: int
    next_offset: int
    domains: dict[str, Remembered]


_DECODER = msgspec.msgpack.Decoder(Snapshot)


def pack_snapshot(snapshot: Snapshot) -> bytes:
    """The bytes to keep."""
    return zlib.compress(msgspec.msgpack.encode(snapshot), 3)


def read_snapshot(value: bytes) -> Snapshot | None:
    """What was kept; ``None`` for what cannot be taken up: the log is then judged from its beginning."""
    try:
        snapshot = _DECODER.decode(zlib.decompress(value))
    except (zlib.error, msgspec.MsgspecError):
        return None
    return snapshot if snapshot.form == FORM else None

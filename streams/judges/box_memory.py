"""What the judge of boxes remembers, in a form that can be kept and taken up again."""

import zlib

import msgspec

from detectors.rules.box.course import bucket_of, median_of
from streams.judges.episodes import Memory
from topics.reading import Reading

#: Of the form below: what was kept in another form is not taken up, and the readings are judged from their beginning.
FORM = 1


class Kept(msgspec.Struct):
    """A reading that waits for those before it, and where it lies in the log."""

    reading: Reading
    offset: int
    stamp: int


class Course(msgspec.Struct):
    """Medians of spans of time, and the values of the span that is not over. ``at`` is its middle (0 = none)."""

    medians: list[tuple[int, float]] = []
    at: int = 0
    values: list[float] = []

    def take(self, time_ms: int, value: float, size_ms: int, window_ms: int) -> bool:
        """Take a value; whether a span of ``size_ms`` ended by it, whose median is now among those of the window."""
        middle, closed = bucket_of(time_ms, size_ms), False
        if middle != self.at:
            if self.values:
                self.medians.append((self.at, median_of(self.values)))
                self.medians = [each for each in self.medians if each[0] > self.at - window_ms]
                closed = True
            self.at, self.values = middle, []
        self.values.append(value)
        return closed


class Sensor(msgspec.Struct):
    """One quantity of one device, for as long as it watches the same stay of a container (``since``, ms UTC).

    ``area`` is where the box stands. ``heard`` is when it last said anything, ``value`` and ``at`` its last good value;
    ``beyond`` since when each limit is passed, ``worst`` the furthest of that; ``rise`` and ``drift`` °C an hour,
    ``None`` while not known.
    """

    site: str
    device: str
    quantity: str
    container: str
    since: int
    heard: int
    area: str = ""
    at: int = 0
    value: float | None = None
    offset: int = 0
    stamp: int = 0
    silent: bool = False
    beyond: dict[str, int] = {}
    worst: dict[str, float] = {}
    fast: Course = msgspec.field(default_factory=Course)
    slow: Course = msgspec.field(default_factory=Course)
    rise: float | None = None
    drift: float | None = None

    @property
    def key(self) -> str:
        """``site/device/quantity``."""
        return f"{self.site}/{self.device}/{self.quantity}"


class Remembered(msgspec.Struct):
    """All of one partition. ``released``: city time up to which all has been judged; ``clock`` that of the readings."""

    form: int = FORM
    next_offset: int = 0
    clock: int = 0
    released: int = 0
    waiting: list[Kept] = []
    sensors: list[Sensor] = []
    lost: dict[str, list[str]] = {}
    episodes: Memory | None = None


_DECODER = msgspec.msgpack.Decoder(Remembered)


def pack_remembered(remembered: Remembered) -> bytes:
    """The bytes to keep."""
    return zlib.compress(msgspec.msgpack.encode(remembered), 3)


def read_remembered(value: bytes) -> Remembered | None:
    """What was kept; ``None`` for what cannot be taken up: the log is then judged from its beginning."""
    try:
        remembered = _DECODER.decode(zlib.decompress(value))
    except (zlib.error, msgspec.MsgspecError):
        return None
    return remembered if remembered.form == FORM else None

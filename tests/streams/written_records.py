"""A readings partition's records written by hand, and a lane that judges them, for tests of what a lane does."""

from dataclasses import dataclass, field

from detectors.kernel import Kernel
from records.registry import Device, Registry, SeriesMeta, Site, registry_of
from streams.batch import Judged, decode
from streams.lane import Lane
from streams.specs import SpecBook
from topics.codec import encode
from topics.domain import Domain
from topics.finding import Text
from topics.reading import Control, Reading


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as a consumer gives it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


@dataclass(slots=True)
class Partition:
    """One partition of ``readings.trial``: offsets count from 0, stamps are 1,000 more."""

    records: list[Kept] = field(default_factory=list)
    artefacts: dict[str, bytes] = field(default_factory=dict)

    def put(self, message: Reading | Control) -> int:
        """Append a message; its offset."""
        offset = len(self.records)
        self.records.append(Kept(offset, offset + 1000, b"works-1", encode(message)))
        return offset

    def read(self, probe: int, time: int, value: float | None) -> int:
        return self.put(Reading(series(probe), time, value))

    def judge(self, lane: Lane, start: int = 0, stop: int | None = None, cut: int = 1_000_000) -> Judged:
        """What a lane makes of the records from ``start`` to ``stop``, in batches of ``cut``."""
        whole, stop = Judged(), len(self.records) if stop is None else stop
        for first in range(start, stop, cut):
            part = lane.judge(decode(self.records[first : min(first + cut, stop)]))
            whole.findings += part.findings
            whole.refused += part.refused
            whole.shadow += part.shadow
        return whole

    def lane(self, domain: Domain) -> Lane:
        """A fresh lane over this partition's artefacts."""
        return Lane(Kernel(domain, domain.topic, 0), SpecBook(registry(), domain), 0, 1, self.artefacts.get)


def series(probe: int) -> str:
    """Ten probes stand at each works."""
    return f"works-{probe // 10}/D{probe}/temp/Rtd"


def registry(works: int = 30) -> Registry:
    sites = [
        Site(f"works-{number}", "trial", Text("厂", "works"), "firm", "120116", 39.0, 117.7) for number in range(works)
    ]
    devices = [
        Device(f"D{probe}", f"works-{probe // 10}", "probe", {"temp": SeriesMeta(unit="°C")})
        for probe in range(10 * works)
    ]
    return registry_of([*sites, *devices])

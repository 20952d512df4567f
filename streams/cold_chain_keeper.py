"""The watch over the cold chain: readings and city time in, findings out, and each breach as an event of custody.

A breach is said as an EPCIS event of the vehicle or room: like a firm's own alarm it opens a recall of exactly what was
aboard meanwhile, and stands in the lot's own record.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from streams.judges.cold_chain import Breach, ColdChainJudge, Said
from streams.judges.cold_chain_facts import cold_chain
from streams.readings_keeper import ReadingsKeeper
from topics.city_zone import CITY_ZONE
from topics.codec import encode
from topics.domain import Domain
from topics.events import Custody

#: The system's own events bear names that follow from the finding: said again after a crash, they are the same event.
NAMESPACE = uuid.UUID("6f1d8a52-8f0b-5c1e-9d1c-0c3d5e7f9a11")


class ColdChainKeeper(ReadingsKeeper[Said]):
    """Watches every domain whose facts have goods of a cold chain."""

    name = "cold-chain"
    rules = ("cold_chain",)

    def judge(self, pack: Domain, partition: int) -> ColdChainJudge | None:
        facts = cold_chain(pack)
        return None if facts is None else ColdChainJudge(pack, facts, partition)

    async def publish(self, said: Sequence[tuple[Domain, list[Said]]]) -> None:
        for pack, words in said:
            await self.tell(finding for word in words for finding in word.findings)
            breaches = [breach_event(breach) for word in words for breach in word.breaches]
            if breaches:
                await self.keep(self.prefix + pack.events_topic, ((each.site, encode(each)) for each in breaches))


def breach_event(breach: Breach) -> Custody:
    """A breach as an EPCIS 2.0 ObjectEvent with a temperature alarm (7.3.7), said by the system."""
    name = f"urn:uuid:{uuid.uuid5(NAMESPACE, breach.finding)}"
    report = {"type": "Temperature", "exception": "ALARM_CONDITION", "value": breach.worst, "uom": "CEL"}
    epcis = {
        "type": "ObjectEvent",
        "eventID": name,
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "epcList": [breach.carrier],
        "eventTime": _iso(breach.end),
        "eventTimeZoneOffset": "+08:00",
        "sensorElementList": [
            {
                # endTime is the last moment that belongs to it, the breach's end the first that does not.
                "sensorMetadata": {"startTime": _iso(breach.start), "endTime": _iso(breach.end - 1)},
                "sensorReport": [report],
            }
        ],
        "citybrain:finding": breach.finding,
    }
    return Custody(name, breach.site, breach.end, epcis)


def _iso(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, CITY_ZONE).isoformat(timespec="milliseconds")

"""The one table of topics: key, type, partitions, retention, compaction and why.

Nothing is created outside it; ``topics/declare.py`` makes or compares it on a broker.
"""

from collections.abc import Sequence
from typing import Any

from topics.alarm_event import TOPIC as ALARM_EVENTS
from topics.alarm_event import AlarmEvent
from topics.device_event import DeviceEvent
from topics.domain import Domain
from topics.domain_topics import domain_topics
from topics.finding import Finding
from topics.judgement import Judgement
from topics.ledger_head import LedgerHead
from topics.mark import Mark
from topics.positions import Permit, Told
from topics.published_pack import PublishedPack
from topics.pulse import Pulse
from topics.raw_frame import RawFrame
from topics.reading import Control, Reading
from topics.shadow import Candidate, ShadowWord
from topics.station_entry import StationEntry
from topics.topic import DAY_MS, FOR_EVER, NO_NULL, ONE_MIB, Topic
from topics.unit_state import UnitState
from topics.verdict import VerdictSaid


def catalog(domains: Sequence[Domain]) -> tuple[Topic, ...]:
    """All topics of a city with these domains, those of the domains first, in the domains' order."""
    ordered = sorted(domains, key=lambda domain: (domain.order, domain.name))
    return tuple(topic for domain in ordered for topic in domain_topics(domain)) + CITY_TOPICS


def _city(
    name: str, key: str, type: Any, partitions: int, days: int, why: str, size: int = ONE_MIB, null: str = NO_NULL
) -> Topic:
    retention_ms = days * DAY_MS if days > 0 else FOR_EVER
    return Topic(name, key, type, partitions, retention_ms, False, size, why, null)


def _kept(name: str, key: str, type: Any, null: str, why: str, size: int = ONE_MIB) -> Topic:
    """A compacted topic; one partition, so that its readers see changes in the order they were made."""
    return Topic(name, key, type, 1, FOR_EVER, True, size, why, null)


CITY_TOPICS: tuple[Topic, ...] = (
    _city(
        "findings",
        "domain|site|quantity|family (the alarm key)",
        Finding,
        4,
        90,
        "What detectors say. Keyed by alarm, so that opening, updates and closing of one episode stay in order; "
        "a quarter of a year lets the alarm store be filled again.",
    ),
    _kept(
        "registry",
        "site/<site id> or device/<device id>",
        dict[str, Any],
        "the site or device is taken out of the registry",
        "Sites, devices and their series as they are now; every worker reads it whole at start.",
    ),
    _kept(
        "config",
        "domain/<name>",
        PublishedPack,
        "the domain is withdrawn",
        "Domain packs with content hash and the event time from which they hold; workers read packs only here.",
    ),
    _kept(
        "models",
        "<domain>/<event-time point, ms UTC>, <domain>/in-force",
        bytes,
        "no log that is still kept names this bundle",
        "Calibration tables and fitted models, versioned and hashed, apart from snapshots. Each point's bundle has a "
        "key of its own, so that every replay finds the one its log names; many forests take megabytes, hence the "
        "size.",
        8 * ONE_MIB,
    ),
    _kept(
        "candidates",
        "shadow/<domain>/<run>",
        Candidate,
        "no log that is still kept names this candidate",
        "Configurations that run, or have run, beside the live one. Apart from `config` and `models`, so that nobody "
        "who reads those takes one for what is in force.",
        8 * ONE_MIB,
    ),
    _city(
        "shadow-findings",
        "the run",
        ShadowWord,
        1,
        30,
        "What candidates say beside the live configuration, for their reports. No message here is a finding, and the "
        "alert server makes alarms of the topic `findings` alone: nobody is ever paged by a shadow.",
    ),
    _city(
        "dead-letters",
        "the original key",
        bytes,
        1,
        30,
        "Messages that do not fit, byte for byte, with the reason in their headers: nothing is dropped in "
        "silence and each can be played again.",
        9 * ONE_MIB,
    ),
    _city(
        "unregistered",
        "site or device id",
        Reading,
        1,
        30,
        "Readings of sites and devices nobody has registered, kept to be played again once somebody has.",
        null="a mark: its header `replayed` lists the offsets that have been played again",
    ),
    _kept(
        "warnings",
        "<alarm id>/<authority>",
        dict[str, Any],
        NO_NULL,
        "The last word of each chain of warnings, for programs of the city that follow them; the channel `kafka` of a "
        "route puts them here.",
    ),
    _kept(
        "verdicts",
        "alarm id",
        VerdictSaid,
        NO_NULL,
        "What people said an alarm was, with the findings it was made of: labels for detectors. The last word on each "
        "alarm is kept for as long as the alarm store itself.",
    ),
    _city(
        ALARM_EVENTS,
        "site id",
        AlarmEvent,
        1,
        90,
        "What happens to alarms, line by line of their logs: acknowledged, shelved, cleared, closed. For programs that "
        "must know what the desk has done, sequences of events first of all; kept as long as the findings.",
    ),
    _kept(
        "judgements",
        "<site>/<device>/<quantity>|<hour or day>|<start, ms UTC>",
        Judgement,
        "the period is too old to be judged again; the alert store keeps its versions",
        "The formal result of each hour and day in its newest version, with what earlier ones said; late data and "
        "marks make the next version.",
    ),
    _kept(
        "marks",
        "<mark id>",
        Mark,
        NO_NULL,
        "What firms say of plant, treatment and monitor for a stretch of time; judgements are made anew by it.",
    ),
    _city(
        "station-log",
        "<site>",
        StationEntry,
        1,
        90,
        "Maintenance of stations' instruments and links to pictures and cameras, as firms' and operators' systems send "
        "them; the alert store keeps every form, and evidence packs hold what concerns them.",
    ),
    _kept(
        "unit-states",
        "<domain>/<unit>",
        UnitState,
        NO_NULL,
        "What units of major hazard sources say of themselves, and which alarms that suppresses by design: the alert "
        "server shows those as suppressed for as long as the state lasts.",
    ),
    _city(
        "device-events",
        "<MN>",
        DeviceEvent,
        1,
        366,
        "The audit of what a gateway did with devices: clocks it set, periods it found missing and asked for, what the "
        "devices answered. Kept for a year, because data that came only when asked for are judged too.",
    ),
    _city(
        "raw-frames",
        "<MN>",
        RawFrame,
        4,
        7,
        "The frames of HJ 212 as they came, of which the readings were made: evidence for whoever doubts a reading. A "
        "week outlives any repair; the history keeps the rest.",
    ),
    _city(
        "positions",
        "carrier: a vehicle's plate or a ship",
        Told | Control,
        4,
        30,
        "Where vehicles and ships are, the waybills they travel under and the hands goods pass through, as one log of "
        "each carrier with the city time it is judged in. The watch keeps its state apart and the alert server the "
        "tracks, so a month is enough to judge anew.",
    ),
    _kept(
        "positions-state",
        "<consumer group>/<partition>",
        bytes,
        "the state is forgotten; the log is judged from its beginning",
        "What the watch over carriers remembers of a partition, with the offset it reflects: a restart goes on from "
        "there instead of judging a month of positions again.",
        8 * ONE_MIB,
    ),
    _kept(
        "cargo-conditions-state",
        "<consumer group>/<domain>/<partition>",
        bytes,
        "the state is forgotten; the readings are judged from their beginning",
        "What the watch over boxes and tanks remembers of the sensors of a partition, with the offset of the readings "
        "it reflects: a restart goes on from there.",
        8 * ONE_MIB,
    ),
    _kept(
        "permits",
        "<role>/<holder>/<kind>/<number>",
        Permit,
        "the permit is no longer known",
        "What authorities allow drivers, escorts, vehicles, trailers and firms, as the register stands now.",
    ),
    _city(
        "ledger-heads",
        "<store id>",
        LedgerHead,
        1,
        FOR_EVER,
        "Once a minute how long the ledger of the alert server is and the hash that stands for all of it: whoever cuts "
        "off its end or makes it anew is found out by this. Kept for ever, about 100 MB a year.",
    ),
    _city(
        "city-time",
        "empty",
        Control,
        1,
        1,
        "The city's clock for those who read no partition of a domain: life cycle, deadlines, wall.",
    ),
    _city(
        "pulse",
        "worker/domain",
        Pulse,
        1,
        1,
        "Once a second each worker says how far it has come: the wall can tell silence from health.",
    ),
)

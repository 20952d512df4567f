"""Readings, findings and events of alarms as happenings, each with the place where a person sees it."""

from detectors.sequences.happening import Happening
from topics.alarm_event import AlarmEvent
from topics.event_sequence import SEQUENCE
from topics.finding import Finding
from topics.reading import Reading

#: Topic, partition, offset and Kafka's stamp of the record.
Place = tuple[str, int, int, int]

NORMAL_FLAG = "N"


def of_reading(reading: Reading, place: Place) -> Happening | None:
    """``None`` for what must not be judged: no value, marked by its instrument, or sent again much later.

    Its link is what `citybrain readings show` takes.
    """
    if reading.value is None or reading.flag != NORMAL_FLAG or reading.backfill:
        return None
    parts = reading.series.split("/")
    if len(parts) != 4:
        return None
    site, device, quantity, statistic = parts
    topic, partition, offset, stamp = place
    return Happening(
        reading.time, f"r/{reading.series}", "reading", statistic, site, quantity, device, value=reading.value,
        unit=reading.unit, topic=topic, partition=partition, offset=offset, stamp=stamp,
        link=f"{topic} {partition} {offset}",
    )  # fmt: skip


def of_finding(finding: Finding, place: Place) -> Happening | None:
    """``None`` for what only late data showed, and for findings of sequences themselves."""
    if finding.late or finding.family == SEQUENCE:
        return None
    parts = finding.subject.split("/")
    topic, partition, offset, stamp = place
    return Happening(
        finding.time, f"f/{finding.id}/{finding.seq}", "finding", finding.detector, finding.site, finding.quantity,
        parts[1] if len(parts) == 4 else "", family=finding.family, phase=finding.phase, value=finding.value,
        unit=finding.unit, facts=finding.facts, topic=topic, partition=partition, offset=offset, stamp=stamp,
        link=f"/api/findings/{finding.id}/evidence",
    )  # fmt: skip


def of_alarm(event: AlarmEvent, place: Place) -> Happening:
    """What was done to an alarm; its link is the alarm's page."""
    topic, partition, offset, stamp = place
    return Happening(
        event.time, f"a/{event.id}", "alarm", event.action, event.site, event.quantity, family=event.family,
        topic=topic, partition=partition, offset=offset, stamp=stamp, link=f"/alarms/{event.alarm}",
    )  # fmt: skip

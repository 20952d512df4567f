"""What became of every event of a played day: the figures of the audit, the store and the bureau in one report."""

import importlib.metadata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.report import report as store_report
from alerts.store import Store
from streams.audit import Recomputed, Told
from streams.keepers import told_beside
from streams.lead_report import ToldWhen, lead_report, told_when
from streams.sources.simulator.report import SentReport
from streams.sources.simulator.script_lines import Expect, Seen
from topics.alarm_event import TOPIC as ALARM_EVENTS
from topics.finding import Origin
from topics.positions import TOPIC as POSITIONS


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds: the worker's findings and those of the judges ``beside`` it, warnings by identifier, what
    must not be there twice, when what was told at which site, and all alarms there are.
    """

    findings: set[tuple[str, int]]
    beside: set[tuple[str, int]]
    warnings: set[str]
    open_twice: int
    figures: dict[str, Any]
    told_when: ToldWhen
    raised: set[tuple[str, str, str, str]]


def stored(url: str) -> Stored:
    """Read the store of a server that has ended."""
    store = Store(url)
    try:
        with store.read() as connection:
            finding, warning, alarm = schema.finding.c, schema.warning.c, schema.alarm.c
            told = connection.execute(sa.select(finding.id, finding.seq, finding.body))
            keys: tuple[set[tuple[str, int]], set[tuple[str, int]]] = (set(), set())
            for name, seq, body in told:
                said = msgspec.json.decode(body, type=_Told)
                if said.of_a_log:
                    keys[told_beside(said.detector)].add((name, seq))
            identifiers = {row[0] for row in connection.execute(sa.select(warning.identifier))}
            twice = sa.select(alarm.key).where(alarm.closed.is_(None)).group_by(alarm.key).having(sa.func.count() > 1)
            open_twice = len(connection.execute(twice).all())
            asked = sa.select(alarm.site, alarm.quantity, alarm.family, alarm.latched_severity)
            raised = {tuple(row) for row in connection.execute(asked)}
        return Stored(*keys, identifiers, open_twice, store_report(store), told_when(store), raised)
    finally:
        store.close()


#: Beside readings and events: what judges beside the worker read.
LOGS = frozenset({POSITIONS, "findings", ALARM_EVENTS})


class _Told(msgspec.Struct):
    detector: str
    origin: Origin

    @property
    def of_a_log(self) -> bool:
        """Whether it follows from what is on a topic: what the desk itself says is in no log."""
        return self.origin.topic.startswith(("readings.", "events.")) or self.origin.topic in LOGS


def day_report(
    sent: SentReport,
    found: Recomputed,
    said: Told,
    held: Stored,
    bureau: Mapping[str, Any],
    engine: str,
    events: Sequence[Seen] = (),
    meant: Sequence[Expect] = (),
) -> dict[str, Any]:
    """The report of ``citybrain demo``; ``losses`` and ``doubles`` say what ``lost`` and ``duplicated`` sum.

    ``bureau`` is the register of the stand-in bureau, as it reports it; ``events``: what the played day holds the
    warnings against; ``meant``: the alarms that the day is meant to raise.
    """
    signed = {message["identifier"] for message in bureau["messages"] if not message["covers"]}
    signed |= {identifier for message in bureau["messages"] for identifier in message["covers"]}
    due = held.figures["due"]
    wanted = {(each.site, each.quantity, each.family, each.severity) for each in meant}
    missing = sorted(wanted - held.raised)
    losses = _losses(sent, found, said, held, signed)
    doubles = _doubles(found, said, held, signed)
    return {
        "events_in": dict(sorted(found.records.items())),
        "dead_lettered": dict(sorted(said.reasons.items())),
        "unregistered": found.unregistered,
        "findings": held.figures["findings"],
        "findings_beside": len(held.beside),
        "alerts": held.figures["alarms"],
        "meant": len(wanted),
        "not_raised": [dict(zip(("site", "quantity", "family", "severity"), each, strict=True)) for each in missing],
        "due": due,
        "delivered": held.figures["delivered"],
        "signed_for": held.figures["signed_for"],
        "lost": sum(losses.values()),
        "duplicated": sum(doubles.values()),
        "losses": losses,
        "doubles": doubles,
        "repeated": said.repeated + held.figures["repeated"] + int(bureau["repeats"]),
        "lead_time": lead_report(events, held.told_when),
        "latency_ms": held.figures["latency_ms"],
        "sent": sent.to_dict(),
        "engine": engine,
        "version": importlib.metadata.version("citybrain"),
    }


def kept_promise(report: Mapping[str, Any]) -> bool:
    """Whether nothing was lost or doubled, every due delivery was signed for and every alarm that was meant came."""
    whole = report["lost"] == 0 and report["duplicated"] == 0 and report["due"] == report["signed_for"]
    return bool(whole and not report["not_raised"])


def _losses(sent: SentReport, found: Recomputed, said: Told, held: Stored, signed: Set[str]) -> dict[str, int]:
    """What was lost, by where; ``signed`` are the warnings that the bureau has, joined ones among them."""
    on_topics = sum(found.records.values())
    wrong = sum(sent.dead_letters.values()) - sent.dead_letters["bad_frame"]  # sent past the doors, onto the topics
    kept = sum(sent.readings.values()) + sum(sent.events.values()) + wrong
    return {
        "events_not_on_topics": max(0, (kept - sent.repeated) - (on_topics - found.duplicate)),
        "findings_not_stored": len(found.findings - held.findings) + len(said.beside - held.beside),
        "findings_not_told": len(found.findings - said.findings) + len(found.again - said.again),
        "refused_without_letter": len(found.refused - said.letters),
        "bad_frames_without_letter": max(0, sent.dead_letters["bad_frame"] - said.reasons["bad_frame"]),
        "warnings_not_at_bureau": len(held.warnings - signed),
        "deliveries_not_signed_for": held.figures["due"] - held.figures["signed_for"],
        "refused_by_a_door": sent.refused,
    }


def _doubles(found: Recomputed, said: Told, held: Stored, signed: Set[str]) -> dict[str, int]:
    """What there is twice, or without a cause."""
    return {
        "findings_nobody_should_have": len(held.findings - found.findings)
        + len(held.beside - said.beside)
        + len(said.again - found.again),
        "open_alarms_of_one_key": held.open_twice,
        "warnings_nobody_released": len(signed - held.warnings),
    }

"""The evidence for a candidate: its report, the verdicts that people gave, and what the gate says of both."""

from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.city import City
from alerts.promotions.difference import Cost, Span, difference, episodes
from alerts.promotions.gate import Gate, Ruling, judge
from alerts.promotions.trials import Heard
from alerts.sensor_class import sensor_class
from alerts.store import Store
from alerts.verdicts import REASONS
from topics.finding import Finding, Text
from topics.shadow import Candidate, ShadowWord

#: Ids of one query.
AT_ONCE = 500


class Evidence:
    """``gate`` comes with the hash of its file."""

    def __init__(self, store: Store, city: City, gate: tuple[Gate, str]) -> None:
        self._store = store
        self._city = city
        self._gate, self._gate_hash = gate

    def report(self, candidate: Candidate, heard: Heard) -> dict[str, Any]:
        """How the candidate and the live configuration differ, and what the gate says of it."""
        domain = candidate.domain
        ends = {word.partition: word for word in heard.words if word.kind in ("ended", "failed")}
        began = {word.partition: word for word in heard.words if word.kind == "began"}
        since = min((word.time for word in began.values() if word.time), default=candidate.begun)
        until = max((word.time for word in heard.words), default=since)
        live = episodes(_beside(heard, began, ends, until), until)
        findings = [word.finding for word in heard.words if word.finding is not None]
        report = difference(
            live,
            episodes([each for each in findings if each.time <= until], until),
            Span(since, until, self._gate.operators),
            _cost(heard.words),
            self._verdicts([each.id for each in live]),
            lambda subject: sensor_class(self._city, domain, subject),
        )
        failed = sorted(
            f"{word.topic}/{word.partition}: {word.detail}" for word in ends.values() if word.kind == "failed"
        )
        running = len(began) - len([place for place in ends if place in began])
        head: dict[str, Any] = {"run": candidate.id, "domain": domain, "by": candidate.by, "note": candidate.note}
        head |= {"candidate": named(candidate), "partitions": {"began": len(began), "of": heard.partitions}}
        return head | {"running": running, "failed": failed} | report | self._ruled(report, failed, len(began), heard)

    def _ruled(self, report: dict[str, Any], failed: list[str], began: int, heard: Heard) -> dict[str, Any]:
        whole = Ruling(
            "whole", heard.partitions, began - len(failed), began == heard.partitions and not failed,
            Text("在全部分区中运行", "partitions it ran in without failing"),
        )  # fmt: skip
        rulings = [whole, *judge(self._gate, report)]
        return {
            "gate": {
                "open": all(each.ok for each in rulings),
                "sha256": self._gate_hash,
                "rulings": [msgspec.to_builtins(each) for each in rulings],
            }
        }

    def _verdicts(self, ids: list[str]) -> dict[str, tuple[str, str]]:
        """Of these findings, those whose alarm was judged: the alarm and how the verdict counts."""
        found: dict[str, tuple[str, str]] = {}
        finding, alarm = schema.finding.c, schema.alarm.c
        with self._store.read() as connection:
            for start in range(0, len(ids), AT_ONCE):
                query = (
                    sa.select(finding.id, alarm.id, alarm.verdict)
                    .join_from(schema.finding, schema.alarm, finding.alarm_id == alarm.id)
                    .where(finding.id.in_(ids[start : start + AT_ONCE]), alarm.verdict.in_(REASONS))
                )
                found |= {name: (of, REASONS[said].counts_as) for name, of, said in connection.execute(query)}
        return found


def _beside(heard: Heard, began: dict[int, ShadowWord], ends: dict[int, ShadowWord], until: int) -> list[Finding]:
    """Live findings of the rows that the candidate has judged too."""
    found = []
    for each in heard.live:
        first = began.get(each.origin.partition)
        if first is None or each.origin.topic != first.topic or each.time > until:
            continue
        last = ends.get(each.origin.partition)
        if first.offset < each.origin.last_offset and (last is None or each.origin.last_offset <= last.offset):
            found.append(each)
    return found


def _cost(words: list[ShadowWord]) -> Cost:
    told = [word for word in words if word.kind == "cost"]
    return Cost(
        sum(word.readings for word in told),
        round(sum(word.live_s for word in told), 6),
        round(sum(word.candidate_s for word in told), 6),
        sum(word.refused for word in told),
    )


def named(candidate: Candidate) -> dict[str, Any]:
    """What a candidate is, for people: what it changes, not the bytes of it."""
    return {"pack": candidate.pack, "models": None if candidate.models is None else f"{len(candidate.models)} bytes"}

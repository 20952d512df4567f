"""Reading the store: lists of alarms, one alarm's story, what has changed since. Each call is one short read."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.accounts.subjects import visible_alarms
from alerts.alarm_list import Cut, after, cursor_of
from alerts.city import City
from alerts.silences.story import held_by
from alerts.store import Store
from alerts.views import alarm_view, finite, guidance_view, text_view


class Queries:
    """Reads for the interface; titles come from ``city``."""

    def __init__(self, store: Store, city: City) -> None:
        self._store = store
        self._city = city

    def alarms(
        self, cut: Cut, limit: int, cursor: str | None = None, within: Jurisdiction = WHOLE_CITY
    ) -> dict[str, Any]:
        """``{items, next}``, the youngest first. Raises ``ValueError`` for a cursor that is none of ours."""
        table = schema.alarm
        query = sa.select(table).where(*cut.conditions()).order_by(table.c.opened.desc(), table.c.id.desc())
        if not within.whole:
            query = query.where(visible_alarms(within, self._city))
        if cursor:
            query = query.where(after(cursor))
        with self._store.read() as connection:
            rows = connection.execute(query.limit(limit + 1)).mappings().all()
        more = len(rows) > limit
        shown = rows[:limit]
        items = [alarm_view(dict(row), self._city) for row in shown]
        return {"items": items, "next": cursor_of(shown[-1]["opened"], shown[-1]["id"]) if more else None}

    def alarm(self, name: str) -> dict[str, Any] | None:
        """One alarm as in the list."""
        found = self.by_id([name])
        return found[0] if found else None

    def by_id(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """These alarms as they stand now."""
        with self._store.read() as connection:
            rows = connection.execute(sa.select(schema.alarm).where(schema.alarm.c.id.in_(names))).mappings()
            return [alarm_view(dict(row), self._city) for row in rows]

    def story(self, name: str) -> dict[str, Any] | None:
        """One alarm with its findings, log, warnings with their deliveries, guidance and what is missing."""
        with self._store.read() as connection:
            row = connection.execute(sa.select(schema.alarm).where(schema.alarm.c.id == name)).mappings().first()
            if row is None:
                return None
            plain = dict(row)
            log = _log(connection, name)
            return alarm_view(plain, self._city) | {
                "findings": _findings(connection, name),
                "log": log,
                "warnings": _warnings(connection, name),
                "followed_by": connection.execute(
                    sa.select(schema.alarm.c.id).where(schema.alarm.c.follows == name).limit(1)
                ).scalar(),
                "consequences": _consequences(connection, name, log),
                "silenced_by": held_by(connection, name),
                "guidance": guidance_view(plain, self._city),
                "problems": [
                    text_view(each) for each in self._city.problems(plain["domain"], plain["site"], plain["severity"])
                ],
            }

    def subjects(self, name: str) -> list[str]:
        """What the findings of an alarm are about: series, groups, containers."""
        table = schema.finding.c
        with self._store.read() as connection:
            query = sa.select(table.subject).where(table.alarm_id == name).distinct().order_by(table.subject)
            return list(connection.execute(query).scalars())

    def channels(self, name: str) -> list[str]:
        """The series that the newest finding about a group is about, the weightiest first; none where there is none."""
        table = schema.finding.c
        told = (table.alarm_id == name, table.body.contains('"channels":[{'))
        query = sa.select(table.body).where(*told).order_by(table.time.desc(), table.seq.desc()).limit(1)
        with self._store.read() as connection:
            body = connection.execute(query).scalar()
        return [each["series"] for each in msgspec.json.decode(body)["channels"]] if body else []


def _findings(connection: sa.Connection, name: str) -> list[dict[str, Any]]:
    table = schema.finding.c
    query = sa.select(table.body, table.stored).where(table.alarm_id == name).order_by(table.time, table.id, table.seq)
    found = []
    for body, stored in connection.execute(query):
        view: dict[str, Any] = msgspec.json.decode(body)
        found.append(view | {"value": finite(view.get("value")), "stored": stored})
    return found


def _log(connection: sa.Connection, name: str) -> list[dict[str, Any]]:
    table = schema.alarm_log.c
    query = sa.select(schema.alarm_log).where(table.alarm_id == name).order_by(table.id)
    return [
        {
            "time": row.time,
            "wall": row.wall,
            "action": row.action,
            "who": row.who,
            "note": row.note,
            "rule": row.rule,
            "from": row.from_state,
            "to": row.to_state,
            "severity": row.severity,
        }
        for row in connection.execute(query)
    ]


def _consequences(connection: sa.Connection, name: str, log: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The alarms that this one has hidden, in the order of its log, and whether they are hidden behind it now."""
    names = list(dict.fromkeys(line["note"] for line in log if line["action"] == "consequence-hidden"))
    if not names:
        return []
    alarm = schema.alarm.c
    query = sa.select(alarm.id, alarm.state, alarm.severity, alarm.hidden_by, alarm.text_zh, alarm.text_en)
    rows = {row.id: row for row in connection.execute(query.where(alarm.id.in_(names)))}
    return [
        {
            "id": row.id,
            "state": row.state,
            "severity": row.severity,
            "hidden": row.hidden_by == name and row.state != "normal",
            "text": {"zh": row.text_zh, "en": row.text_en},
        }
        for row in (rows[each] for each in names if each in rows)
    ]


def _warnings(connection: sa.Connection, name: str) -> list[dict[str, Any]]:
    table, sent = schema.warning.c, schema.delivery.c
    warnings: dict[int, dict[str, Any]] = {}
    for row in connection.execute(sa.select(schema.warning).where(table.alarm_id == name).order_by(table.id)):
        statement: dict[str, Any] = msgspec.json.decode(row.statement)
        warnings[row.id] = {
            "id": row.id,
            "identifier": row.identifier,
            "msg_type": row.msg_type,
            "authority": row.authority,
            "authority_title": statement["authority_title"],
            "severity": row.severity,
            "released": row.released,
            "over": statement["over"],
            "headline": statement["headline"],
            "rule": row.rule,
            "rule_text": statement["rule"],
            "deliveries": [],
        }
    owed = sa.select(schema.delivery).where(sent.warning_id.in_(warnings)).order_by(sent.id)
    for row in connection.execute(owed) if warnings else []:
        warnings[row.warning_id]["deliveries"].append(
            {
                "id": row.id,
                "channel": row.channel,
                "recipient": row.recipient,
                "attempts": row.attempts,
                "status": row.status,
                "http_status": row.http_status,
                "error": row.error,
                "latency_ms": row.latency_ms,
                "signed_for_by": row.signed_for_by,
                "signed_for_at": row.signed_for_at,
                "next_try": row.next_try,
            }
        )
    return list(warnings.values())

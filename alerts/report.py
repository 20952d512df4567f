"""The figures of the whole store, for reports and for the wall: what came, what it became, what was told."""

from typing import Any

import sqlalchemy as sa

from alerts import schema
from alerts.latency import Latency
from alerts.store import Store

#: A delivery the recipient has taken; with its signature it is ``signed-for``.
TAKEN = ("delivered", "signed-for")


def report(store: Store) -> dict[str, Any]:
    """``findings`` are distinct ids, ``finding_messages`` all that is stored of them; ``alarms`` go by domain
    and worst severity; ``due`` is every delivery owed, of which ``delivered`` were taken, ``signed_for``
    signed, ``dead`` refused for good; ``latency_ms`` runs from Kafka's stamp of the cause to the store.
    """
    latency = stored_latency(store)
    with store.read() as connection:
        found = schema.finding.c
        findings = connection.execute(sa.select(sa.func.count(found.id.distinct()), sa.func.count())).one()
        return {
            "findings": findings[0],
            "finding_messages": findings[1],
            "alarms": _alarms(connection),
            **deliveries(connection),
            "repeated": 0,
            "out_of_order": 0,
            "refused": 0,
            **tallies(connection),
            "latency_ms": latency.at(50, 95, 99),
        }


def stored_latency(store: Store) -> Latency:
    """The histogram of all findings stored so far."""
    table = schema.finding.c
    taken = (table.stored - table.stamp).label("taken")
    latency = Latency()
    with store.read() as connection:
        query = sa.select(taken, sa.func.count()).where(table.stamp > 0).group_by(taken)
        for milliseconds, times in connection.execute(query):
            latency.record([milliseconds], times)
    return latency


def deliveries(connection: sa.Connection, mine: sa.ColumnElement[bool] | None = None) -> dict[str, int]:
    """How many warnings there are, and of the deliveries they owe how many reached whom how far; ``mine`` leaves
    those of some alarms (a condition on the table ``alarm``).
    """
    sent, said, alarm = schema.delivery, schema.warning, schema.alarm
    of_warnings = sa.select(sa.func.count()).select_from(said)
    of_states = sa.select(sent.c.status, sa.func.count()).select_from(sent).group_by(sent.c.status)
    if mine is not None:
        of_warnings = of_warnings.join(alarm, alarm.c.id == said.c.alarm_id).where(mine)
        joined = sent.join(said, said.c.id == sent.c.warning_id).join(alarm, alarm.c.id == said.c.alarm_id)
        of_states = sa.select(sent.c.status, sa.func.count()).select_from(joined).where(mine).group_by(sent.c.status)
    states = {row[0]: row[1] for row in connection.execute(of_states)}
    return {
        "warnings": connection.execute(of_warnings).scalar_one(),
        "due": sum(states.values()),
        "delivered": sum(states.get(each, 0) for each in TAKEN),
        "signed_for": states.get("signed-for", 0),
        "dead": states.get("dead", 0),
    }


def tallies(connection: sa.Connection) -> dict[str, int]:
    """The counts that outlive a restart."""
    rows = connection.execute(sa.select(schema.tally.c.name, schema.tally.c.count))
    return {row[0]: row[1] for row in rows}


def _alarms(connection: sa.Connection) -> dict[str, dict[str, int]]:
    table = schema.alarm.c
    query = sa.select(table.domain, table.latched_severity, sa.func.count())
    found: dict[str, dict[str, int]] = {}
    for domain, severity, count in connection.execute(query.group_by(table.domain, table.latched_severity)):
        found.setdefault(domain, {})[severity] = count
    return found

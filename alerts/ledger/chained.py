"""Whose lines stand in a table of their own beside the chain, by the kind of their entries: what verification holds
against it. What an entry says and a table does not (a silence's former forms) stands in the chain alone.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accidents.tables import accident_event
from alerts.accounts.tables import audit
from alerts.case_events import case_of, columns_of
from alerts.custody.tables import recall_event
from alerts.declarations.tables import declaration_event
from alerts.kitchens.tables import kitchen_visit
from alerts.ledger.chain import INBOUND, LOG, TRY
from alerts.ledger.tables import delivery_try, inbound
from alerts.promotions.tables import KIND as PROMOTION
from alerts.promotions.tables import promotion
from alerts.safety.tables import safety_record
from alerts.stations.tables import station_entry
from alerts.tickets.tables import ticket_event

Values = dict[str, Any]


class Chained(msgspec.Struct, frozen=True):
    """A table with a column ``entry``. ``entered`` gives from an entry's body what columns must hold; those of
    ``json`` hold JSON as text, and are compared by what it says.
    """

    table: sa.Table
    entered: Callable[[Values], Values]
    json: frozenset[str] = frozenset()

    def held(self, column: str, value: Any) -> Any:
        """What a column holds, to be compared with what was entered. Raises ``msgspec.DecodeError``."""
        return msgspec.json.decode(value) if column in self.json else value


def _plainly(table: sa.Table) -> Chained:
    """The entry's body is the line, column by column; what it has beyond them is about something else."""
    names = frozenset(table.c.keys())
    return Chained(table, lambda body: {name: value for name, value in body.items() if name in names})


def _case(table: sa.Table) -> Chained:
    return Chained(table, partial(columns_of, case=case_of(table)), frozenset({"body"}))


def _record(body: Values) -> Values:
    return {"kind": body["record"], "id": body["id"], "number": body["number"], "body": body["form"]}


def _station(body: Values) -> Values:
    return {"id": body["entry"], "number": body["number"], "body": body["form"]}


def _visit(body: Values) -> Values:
    return dict(body["visit"])


CHAINED: Mapping[str, Chained] = {
    LOG: _plainly(schema.alarm_log),
    TRY: _plainly(delivery_try),
    INBOUND: _plainly(inbound),
    "audit": _plainly(audit),
    PROMOTION: _plainly(promotion),
    "ticket": _case(ticket_event),
    "accident": _case(accident_event),
    "declaration": _case(declaration_event),
    "recall": _case(recall_event),
    "safety": Chained(safety_record, _record, frozenset({"body"})),
    "kitchen": Chained(kitchen_visit, _visit),
    "station": Chained(station_entry, _station, frozenset({"body"})),
}

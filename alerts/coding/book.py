"""What is kept of first-station coding: steps, records of flow, and the faults that follow from them now."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.coding import lives
from alerts.coding.tables import code_fault, code_step, flow_record
from alerts.custody.tables import custody_event
from alerts.store import Store
from records.coding.code_life import Fault
from records.coding.flow import missing_of
from records.coding.steps import steps_of
from records.coding.terms import CodingTerms
from records.custody import facts
from records.registry import Registry
from topics.events import Custody


class Book:
    """``changes`` counts the portions of events since the start."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.changes = 0

    def take(self, events: Sequence[Custody], terms: CodingTerms, registry: Registry) -> None:
        """Keep what these events say and judge again every code they concern. They are in the record of custody
        already; told again they change nothing.
        """
        steps = {(step.event, step.name, step.role): step for event in events for step in steps_of(event, terms)}
        names = {step.name for step in steps.values()}
        flows = []
        for event in events:
            told = facts(event)
            if told.retracts or told.links:
                names |= set(told.seen)
            missing = missing_of(event, terms, registry.site(event.site) is not None)
            if missing is not None:
                row = {"event": event.id, "time": event.time, "site": event.site, "role": terms.role(told.step)}
                flows.append(row | {"missing": ",".join(missing)})
        if not names and not flows:
            return

        def work(connection: sa.Connection) -> None:
            if steps:
                rows = [msgspec.structs.asdict(each) for each in steps.values()]
                connection.execute(self.store.insert_new(code_step), rows)
            if flows:
                connection.execute(self.store.upsert(flow_record), flows)
            self._judge(connection, names, terms)

        self.store.write(work)
        self.changes += 1

    def faults(
        self, since: int, until: int, *, sites: Collection[str] | None = None, kind: str = "", limit: int = 1000
    ) -> list[Fault]:
        """Faults whose step lies in ``[since, until)``, the youngest first."""
        table = code_fault.c
        asked = sa.select(code_fault).where(table.time >= since, table.time < until)
        if kind:
            asked = asked.where(table.kind == kind)
        asked = asked.order_by(table.time.desc(), table.code, table.kind)
        if sites is None:
            asked = asked.limit(limit)
        with self.store.read() as connection:
            rows = connection.execute(asked)
            found = [Fault(**row._mapping) for row in rows if sites is None or row.site in sites]
        return found[:limit]

    def figures(self, since: int, until: int) -> list[dict[str, Any]]:
        """Of each firm's place: how many records of flow in ``[since, until)``, how many well formed, and how often
        each thing was missing.
        """
        table = flow_record.c
        wrong = sa.exists().where(custody_event.c.id == table.event, custody_event.c.retracted)
        asked = (
            sa.select(table.site, table.missing, sa.func.count().label("records"))
            .where(table.time >= since, table.time < until, sa.not_(wrong))
            .group_by(table.site, table.missing)
        )
        found: dict[str, dict[str, Any]] = {}
        with self.store.read() as connection:
            for site, missing, records in connection.execute(asked):
                row = found.setdefault(site, {"site": site, "records": 0, "well_formed": 0, "missing": {}})
                row["records"] += records
                if not missing:
                    row["well_formed"] += records
                for each in missing.split(",") if missing else ():
                    row["missing"][each] = row["missing"].get(each, 0) + records
        for row in found.values():
            row["share"] = row["well_formed"] / row["records"]
        return sorted(found.values(), key=lambda row: (row["share"], row["site"]))

    def _judge(self, connection: sa.Connection, names: Collection[str], terms: CodingTerms) -> None:
        judged = sorted(lives.concerned(connection, names))
        found = {(each.code, each.kind, each.event): each for each in lives.faults(connection, judged, terms)}
        for at in range(0, len(judged), lives.AT_ONCE):
            part = judged[at : at + lives.AT_ONCE]
            connection.execute(sa.delete(code_fault).where(code_fault.c.code.in_(part)))
        if found:
            rows = [msgspec.structs.asdict(each) for each in found.values()]
            connection.execute(self.store.insert_new(code_fault), rows)

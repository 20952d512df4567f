"""Where in the city the things of a path lie: what a route's ``about`` names, as domain and district."""

from collections.abc import Callable

import sqlalchemy as sa

from alerts import schema
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.city import City
from alerts.store import Store

#: Domain and district of the thing with this id; ``None`` where there is no such thing.
Place = tuple[str, str]
FindPlace = Callable[[Store, City, str], "Place | None"]


def place_of_alarm(store: Store, city: City, name: str) -> Place | None:
    """Where an alarm belongs, ``None`` where there is none of this id."""
    return _place(store, city, schema.alarm.c.id == name)


def place_of_delivery(store: Store, city: City, number: str) -> Place | None:
    """Where the alarm of a delivery belongs, ``None`` for what is no number or no delivery."""
    if not number.isdecimal() or len(number) > 18:
        return None
    warned = (
        sa.select(schema.warning.c.alarm_id)
        .join(schema.delivery, schema.delivery.c.warning_id == schema.warning.c.id)
        .where(schema.delivery.c.id == int(number))
        .scalar_subquery()
    )
    return _place(store, city, schema.alarm.c.id == warned)


def place_of_finding(store: Store, city: City, name: str) -> Place | None:
    """Where the alarm that a finding belongs to does, ``None`` where no finding of this id is stored."""
    told = sa.select(schema.finding.c.alarm_id).where(schema.finding.c.id == name).limit(1).scalar_subquery()
    return _place(store, city, schema.alarm.c.id == told)


#: The one table of what an ``about`` may name.
SUBJECTS: dict[str, FindPlace] = {"alarm": place_of_alarm, "delivery": place_of_delivery, "finding": place_of_finding}


def visible_alarms(within: Jurisdiction, city: City) -> sa.ColumnElement[bool]:
    """The condition on rows of the table ``alarm`` that leaves those of a jurisdiction."""
    table = schema.alarm.c
    conditions: list[sa.ColumnElement[bool]] = []
    if within.domains is not None:
        conditions.append(table.domain.in_(sorted(within.domains)))
    if within.districts is not None:
        sites = sorted(site.id for site in city.registry.sites() if within.has_district(site.district))
        conditions.append(table.site.in_(sites))
    return sa.and_(sa.true(), *conditions)


def _place(store: Store, city: City, which: sa.ColumnElement[bool]) -> Place | None:
    with store.read() as connection:
        row = connection.execute(sa.select(schema.alarm.c.domain, schema.alarm.c.site).where(which)).first()
    return None if row is None else (row.domain, city.district(row.site))

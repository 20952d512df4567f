"""The list of declarations, a page at a time: what is overdue first, the longest overdue before, then the youngest."""

from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.alarm_list import cursor_of, read_cursor
from alerts.declarations import tables
from alerts.declarations.views import DeclarationViews

TABLE = tables.declaration.c


class Cut(msgspec.Struct, frozen=True):
    """What is left of all declarations; "" leaves all. ``awaiting`` = those that wait for this authority."""

    state: str = ""
    awaiting: str = ""
    site: str = ""
    overdue: bool = False
    within: Jurisdiction = WHOLE_CITY


class _Place(msgspec.Struct, frozen=True):
    """After which declaration the list goes on. ``as_of`` is the city time (ms UTC) of the first page: what falls due
    while somebody pages stays where it stood.
    """

    as_of: int
    overdue: bool
    moment: int
    number: str


def declaration_page(views: DeclarationViews, cut: Cut, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """``{items, next, count}``: lines, the cursor of the page after these (``None`` = none), and how many there are in
    all. Raises ``ValueError`` for a cursor that is none of ours.
    """
    place = _read(cursor) if cursor else None
    as_of = place.as_of if place is not None else views.city.time
    kept = _conditions(views, cut)
    late = sa.and_(TABLE.due.is_not(None), TABLE.due <= as_of)
    rows: list[_Place] = []
    with views.declarations.store.read() as connection:
        if place is None or place.overdue:
            asked = sa.select(TABLE.due, TABLE.id).where(late, *kept).order_by(TABLE.due, TABLE.id)
            if place is not None:
                asked = asked.where(sa.tuple_(TABLE.due, TABLE.id) > _after(place))
            rows += [_Place(as_of, True, *row) for row in connection.execute(asked.limit(limit + 1))]
        if len(rows) <= limit and not cut.overdue:
            others = sa.or_(TABLE.due.is_(None), TABLE.due > as_of)
            asked = sa.select(TABLE.entered, TABLE.id).where(others, *kept)
            if place is not None and not place.overdue:
                asked = asked.where(sa.tuple_(TABLE.entered, TABLE.id) < _after(place))
            asked = asked.order_by(TABLE.entered.desc(), TABLE.id.desc())
            rows += [_Place(as_of, False, *row) for row in connection.execute(asked.limit(limit + 1 - len(rows)))]
        wanted = [*kept, late] if cut.overdue else kept
        count = connection.execute(sa.select(sa.func.count()).select_from(tables.declaration).where(*wanted))
        total = count.scalar_one()
    shown = rows[:limit]
    items = [views.summary(each.number, views.declarations.declaration(each.number)) for each in shown]
    return {"items": items, "next": _write(shown[-1]) if len(rows) > limit else None, "count": total}


def _conditions(views: DeclarationViews, cut: Cut) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if cut.state:
        found.append(TABLE.state == cut.state)
    if cut.awaiting:
        waits = tables.declaration_awaited.c
        found.append(sa.exists().where(waits.declaration_id == TABLE.id, waits.authority == cut.awaiting))
    if cut.site:
        found.append(TABLE.site == cut.site)
    if not cut.within.whole:
        found.append(TABLE.site.in_(views.sites_within(cut.within)))
    return found


def _after(place: _Place) -> sa.Tuple:
    return sa.tuple_(sa.literal(place.moment), sa.literal(place.number))


def _write(place: _Place) -> str:
    return cursor_of(place.as_of, f"{'overdue' if place.overdue else 'rest'}:{place.moment}:{place.number}")


def _read(cursor: str) -> _Place:
    as_of, rest = read_cursor(cursor)
    part, _, where = rest.partition(":")
    moment, _, number = where.partition(":")
    try:
        return _Place(as_of, {"overdue": True, "rest": False}[part], int(moment), number)
    except (KeyError, ValueError) as error:
        raise ValueError(f'cursor: expected what "next" gave, got {cursor!r}') from error

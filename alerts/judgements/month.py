"""Statistics of one month: transmission effectiveness and online rate by station, the scorecard by district."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.judgements import tables
from alerts.judgements.board import Board, decoded
from alerts.tickets.desk import Tickets
from alerts.tickets.figures import TicketFigures
from records.effectiveness import (
    MINUTES,
    HourHeard,
    effectiveness,
    meanings_of,
    month_bounds,
    offline,
    online_rate,
)
from records.scorecard import Figures, Scored, scorecard
from topics.judgement import Judgement

Rows = list[dict[str, Any]]


class MonthStatistics:
    """Reads the board; ``as_of`` (city time, ms UTC) gives the figures as they were known then."""

    def __init__(self, board: Board, tickets: Tickets) -> None:
        self.board = board
        self.tickets = tickets

    def stations(self, year: int, month: int, as_of: int | None = None, within: Jurisdiction = WHOLE_CITY) -> Rows:
        """A row for each station, by its id: sums over its factors, and the outage of its best-heard factor."""
        start, end = month_bounds(year, month)
        now = as_of or self.board.city.time or end
        rows = []
        for site, heard in sorted(self._heard(start, end, now, within).items()):
            rows.append(self._station(site, heard, now))
        return rows

    def scorecard(self, year: int, month: int, as_of: int | None = None, within: Jurisdiction = WHOLE_CITY) -> Rows:
        """A row for each district, the best first, with the change to the month before."""
        before = (year - (month == 1), (month - 2) % 12 + 1)
        now = self._districts(year, month, as_of, within)
        rows = scorecard(now, self._districts(*before, as_of, within))
        return [_scored(row) for row in rows]

    def _station(self, site: str, heard: Mapping[str, list[HourHeard]], now: int) -> dict[str, Any]:
        known = self.board.city.registry.site(site)
        domain = self.board.city.domains.get(known.domain if known is not None else "")
        facts = domain.facts if domain is not None else {}
        share, meanings = facts.get("validity", {}).get("hour_share", 0.75), meanings_of(facts)
        marks = self.board.marks(site)
        owed = received = valid = 0
        for subject, hours in heard.items():
            _, device, quantity = subject.split("/")
            mine = [mark for mark in marks if mark.concerns(device, quantity)]
            found = effectiveness(hours, mine, meanings, now, share=share)
            owed, received, valid = owed + found.owed, received + found.received, valid + found.valid
        best = _best_heard(heard.values())
        off, drops = offline(best)
        return {
            "site": site,
            "site_title": msgspec.to_builtins(self.board.city.site_title(site)),
            "district": known.district if known is not None else "",
            "owed": owed,
            "received": received,
            "valid": valid,
            "transmission": _percent(received, owed),
            "validity": _percent(valid, received),
            "effectiveness": _percent(valid, owed),
            "hours": len(best),
            "offline_h": round(off, 2),
            "online": online_rate(off, len(best)) if best else None,
            "drop_outs": drops,
        }

    def _heard(self, start: int, end: int, now: int, within: Jurisdiction) -> dict[str, dict[str, list[HourHeard]]]:
        """Hours by site and subject, each in the newest version made by ``now``."""
        table = tables.judgement.c
        asked = (
            sa.select(table.body)
            .where(table.period == "hour", table.start >= start, table.start < end, table.made <= now)
            .order_by(table.key, table.version)
        )
        if not within.whole:
            asked = asked.where(table.site.in_(self.board.visible(within)))
        newest: dict[str, Judgement] = {}
        with self.board.store.read() as connection:
            for body in connection.execute(asked).scalars():
                judgement = decoded(body)
                newest[judgement.key] = judgement
        found: dict[str, dict[str, list[HourHeard]]] = defaultdict(lambda: defaultdict(list))
        for each in newest.values():
            if "heard" in each.helpers:
                hour = HourHeard(each.start, int(each.helpers["heard"]), int(each.helpers["automatic"]))
                found[each.site][each.subject].append(hour)
        return found

    def _districts(self, year: int, month: int, as_of: int | None, within: Jurisdiction) -> dict[str, Figures]:
        start, end = month_bounds(year, month)
        by_district: dict[str, Rows] = defaultdict(list)
        for row in self.stations(year, month, as_of, within):
            by_district[row["district"]].append(row)
        return {district: self._district(rows, district, start, end) for district, rows in sorted(by_district.items())}

    def _district(self, rows: Sequence[dict[str, Any]], district: str, start: int, end: int) -> Figures:
        hours, off = sum(row["hours"] for row in rows), sum(row["offline_h"] for row in rows)
        inside = Jurisdiction(districts=frozenset({district}))
        tickets = TicketFigures(self.tickets)
        return Figures(
            online=online_rate(off, hours) if hours else None,
            effectiveness=_percent(sum(row["valid"] for row in rows), sum(row["owed"] for row in rows)),
            tickets=tickets.counts(inside, start, end)["verified_share"],
            offline_h=round(off, 2),
            drop_outs=sum(row["drop_outs"] for row in rows),
            review_lag_h=tickets.review_lag_h(inside, start, end),
            stations=len(rows),
        )


def _best_heard(factors: Iterable[Sequence[HourHeard]]) -> list[HourHeard]:
    """Hour by hour what was heard of the station at all: of its factors the one most was heard of."""
    best: dict[int, int] = {}
    for hours in factors:
        for hour in hours:
            best[hour.start] = max(best.get(hour.start, 0), hour.heard)
    return [HourHeard(start, min(MINUTES, heard), 0) for start, heard in sorted(best.items())]


def _percent(part: int, whole: int) -> float | None:
    return round(100.0 * part / whole, 2) if whole else None


def _scored(row: Scored) -> dict[str, Any]:
    shown: dict[str, Any] = {"district": row.district, "score": row.score, "rank": row.rank}
    shown |= {"score_change": row.score_change, "rank_change": row.rank_change}
    return shown | {name: getattr(row.figures, name) for name in Figures.__struct_fields__}

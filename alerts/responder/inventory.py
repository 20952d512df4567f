"""What is in a yard: how much, where and whose, now or at any past minute. The page is in yard_page.py."""

import sys
from collections.abc import Set
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response

from alerts.accounts.identity import jurisdiction_of
from alerts.responder.api import Moment, RulesAsOf, local_time, moment
from alerts.responder.cards import ResponderCards
from alerts.responder.inventory_csv import YardTable
from alerts.responder.rules import Grade, Rules
from alerts.responder.yard_conflicts import YardConflicts, yard_conflicts
from alerts.responder.yard_overdue import yard_overdue
from records.stock import Answer, Question, Wanted

#: Boxes of one answer.
MOST = 1_000
PAGE = 200

Word = Annotated[str | None, Query(max_length=120, description="left out = whatever, empty = those not said")]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
Bay = Annotated[int | None, Query(ge=-(10**6), le=10**6, description="of boxes whose place is known")]
Conflicts = Annotated[bool, Query(description="boxes that stand too close to what they must be away from alone")]
Past = Annotated[bool, Query(description="boxes that have stood longer than their class may alone")]
Form = Annotated[Literal["json", "csv"], Query(alias="format", description="csv: all boxes, one row a line of goods")]
Limit = Annotated[int, Query(ge=0, le=MOST, description="boxes named, in the order of their numbers")]


def inventory_routes(cards: ResponderCards) -> APIRouter:
    """``/api/yards/{site}/inventory``."""
    routes = APIRouter(tags=["responder"])

    @routes.get("/api/yards/{site}/inventory", summary="How much is in a yard, where and whose, at any minute")
    def inventory(
        request: Request,
        site: str,
        at: Moment = "",
        un: Word = None,
        hazard_class: Word = None,
        owner: Word = None,
        block: Word = None,
        bay: Bay = None,
        conflicts: Conflicts = False,
        past_limit: Past = False,
        offset: Offset = 0,
        limit: Limit = PAGE,
        rules_as_of: RulesAsOf = "",
        form: Form = "json",
    ) -> Response:
        asked, time = moment(at), cards.standing.known(moment(at))
        there = within_conflicts(cards, request, site, time)
        late = yard_overdue(cards.store, site, time)
        among = picked_out(there.boxes if conflicts else None, late if past_limit else None)
        wanted = Wanted(un, hazard_class, owner, block, bay, among)
        if form == "csv":
            found = cards.standing.ask(site, Question(time, wanted, limit=sys.maxsize, first=there.boxes))
            return _csv(cards, site, found, there, late)
        found = cards.standing.ask(site, Question(time, wanted, offset, limit))
        told = view(cards, site, found, judged(cards, site, found.time, rules_as_of))
        told["not_yet"] = asked if cards.standing.is_ahead(asked) else None
        told["conflicting"] = cards.standing.ask(site, Question(time, Wanted(among=there.boxes))).boxes
        told["past_limit"] = cards.standing.ask(site, Question(time, Wanted(among=late))).boxes
        return Response(msgspec.json.encode(told), media_type="application/json")

    return routes


def _csv(cards: ResponderCards, site: str, answer: Answer, there: YardConflicts, late: Set[str]) -> Response:
    """All boxes asked for, whatever page: a file is kept and must not lack any without a word."""
    time = answer.time if answer.time is not None else cards.city.time
    conflicts = {container: len(each) for container, each in there.of_box.items()}
    table = YardTable(site, cards.city.site_title(site), time, cards.goods(), conflicts, late)
    named = f"yard-{quote(site, safe='')}-{local_time(time).replace(':', '').replace(' ', 'T')}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{named}"', "Cache-Control": "no-store"}
    return Response(table.csv(answer.standing), media_type="text/csv; charset=utf-8", headers=headers)


def picked_out(*each: frozenset[str] | None) -> frozenset[str] | None:
    """The containers that are in all sets asked for (``None`` = not asked for); ``None`` for whatever box."""
    asked = [one for one in each if one is not None]
    return frozenset.intersection(*asked) if asked else None


def within_conflicts(cards: ResponderCards, request: Request, site: str, at: int | None) -> YardConflicts:
    """The conflicts of a yard for whoever asks; 404 for a yard that is not there or not theirs."""
    if not cards.covered(site, jurisdiction_of(request)):
        raise HTTPException(404, f"no yard {site!r}")
    return yard_conflicts(cards.store, site, at)


class Judged(msgspec.Struct, frozen=True):
    """The whole yard, whatever was asked for of it: ``hazard`` by these ``rules``, ``None`` where nobody judges it."""

    rules: Rules
    hazard: Grade | None


def judged(cards: ResponderCards, site: str, at: int | None, rules_as_of: str) -> Judged:
    """By the rules asked for; 422 for what is no day."""
    try:
        day = cards.rules_day(rules_as_of, at)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return Judged(cards.rules(day), cards.grade(site, at, day))


def view(cards: ResponderCards, site: str, answer: Answer, judged: Judged) -> dict[str, Any]:
    """The answer as JSON, with how current it is and by whose rules the yard is judged."""
    found: dict[str, Any] = msgspec.to_builtins(answer)
    current = {
        "behind": cards.standing.behind,
        "read_to": cards.standing.newest or None,
        "later_events": cards.standing.later([site]),
    }
    rules: dict[str, Any] = msgspec.to_builtins(judged)
    return {"site": site} | found | current | rules

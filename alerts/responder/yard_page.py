"""The page of one yard's inventory: how much, where and whose, at any minute, cut by goods, class, owner or block."""

from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Query, Request, Response

from alerts.accounts.identity import jurisdiction_of
from alerts.pages import SECURITY_HEADERS, Pages
from alerts.responder.api import Moment, Name, RulesAsOf, local_time, moment, time_asked
from alerts.responder.cards import ResponderCards
from alerts.responder.inventory import Conflicts, Offset, Past, judged, picked_out, within_conflicts
from alerts.responder.yard_conflicts import YardConflicts, words_of
from alerts.responder.yard_overdue import yard_overdue
from records.box_limits import box_limits
from records.responder_card import place_text
from records.stock import Answer, Question, Wanted
from topics.city_zone import CITY_ZONE

#: Boxes of one page, where each is a card of some 200 px on a phone, and conflicts told of one box.
ROWS = 50
CONFLICTS_TOLD = 3


BayText = Annotated[str, Query(pattern=r"^(-?[0-9]{1,6})?$")]


def mount_yard_page(app: FastAPI, pages: Pages, cards: ResponderCards, zone: ZoneInfo = CITY_ZONE) -> None:
    """Add ``/yard``; without a site it shows the first of the reader's yards."""
    headers = SECURITY_HEADERS | {
        "Content-Security-Policy": SECURITY_HEADERS["Content-Security-Policy"].replace(
            "form-action 'none'", "form-action 'self'"
        ),
        "Cache-Control": "no-store",
    }

    @app.get("/yard", include_in_schema=False)
    def yard(
        request: Request,
        site: Name = "",
        at: Moment = "",
        un: Name = "",
        hazard_class: Name = "",
        owner: Name = "",
        block: Name = "",
        bay: BayText = "",
        conflicts: Conflicts = False,
        past_limit: Past = False,
        offset: Offset = 0,
        rules_as_of: RulesAsOf = "",
    ) -> Response:
        known = cards.listed(jurisdiction_of(request))
        chosen = site or (known[0].site if known else "")
        time = cards.standing.known(moment(at))
        there = within_conflicts(cards, request, chosen, time) if chosen else YardConflicts({})
        late = yard_overdue(cards.store, chosen, time)
        wanted = Wanted(
            un or None, hazard_class or None, owner or None, block or None, int(bay) if bay else None,
            picked_out(there.boxes if conflicts else None, late if past_limit else None),
        )  # fmt: skip
        question = Question(time, wanted, offset, ROWS, first=there.boxes)
        answer = cards.standing.ask(chosen, question) if chosen else None
        response = pages.answer(
            request,
            "yard.html",
            yards=known,
            asked={
                "site": chosen,
                "un": un,
                "hazard_class": hazard_class,
                "owner": owner,
                "block": block,
                "bay": bay,
                "conflicts": "1" if conflicts else "0",
                "past_limit": "1" if past_limit else "0",
            },
            rules_as_of=rules_as_of,
            judged=None if answer is None else judged(cards, chosen, answer.time, rules_as_of),
            at=time_asked(at, zone),
            shown=None if answer is None else _shown(request, cards, chosen, answer, there, late, zone, offset),
            behind=cards.standing.behind,
            later=cards.standing.later([chosen]),
            not_yet=time_asked(at, zone).replace("T", " ") if cards.standing.is_ahead(moment(at)) else "",
        )
        response.headers.update(headers)
        return response


def _shown(
    request: Request,
    cards: ResponderCards,
    site: str,
    answer: Answer,
    there: YardConflicts,
    late: frozenset[str],
    zone: ZoneInfo,
    offset: int,
) -> dict[str, Any]:
    goods, terms = cards.goods(), cards.box_terms(site)
    said = cards.box_findings([site], answer.time)
    limits = {box.container: box_limits(box.goods, goods, terms) for box in answer.standing if terms is not None}
    time = answer.time if answer.time is not None else cards.city.time
    query = request.url.include_query_params
    return {
        "answer": answer,
        "time": local_time(time, zone) if time else "",
        "titles": {un: entry.title for un, entry in goods.items()},
        "said": [(each, local_time(each.since, zone)) for each in said],
        "of_box": {box.container: [each for each in said if each.subject == box.container] for box in answer.standing},
        "limits": limits,
        "conflicting": cards.standing.ask(site, Question(answer.time, Wanted(among=there.boxes))).boxes,
        "late": late,
        "past_limit": cards.standing.ask(site, Question(answer.time, Wanted(among=late))).boxes,
        "conflicts": words_of(cards.store, there, [box.container for box in answer.standing], CONFLICTS_TOLD),
        "first": offset + 1,
        "as_json": _asked_of_api(request),
        "as_csv": _asked_of_api(request, "offset", format="csv"),
        "boxes": [(box, place_text(box.place), local_time(box.since, zone)) for box in answer.standing],
        "before": str(query(offset=max(0, offset - ROWS)).query) if offset else "",
        "after": str(query(offset=offset + ROWS).query) if offset + ROWS < answer.boxes else "",
    }


def _asked_of_api(request: Request, *without: str, **more: str) -> str:
    """The same boxes of the interface: what the form left empty is whatever there, and said empty here."""
    left_out = ("site", "lang", *without)
    asked = [(name, said) for name, said in request.query_params.items() if said and name not in left_out]
    return urlencode([*asked, *more.items()])

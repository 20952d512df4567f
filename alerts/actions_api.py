"""What people do about alarms, over HTTP: one path for each action, the alarm's view as the answer.

A state that does not take the action answers 409 with one sentence; ``GET /api/vocabulary`` says which takes which.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, HTTPException, Path, Query, Request

from alerts.accounts.identity import jurisdiction_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.acting import Said, acting
from alerts.action_bodies import Comment, HandOver, Many, Quieting, Shelving, Verdict
from alerts.alarm_row import storable
from alerts.desk import Desk, Done, MakeAction
from alerts.lifecycle import (
    Acknowledged,
    Closed,
    Commented,
    Confirmed,
    Escalated,
    HandedOver,
    Judged,
    OutOfService,
    Reset,
    ReturnedToService,
    Shelved,
    Suppressed,
    Unshelved,
)
from alerts.queries import Queries
from alerts.refusals import in_language
from alerts.store import Store
from alerts.verdicts import precision, require_reason
from alerts.vocabulary import require_shelving_reason, vocabulary
from topics.reading import EARLIEST_MS, LATEST_MS

AlarmId = Annotated[str, Path(min_length=1, max_length=64)]
Language = Annotated[str | None, Cookie(alias="lang")]

From = Annotated[int | None, Query(alias="from", ge=EARLIEST_MS, le=LATEST_MS)]
To = Annotated[int | None, Query(alias="to", ge=EARLIEST_MS, le=LATEST_MS)]


class Actions:
    """Does an action and answers with the alarm. ``changed`` is called when there may be something new to show."""

    def __init__(self, desk: Desk, queries: Queries, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._queries = queries
        self._changed = changed

    async def on_one(self, alarm: str, make: MakeAction, language: str | None) -> dict[str, Any]:
        """The alarm's view after the action; 404 and 409 as ``HTTPException``."""
        (done,) = await self._do([alarm], make)
        if done.refused is not None:
            raise done.refused
        view = await asyncio.to_thread(self._queries.alarm, alarm) if done.alarm is not None else None
        if view is None:
            raise HTTPException(404, f"no alarm {alarm!r}")
        return view

    async def on_many(
        self, alarms: Sequence[str], make: MakeAction, language: str | None, within: Jurisdiction
    ) -> dict[str, Any]:
        """What came of each, in the order asked: ``{items: [{id, ok, error, alarm}]}``. What lies outside the
        caller's jurisdiction is answered as if it were not there.
        """
        asked = list(dict.fromkeys(alarms))
        if not within.whole:
            asked_views = await asyncio.to_thread(self._queries.by_id, asked)
            mine = {view["id"] for view in asked_views if within.covers(view["domain"], view["district"])}
        else:
            mine = set(asked)
        acted = {each.id: each for each in await self._do([name for name in asked if name in mine], make)}
        done = [acted.get(name) or Done(name, None, None) for name in asked]
        known = [each.id for each in done if each.alarm is not None]
        views = {view["id"]: view for view in await asyncio.to_thread(self._queries.by_id, known)}
        return {"items": [_outcome(each, views.get(each.id), language) for each in done]}

    async def _do(self, alarms: Sequence[str], make: MakeAction) -> list[Done]:
        done = await asyncio.to_thread(self._desk.act_on_all, alarms, make)
        if any(each.alarm is not None and each.refused is None for each in done):
            self._changed()
        return done


def _outcome(done: Done, view: dict[str, Any] | None, language: str | None) -> dict[str, Any]:
    error = None
    if done.refused is not None:
        error = in_language(language, done.refused.text)
    elif done.alarm is None:
        error = f"no alarm {done.id!r}"
    return {"id": done.id, "ok": error is None, "error": error, "alarm": view}


def action_routes(desk: Desk, queries: Queries, changed: Callable[[], None]) -> APIRouter:
    """Everything under ``/api/alarms`` that changes an alarm."""
    routes = APIRouter(prefix="/api/alarms")
    actions = Actions(desk, queries, changed)
    _answering(routes, actions)
    _quieting(routes, actions)
    _passing_on(routes, actions)
    return routes


def word_routes(store: Store) -> APIRouter:
    """The words of the interface, and what people said of each detector's alarms."""
    routes = APIRouter()

    @routes.get("/api/vocabulary")
    def words() -> dict[str, Any]:
        return vocabulary()

    @routes.get("/api/verdicts")
    def verdicts(since: From = None, until: To = None) -> dict[str, Any]:
        """Of alarms that opened in this span, per detector."""
        return {"items": precision(store, since, until)}

    return routes


def _answering(routes: APIRouter, actions: Actions) -> None:
    @routes.post("/acknowledge")
    async def acknowledge_many(said: Many, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        within = jurisdiction_of(request)
        return await actions.on_many(said.ids, lambda _, now: Acknowledged(now, who, note), lang, within)

    @routes.post("/{alarm}/acknowledge")
    async def acknowledge(alarm: AlarmId, said: Said, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return await actions.on_one(alarm, lambda _, now: Acknowledged(now, who, note), lang)

    @routes.post("/{alarm}/confirm")
    async def confirm(alarm: AlarmId, said: Said, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return await actions.on_one(alarm, lambda _, now: Confirmed(now, who, note), lang)

    @routes.post("/{alarm}/reset")
    async def reset(alarm: AlarmId, said: Said, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return await actions.on_one(alarm, lambda _, now: Reset(now, who, note), lang)

    @routes.post("/{alarm}/comment")
    async def comment(alarm: AlarmId, said: Comment, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return await actions.on_one(alarm, lambda _, now: Commented(now, who, note), lang)

    @routes.post("/{alarm}/verdict")
    async def verdict(alarm: AlarmId, said: Verdict, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _judging(request, said)
        return await actions.on_one(alarm, lambda _, now: Judged(now, who, note, said.verdict), lang)

    @routes.post("/{alarm}/close")
    async def close(alarm: AlarmId, said: Verdict, request: Request, lang: Language = None) -> dict[str, Any]:
        """Of an alarm that is closed already, this says what it was."""
        who, note = _judging(request, said)
        return await actions.on_one(
            alarm,
            lambda life, now: (
                Closed(now, who, note, said.verdict) if life.closed is None else Judged(now, who, note, said.verdict)
            ),
            lang,
        )


def _quieting(routes: APIRouter, actions: Actions) -> None:
    @routes.post("/{alarm}/shelve")
    async def shelve(alarm: AlarmId, said: Shelving, request: Request, lang: Language = None) -> dict[str, Any]:
        """One-shot shelving ends at the longest shelving allowed too: nothing stays shelved for ever."""
        who, note = _quieted(request, said, said.reason)
        return await actions.on_one(
            alarm,
            lambda life, now: Shelved(
                now,
                who,
                note,
                now + round(1000 * (life.handling.shelve_max_s if said.seconds is None else said.seconds)),
                said.reason,
                said.one_shot,
            ),
            lang,
        )

    @routes.post("/{alarm}/unshelve")
    async def unshelve(alarm: AlarmId, said: Said, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return await actions.on_one(alarm, lambda _, now: Unshelved(now, who, note), lang)

    @routes.post("/{alarm}/suppress")
    async def suppress(alarm: AlarmId, said: Quieting, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _quieted(request, said, said.reason)
        return await actions.on_one(alarm, lambda _, now: Suppressed(now, who, note, reason=said.reason), lang)

    @routes.post("/{alarm}/out-of-service")
    async def out_of_service(alarm: AlarmId, said: Quieting, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _quieted(request, said, said.reason)
        return await actions.on_one(alarm, lambda _, now: OutOfService(now, who, note, said.reason), lang)

    @routes.post("/{alarm}/return-to-service")
    async def return_to_service(alarm: AlarmId, said: Said, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return await actions.on_one(alarm, lambda _, now: ReturnedToService(now, who, note), lang)


def _passing_on(routes: APIRouter, actions: Actions) -> None:
    @routes.post("/{alarm}/escalate")
    async def escalate(alarm: AlarmId, said: Said, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return await actions.on_one(alarm, lambda life, now: Escalated(now, who, note, to=life.next_step or ""), lang)

    @routes.post("/{alarm}/hand-over")
    async def hand_over(alarm: AlarmId, said: HandOver, request: Request, lang: Language = None) -> dict[str, Any]:
        who, note = _spoken(request, said)
        to = storable(said.to.strip())
        return await actions.on_one(alarm, lambda _, now: HandedOver(now, who, note, to), lang)


def _spoken(request: Request, said: Said) -> tuple[str, str]:
    return acting(request, said.who), storable(said.note)


def _judging(request: Request, said: Verdict) -> tuple[str, str]:
    try:
        require_reason(said.verdict, said.note)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return _spoken(request, said)


def _quieted(request: Request, said: Said, reason: str) -> tuple[str, str]:
    try:
        require_shelving_reason(reason, said.note)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return _spoken(request, said)

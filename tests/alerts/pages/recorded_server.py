"""A stand-in for the alert server: recorded answers of the contract's shapes, and a stream the test speaks on.

The pages are tested against it because a test must be able to cut the line, refuse an
acknowledgement or raise a severity at will; ``test_real_server.py`` joins them to the real one.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from alerts.pages import mount_pages
from alerts.stream_events import opening
from alerts.vocabulary import taken_by, vocabulary

LOOK_S = 0.05
BEAT = 20
HANG_S = 20.0
FOLDER = Path(__file__).parent / "recorded"
Json = dict[str, Any]


def recorded(name: str) -> Any:
    """The recorded answer of this name."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


class RecordedCity:
    """The state behind the answers; ``say`` puts a message on every open stream and remembers it for resume."""

    def __init__(self) -> None:
        self.wall: Json = recorded("wall")
        self.alarms: dict[str, Json] = {each["id"]: each for each in recorded("alarms")["items"]}
        self.story: Json = recorded("story")
        self.sites: Json = recorded("sites")
        self.readings: Json = recorded("readings")
        self.silences: Json = recorded("silences")
        self.deliveries: Json = recorded("deliveries")
        self.desk_figures: Json = recorded("desk_figures")
        #: What was asked of alarms: (action, id, body).
        self.asked: list[tuple[str, str, Json]] = []
        #: What the next action is answered with instead of being taken: (status, body).
        self.refusal: tuple[int, Json] | None = None
        self.asked_since: list[str | None] = []
        #: Cleared, the server accepts connections and says nothing, as one that hangs.
        self.awake = threading.Event()
        self.awake.set()
        self._sent: list[tuple[str, Json]] = []
        self._changed = threading.Condition()

    def say(self, event: str, body: Json) -> None:
        with self._changed:
            self._sent.append((event, deepcopy(body)))

    def put(self, alarm: Json) -> None:
        """Store an alarm and tell every page."""
        self.alarms[alarm["id"]] = alarm
        self.say("alarm", alarm)

    def change(self, alarm: str, **fields: object) -> Json:
        """Change an alarm, move its ``updated`` on, and tell every page."""
        changed: Json = {**self.alarms[alarm], **fields}
        changed["updated"] = max(changed["updated"], self.wall["city_time"]) + 1
        self.put(changed)
        return changed

    def sent_after(self, place: int) -> list[tuple[int, str, Json]]:
        with self._changed:
            return [(at + 1, event, body) for at, (event, body) in enumerate(self._sent) if at >= place]

    @property
    def last(self) -> int:
        return len(self._sent)


def recorded_app(city: RecordedCity) -> FastAPI:
    """The API of the contract over ``city``, with the real pages mounted."""
    app = FastAPI()

    @app.get("/api/wall")
    def wall() -> Json:
        city.awake.wait(HANG_S)
        return city.wall

    @app.get("/api/sites")
    def sites() -> Json:
        return city.sites

    @app.get("/api/alarms")
    def alarms(state: str = "all", domain: str = "", severity: str = "") -> Json:
        items = [
            each
            for each in city.alarms.values()
            if state in ("all", "closed" if each["state"] == "normal" else "open")
            and domain in ("", each["domain"])
            and severity in ("", each["severity"])
        ]
        return {"items": items, "next": None}

    @app.get("/api/alarms/{alarm}")
    def story(alarm: str) -> Response:
        if alarm not in city.alarms:
            return JSONResponse({"error": f"no alarm {alarm}"}, 404)
        return JSONResponse({**city.story, **city.alarms[alarm]})

    @app.get("/api/alarms/{alarm}/readings")
    def readings(alarm: str) -> Json:
        return city.readings

    @app.get("/api/alarms/{alarm}/silences")
    def silences(alarm: str) -> Json:
        return city.silences

    @app.get("/api/deliveries/{delivery}")
    def delivery(delivery: str) -> Json:
        found: Json = city.deliveries[delivery]
        return found

    @app.get("/api/desk-figures")
    def desk_figures(desk: str) -> Json:
        return {**city.desk_figures, "desk": desk}

    @app.get("/api/vocabulary")
    def words() -> Json:
        return vocabulary()

    @app.post("/api/alarms/acknowledge")
    async def acknowledge_many(request: Request) -> Response:
        given = await request.json()
        items = [
            {"id": each, "ok": True, "error": None, "alarm": do(city, "acknowledge", each, given)}
            for each in given["ids"]
        ]
        return JSONResponse({"items": items})

    @app.post("/api/alarms/{alarm}/{action}")
    async def act(alarm: str, action: str, request: Request) -> Response:
        if city.refusal is not None:
            status, body = city.refusal
            return JSONResponse(body, status)
        return JSONResponse(do(city, action, alarm, await request.json()))

    @app.get("/api/stream")
    def stream(request: Request) -> Response:
        since = request.headers.get("last-event-id")
        city.asked_since.append(since)
        start = int(since) if since else city.last
        return StreamingResponse(follow(city, start), media_type="text/event-stream")

    mount_pages(app)
    return app


#: The state an action leads to here; what is not named keeps its state. The real ones: tests/alerts/lifecycle/
LEADS_TO = {"acknowledge": "acknowledged", "shelve": "shelved", "unshelve": "unacknowledged", "close": "normal"}


def do(city: RecordedCity, action: str, alarm: str, given: Json) -> Json:
    """Take an action as it comes, keep what was asked, and tell every page."""
    city.asked.append((action, alarm, given))
    now = city.wall["city_time"]
    fields: Json = {"state": LEADS_TO.get(action, city.alarms[alarm]["state"])}
    if action == "acknowledge":
        fields |= {"acknowledged_by": given["who"], "acknowledged_at": now, "note": given.get("note", "")}
    elif action == "shelve":
        fields |= {"shelved_until": now + 1000 * int(given.get("seconds", 0)), "shelved_by": given["who"]}
    elif action == "close":
        fields |= {"closed": now, "verdict": given["verdict"]}
    phase = "closed" if fields["state"] == "normal" else fields["state"]
    return city.change(alarm, **fields, allowed=taken_by(phase))


async def follow(city: RecordedCity, place: int) -> AsyncIterator[str]:
    """The stream from ``place`` on; the wall once a second keeps the pages' line alive."""
    yield opening(place).decode()
    yield f"event: wall\ndata: {json.dumps(city.wall)}\n\n"
    beat = 0
    while True:
        for number, event, body in city.sent_after(place):
            place = number
            yield f"id: {number}\nevent: {event}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"
        await asyncio.sleep(LOOK_S)
        beat += 1
        if beat % BEAT == 0 and city.awake.is_set():
            yield f"event: wall\ndata: {json.dumps(city.wall)}\n\n"

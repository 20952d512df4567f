"""Role by act, jurisdiction by place, and what goes on record of both."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from alerts.accidents.desk import Accidents
from alerts.accounts import gate
from alerts.accounts.acts import PERMISSIONS, ROLES, Role
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.accounts.route_acts import ROUTES, Routes, Row
from alerts.carriage.book import CarriageBook
from alerts.coding.desk import Coding
from alerts.custody.record import CustodyRecord
from alerts.declarations.desk import Declarations
from alerts.desk import Desk
from alerts.judgements.board import Board
from alerts.kitchens.desk import Kitchens
from alerts.ledger.tables import ledger
from alerts.safety.watch import Watch
from alerts.stations.log import StationLog
from alerts.tickets.desk import Tickets
from records.accident_events import Opened
from streams.declaring import DeclarationRules
from tests.alerts.accounts.conftest import Door
from tests.alerts.city_parts import SITE, T0, House, domain, finding
from tests.alerts.declarations.parts import FACTS as DECLARATION_FACTS
from tests.alerts.declarations.parts import form
from tests.alerts.judgements.parts import DAY, DAY0, judgement
from tests.alerts.safety.planted import FACTS, SEED, plant_safety
from tests.records.kitchens.test_kitchens import FACTS as KITCHEN_FACTS
from topics.events import Custody
from topics.kitchen_events import KitchenSight
from topics.mark import Mark
from topics.positions import Position
from topics.station_entry import StationEntry

#: Parts of the city that are not told in one answer: test_stream.py holds the stream to them.
CARDS = ("/api/responder-card", "/responder-card")
#: The last two say to whom they are cut, so they differ for those who see the same.
SEEN_ELSEWHERE = ("/api/stream", "/api/yards", "/yard", *CARDS)
RESTRICTED = [row for row in ROUTES if row.act in PERMISSIONS and row.path.startswith("/api/")]


def path_of(row: Row) -> str:
    """A path of the row that names nothing there is."""
    parts = [("7" if each.startswith("{") else each) for each in row.path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_is_let_through_to_its_acts_and_to_no_other(door: Door, role: Role) -> None:
    """Every restricted route: 403 exactly where the table of permissions says no."""
    door.add("wang", role)
    door.add("zhao", "administrator")
    client = await door.signed_in("wang")
    for row in RESTRICTED:
        if row.path == "/api/stream":
            continue  # never ends; see test_a_stream_ends_with_its_session
        answer = await client.request(row.method, path_of(row), json={} if row.method != "GET" else None)
        refused = answer.status_code == 403
        assert refused == (role not in PERMISSIONS[row.act]), (row, answer.status_code, answer.text)


async def test_who_acts_is_who_is_signed_in_whatever_the_body_says(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    client = await door.signed_in("wang")
    done = await client.post(f"/api/alarms/{alarm}/acknowledge", json={"who": "somebody else", "note": "已派人"})
    assert done.status_code == 200, done.text
    assert done.json()["acknowledged_by"] == "Wang"


@pytest.fixture
async def limited(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in as somebody who may do everything, in another district only."""
    door.add("li", *ROLES, within=Jurisdiction(districts=frozenset({"120101"})))
    client = await door.signed_in("li")
    yield client
    await client.aclose()


async def test_what_lies_outside_is_answered_as_if_it_were_not_there(door: Door, limited: httpx.AsyncClient) -> None:
    (alarm,) = door.house.take(finding())
    for method, path in (
        ("GET", f"/api/alarms/{alarm}"), ("GET", f"/api/alarms/{alarm}/readings"),
        ("POST", f"/api/alarms/{alarm}/acknowledge"), ("POST", "/api/deliveries/1/retry"),
    ):  # fmt: skip
        there = await limited.request(method, path, json={})
        nowhere = await limited.request(method, path.replace(alarm, "none").replace("/1/", "/99/"), json={})
        assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text) == (404, nowhere.text)
    assert door.house.rows("SELECT count(*) FROM alarm_log WHERE action = 'acknowledged'") == [(0,)]
    denied = [line for line in door.record() if line[2] == "denied"]
    assert {line[4] for line in denied} == {"outside-jurisdiction"} and len(denied) == 8


LISTS = [
    row
    for row in ROUTES
    if row.reach == "part" and row.method == "GET" and "{" not in row.path and row.path not in SEEN_ELSEWHERE
]


#: What a list must be asked for before it answers.
ASKED = {
    "/api/judgements/versions": {"key": judgement().key},
    "/api/judgements/evidence": {"key": judgement().key},
    "/api/effectiveness": {"month": "2026-05"},
    "/api/scorecard": {"month": "2026-05"},
    "/api/marks": {"site": "tank-farm-1"},
    "/api/station-log": {"site": "tank-farm-1"},
    "/api/safety-figures": {"period": "2015-08"},
}
FOOD_FACTS = {"coding": {"source": "test", "confirmed": True}, "kitchens": KITCHEN_FACTS}
SIGNS = (
    "tank-farm-1",
    '"red":1',
    "fire-brigade",
    f'"district":"{SITE.district}"',
    '"issued":1',
    '"declarations":1',
    f'"seed":{SEED}',
)


def plant(house: House) -> None:
    """An alarm, a judged day, its ticket, a mark and the records of safety work, and an accident, all of one site."""
    house.take(finding(severity="red"))
    board = Board(house.store, house.city, house.clock)
    heard = {"heard": 60.0, "automatic": 60.0}
    board.take([judgement(), judgement("no-limit", period="hour", helpers=heard)])
    board.enter(Mark("m1", "tank-farm-1", "plant", "stopped", DAY0, DAY0 + DAY, DAY0 + DAY))
    StationLog(house.store).enter(StationEntry("n1", SITE.id, "maintenance", DAY0, DAY0, work="repair"), 0)
    house.city.tick(DAY0 + 2 * DAY)
    house.city.put(domain(facts=FACTS | DECLARATION_FACTS | FOOD_FACTS, events=True))
    Tickets(house.store, house.city, house.clock).judged([judgement()])
    plant_safety(house)
    sold = Custody("s1", SITE.id, DAY0 + DAY, {"type": "ObjectEvent", "bizStep": "retail_selling", "epcList": ["x"]})
    CustodyRecord(house.store).take([sold])
    Coding(house.store, house.city, Watch(house.store)).take([sold])
    seen = KitchenSight("v1", SITE.id, house.city.time - 60_000, "c1", "no_gloves")
    tickets = Tickets(house.store, house.city, house.clock)
    Kitchens(house.store, house.city, tickets, Watch(house.store), house.clock).book.take([seen])
    seen_at = Position("truck-1", house.city.time - 60_000, SITE.lat, SITE.lon, SITE.id, SITE.domain)
    CarriageBook(house.store).take([seen_at])
    declared = form(site=SITE.id, operation=house.city.time + 3 * DAY)
    Declarations(house.store, house.city, house.clock, DeclarationRules()).enter(declared, "Li")
    opened = Opened(T0, "Wu", T0, T0, "safety", "fall", "fall", SITE.firm, SITE.district, site=SITE.id)
    Accidents(house.store, house.city, house.clock).open(opened)


async def test_lists_leave_what_lies_within(door: Door) -> None:
    """The planted site is named in what the whole city sees, and nowhere in what another district sees: every list."""
    plant(door.house)
    door.add("zhao", *ROLES)
    door.add("near", *ROLES, within=Jurisdiction(districts=frozenset({SITE.district})))
    door.add("far", *ROLES, within=Jurisdiction(districts=frozenset({"120101"})))
    door.add("other", *ROLES, within=Jurisdiction(domains=frozenset({"port"})))
    clients = {name: await door.signed_in(name) for name in ("zhao", "near", "far", "other")}
    wrong = {}
    for row in LISTS:
        seen = {name: await client.get(row.path, params=ASKED.get(row.path)) for name, client in clients.items()}
        if problems := list(_leaks(row, seen)):
            wrong[row.path] = problems
    assert wrong == {}


def _leaks(row: Row, seen: dict[str, httpx.Response]) -> Iterator[str]:
    """What is wrong with what each of the four sees of a list."""
    if any(seen[name].status_code != 200 for name in ("zhao", "near")):
        yield f"not answered: {seen['zhao'].text} {seen['near'].text}"
    elif not row.path.endswith("/evidence"):  # a sealed file, which names the moment it was made
        if seen["zhao"].text != seen["near"].text:
            yield f"one district's officer sees {seen['near'].text}, the whole city's {seen['zhao'].text}"
        if not any(sign in seen["zhao"].text for sign in SIGNS):
            yield f"nothing of what was planted is in {seen['zhao'].text}"
    for name in ("far", "other"):
        if seen[name].status_code != 404 and any(sign in seen[name].text for sign in SIGNS):
            yield f"{name} sees {seen[name].text}"


@pytest.mark.parametrize("path", CARDS)
async def test_a_card_shows_only_what_lies_within(door: Door, path: str) -> None:
    point = {"lat": SITE.lat, "lon": SITE.lon}
    seen = {}
    for name, districts in (("whole", None), ("near", {SITE.district}), ("far", {"120101"})):
        within = Jurisdiction(districts=frozenset(districts)) if districts else WHOLE_CITY
        door.add(name, *ROLES, within=within)
        seen[name] = (await (await door.signed_in(name)).get(path, params=point)).text
    assert [SITE.id in seen[name] for name in ("whole", "near", "far")] == [True, True, False]


async def test_many_at_once_are_acted_on_only_within(door: Door, limited: httpx.AsyncClient) -> None:
    (alarm,) = door.house.take(finding())
    answer = await limited.post("/api/alarms/acknowledge", json={"ids": [alarm, "none"]})
    there, nowhere = answer.json()["items"]
    assert (there["ok"], there["alarm"]) == (nowhere["ok"], nowhere["alarm"]) == (False, None)
    assert there["error"].replace(alarm, "none") == nowhere["error"]
    assert door.house.rows("SELECT count(*) FROM alarm_log WHERE action = 'acknowledged'") == [(0,)]


async def test_what_is_about_the_whole_city_is_for_those_who_see_it(limited: httpx.AsyncClient) -> None:
    for row in ROUTES:
        if row.reach == "whole":
            answer = await limited.request(row.method, path_of(row), json=None if row.method == "GET" else {})
            assert answer.status_code == 403, row


async def test_every_denied_and_every_done_act_is_on_record_and_in_the_chain(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    async with door.client("10.0.0.9") as nobody:
        await nobody.get("/api/alarms")
    client = await door.signed_in("wang", address="10.0.0.7")
    await client.get("/api/alarms")
    await client.get("/api/audit")
    await client.post(f"/api/alarms/{alarm}/acknowledge", json={})
    await client.post(f"/api/alarms/{alarm}/acknowledge", json={})
    await client.delete("/api/session")
    assert door.record() == [
        ("", "see", "denied", 401, "not-signed-in"),
        ("wang", "sign-in", "done", 200, ""),
        ("wang", "see-audit", "denied", 403, "no-permission"),
        ("wang", "acknowledge", "done", 200, ""),
        ("wang", "acknowledge", "refused", 409, ""),
        ("wang", "sign-out", "done", 204, ""),
    ]
    line = door.access.audit.listed(1, act="acknowledge", outcome="done")["items"][0]
    assert (line["target"], line["address"], line["means"]) == (
        f"POST /api/alarms/{alarm}/acknowledge", "10.0.0.7", "session",
    )  # fmt: skip
    assert (line["wall"], line["account_id"]) == (door.clock.now_ms, 1)
    with door.access.store.read() as connection:
        chained = connection.execute(ledger.select().where(ledger.c.sequence == line["entry"])).mappings().one()
    assert chained["kind"] == "audit" and '"who":"wang"' in chained["body"]


async def test_the_record_is_paged_and_only_for_administrators(door: Door) -> None:
    door.add("zhao", "administrator")
    client = await door.signed_in("zhao")
    for _ in range(5):
        await client.get("/api/accounts")
    seen: list[int] = []
    before: int | None = None
    while True:
        page = (await client.get("/api/audit", params={"limit": 2} | ({"before": before} if before else {}))).json()
        seen += [item["id"] for item in page["items"]]
        if (before := page["next"]) is None:
            break
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == len(seen) >= 6


async def test_an_act_that_breaks_the_server_is_on_record_as_failed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    client = await door.signed_in("wang")
    monkeypatch.setattr(Desk, "act_on_all", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await client.post(f"/api/alarms/{alarm}/acknowledge", json={})
    assert door.record()[-1][:4] == ("wang", "acknowledge", "failed", 500)


async def test_a_flood_of_denials_is_counted_instead_of_listed(door: Door) -> None:
    door.add("wang", "operator")
    async with door.client("10.0.0.66") as nobody:
        for _ in range(40):
            await nobody.get("/api/alarms")
        assert len(door.record()) == 30
        door.clock.now_ms += 60_000
        await nobody.get("/api/alarms")
    assert door.record()[-1][4] == "not-signed-in; 10 more of this address were not listed"


async def test_a_stream_ends_with_its_session(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "LOOK_AGAIN_S", 0.0)
    door.add("wang", "viewer")
    client = await door.signed_in("wang")
    session = next(each["id"] for each in door.access.credentials.listed(1))
    sent: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """A stream that would never end by itself."""
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while (await receive())["type"] != "http.disconnect":
            sent.append("wall")
            await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
            if len(sent) == 3:
                door.access.credentials.revoke(session)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    guarded = gate.Gate(app, door.access, door.house.city, Routes())
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    bodies: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        bodies.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/api/stream", "query_string": b"", "scheme": "http",
        "client": ("127.0.0.1", 1), "headers": [(b"cookie", cookie.encode()), (b"host", b"127.0.0.1")],
    }  # fmt: skip
    await guarded(scope, receive, send)
    assert [each.get("more_body") for each in bodies] == [None, True, True, True, False]

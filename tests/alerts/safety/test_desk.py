"""Safety work at the desk: forms over HTTP, plans with visits, dangers as tickets, findings that become alarms."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from alerts.accounts.identity import DESK, PLACE
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.errors_api import word_errors
from alerts.safety.api import safety_routes
from alerts.safety.book import Book
from alerts.safety.desk import SafetyDesk
from alerts.safety.watch import Watch
from alerts.tickets.api import ticket_routes
from alerts.tickets.desk import Tickets
from records.history import ListHistory
from records.registry import Device, SeriesMeta, registry_of
from records.safety.days import DAY_MS, HOUR_MS, MINUTE_MS
from records.safety.episodes import messages
from records.safety.forms import Danger, Guarantor, StaticGrade, Visit
from records.safety.standing import Standing
from tests.alerts.city_parts import House, domain, finding
from tests.alerts.tickets.test_desk import CLOCKS
from tests.records.safety.parts import DAY, TABLE, TEN, commitment, permit, site
from topics.finding import Finding, Text
from topics.reading import Reading
from topics.safety_events import Commitment, WorkPermit

UNIT = {"about": {"site": "p1", "people": 10, "source": "test", "confirmed": True}}
FACTS: dict[str, Any] = {
    "safety_work": TABLE,
    "hazard": {"critical": {}, "units": {"tank-farm": UNIT}},
    "ticket_terms": {"danger-general": CLOCKS, "danger-major": CLOCKS},
}
SITES = [site(f"p{n}", district="120116" if n < 4 else "120101") for n in range(1, 7)]
FLOW = Device(id="F1", site="p1", kind="meter", quantities={"flow": SeriesMeta(unit="m3/h")})


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    made.city.put(domain(facts=FACTS, events=True))
    made.city.registry = registry_of([*SITES, FLOW])
    made.city.tick(TEN - HOUR_MS)
    yield made
    made.store.close()


@pytest.fixture
def history() -> ListHistory:
    return ListHistory()


@pytest.fixture
def desk(house: House, history: ListHistory) -> SafetyDesk:
    return SafetyDesk(house.store, house.city, Tickets(house.store, house.city, house.clock), house.clock, history)


def client_of(desk: SafetyDesk) -> httpx.AsyncClient:
    """The routes of safety work and of tickets alone, as the open desk sees them (the gate: accounts/test_gate.py)."""
    app = FastAPI()
    word_errors(app)
    app.include_router(safety_routes(desk))
    app.include_router(ticket_routes(desk.tickets))

    async def at_the_desk(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, PLACE: DESK}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(at_the_desk), base_url="http://127.0.0.1")


def tell(house: House, desk: SafetyDesk) -> list[str]:
    """What the server's teller does, straight into the intake; gives rule and phase of each message."""
    said = []
    for name, body, findings in desk.watch.untold():
        house.take(*findings)
        desk.watch.told(name, body)
        said += [f"{each.detector} {each.site} {each.phase}" for each in findings]
    return said


async def test_g15_a_missing_commitment_is_an_alarm_that_a_late_one_closes(house: House, desk: SafetyDesk) -> None:
    async with client_of(desk) as client:
        for each in SITES[1:]:
            said = {"site": each.id, "day": DAY, "by": "厂长", "units": 2, "running": 2}
            assert (await client.post("/api/safety/commitments", json=said)).json()["new"] is True
        house.city.tick(TEN + 4000)
        desk.on_time()
        assert [each for each in tell(house, desk) if "commit" in each] == ["commitment-missing p1 open"]
        assert tell(house, desk) == []
        (alarm,) = house.rows("SELECT opened, closed, family, site FROM alarm WHERE family = 'commitment'")
        assert alarm == (TEN, None, "commitment", "p1")
        rows = (await client.get(f"/api/safety/commitments?day={DAY}")).json()["items"]
        assert [each["state"] for each in rows] == ["missing"] + ["given"] * 5
        house.city.tick(TEN + 30 * MINUTE_MS)
        assert (await client.post("/api/safety/commitments", json=said | {"site": "p1"})).status_code == 200
        desk.on_time()
        assert tell(house, desk) == ["commitment-missing p1 close"]
        rows = (await client.get("/api/safety/commitments")).json()["items"]
        assert (rows[0]["state"], rows[0]["delay_ms"]) == ("late", 30 * MINUTE_MS)
        found = next(
            f for f in (await client.get("/api/safety/findings")).json()["items"] if f["quantity"] == "commitment"
        )
        assert found["closed"] == TEN + 30 * MINUTE_MS and "0:30" in found["text"]["zh"]
        wrong = await client.post("/api/safety/commitments", json={"site": "p1", "day": "tomorrow", "by": "x"})
        assert wrong.status_code == 422 and "$.day" in wrong.json()["error"]


def test_g16_the_meter_of_a_firm_that_says_it_stands_still(
    house: House, desk: SafetyDesk, history: ListHistory
) -> None:
    desk.book.take([commitment(each.id, running=0, stopped=2) for each in SITES[:2]])
    for minute in range(0, 11):
        history.add(Reading("p1/F1/flow/Rtd", TEN + minute * MINUTE_MS, 12.5 if minute > 3 else 0.0))
    house.city.tick(TEN + 8 * MINUTE_MS)
    desk.on_time()
    assert not [each for each in tell(house, desk) if "running" in each], "four minutes are no run yet"
    house.city.tick(TEN + 12 * MINUTE_MS)
    desk.on_time()
    assert "commitment-running p1 open" in tell(house, desk)
    found = next(each for each in desk.watch.findings(None, ["commitment-running"], 9))
    assert found.opened == TEN + 4 * MINUTE_MS and found.facts["series"] == "p1/F1/flow/Rtd"
    assert "12.5 m3/h" in found.text.en


def test_forms_that_come_again_or_late_change_nothing(house: House, desk: SafetyDesk) -> None:
    first, second = permit(1, time=TEN), permit(1, time=TEN + 1, cancelled=True)
    assert desk.book.take([first, second], "t", 2, 7) == 2
    assert desk.book.take([first, second], "t", 2, 7) == 0 and desk.book.next_offset("t", 2) == 7
    late = permit(1, time=TEN - 1, place="old")
    assert desk.book.take([late]) == 1
    held = desk.book.one(WorkPermit, "p1|DH-001")
    assert held == second and desk.book.forms(WorkPermit, "p1|DH-001") == [late, first, second]
    assert house.rows("SELECT count(*), count(DISTINCT entry) FROM safety_record") == [(3, 3)]


def test_a_new_process_says_nothing_twice_and_ends_what_the_old_one_began(house: House, desk: SafetyDesk) -> None:
    house.city.tick(TEN + 4000)
    desk.on_time()
    said = tell(house, desk)
    again = SafetyDesk(house.store, house.city, desk.tickets, house.clock)
    assert again.on_time() == 0 and tell(house, again) == []
    again.book.enter(*(commitment(each.id, TEN + 9000) for each in SITES))
    house.city.tick(TEN + 10_000)
    assert again.on_time() == 6 == len([each for each in said if "commitment" in each])
    untold = Watch(house.store).untold()
    assert len(untold) == 6
    again.watch.told(untold[0][0], "something else that was said meanwhile")
    assert len(Watch(house.store).untold()) == 6, "what came since is still to be told"


async def test_g22_a_plan_is_drawn_visited_and_its_danger_put_right(house: House, desk: SafetyDesk) -> None:
    for number, each in enumerate(SITES[:3]):
        desk.grade(each.id, 50 + number, (), TEN - DAY_MS, "处长", "")
    async with client_of(desk) as client:
        asked = {"title": "冬季抽查", "sizes": {"red": 2, "ungraded": 1}, "seed": 7, "due": TEN + DAY_MS, "who": "处长"}
        plan = (await client.post("/api/safety/plans", json=asked)).json()
        assert [each["stratum"] for each in plan["visits"]] == ["red", "red", "ungraded"]
        (listed,) = (await client.get("/api/safety/plans")).json()["items"]
        assert (listed["seed"], listed["visits"], listed["done"]) == (7, 3, 0)
        visit = plan["visits"][0]
        form = {"outcome": "dangers", "inspectors": ["李四"], "answers": {"interlocks": False}, "who": "李四"}
        done = await client.post(f"/api/safety/visits/{visit['id']}/result", json=form)
        assert done.json()["done"] == house.city.time
        assert (await client.post(f"/api/safety/visits/{visit['id']}/result", json=form)).status_code == 409
        off = await client.post(
            f"/api/safety/visits/{plan['visits'][2]['id']}/cancel", json={"reason": "停产", "who": "x"}
        )
        assert off.json()["cancelled"] == "停产"
        found = {
            "site": visit["site"], "level": "major", "place": "罐区", "text": "联锁未投用", "responsible": "张三",
            "visit": visit["id"], "who": "李四",
        }  # fmt: skip
        danger = (await client.post("/api/safety/dangers", json=found)).json()
        path = f"/api/tickets/{danger['id']}"
        assert danger["due"] == danger["ticket"]["due"] == house.city.time + 15 * DAY_MS
        assert (await client.get("/api/tickets")).json()["items"] == [], "supervision tickets are another list"
        house.city.tick(TEN + 2 * DAY_MS)
        desk.on_time()
        assert f"visit-overdue {plan['visits'][1]['site']} open" in tell(house, desk)
        replied = await client.post(f"{path}/reply", json={"text": "已投用", "who": "张三"})
        assert replied.json()["waiting"] == "office"
        again = {"text": "旁路仍在", "who": "李四", "due": house.city.time + 2 * HOUR_MS}
        assert (await client.post(f"{path}/supplement", json=again)).json()["due"] == again["due"]
        house.city.tick(house.city.time + 3 * HOUR_MS)
        desk.on_time()
        assert f"danger-overdue {visit['site']} open" in tell(house, desk)
        assert desk.tickets.on_time() == [danger["id"]], "and its ticket climbs"
        await client.post(f"{path}/reply", json={"text": "旁路已拆", "who": "张三"})
        closed = await client.post(f"{path}/verify", json={"text": "复查合格", "who": "李四", "outcome": "rectified"})
        assert closed.json()["state"] == "verified"
        house.city.tick(house.city.time + 1000)
        desk.on_time()
        assert f"danger-overdue {visit['site']} close" in tell(house, desk)
        assert (await client.get("/api/safety/dangers?unfinished=true")).json()["items"] == []


@pytest.mark.parametrize("away", [False, True])
def test_each_step_of_an_overdue_danger_is_told_once_in_order_with_its_time(
    house: House, desk: SafetyDesk, away: bool
) -> None:
    danger = desk.danger("p1", "major", "罐区", "联锁未投用", "张三", "李四", "visit", due=TEN)
    hours = (8 * 24,) if away else (0, 1, 2, 3, 71, 72, 73, 8 * 24)
    for each in hours:
        house.city.tick(TEN + each * HOUR_MS + 1)
        desk.tickets.on_time()
        desk.on_time()
        for name, body, findings in desk.watch.untold():
            house.take(*(each for each in findings if each.detector == "danger-overdue"))
            desk.watch.told(name, body)
    mine = f"WHERE quantity = 'danger/{danger.id}/firm/{TEN}'"
    ((alarm, severity),) = house.rows(f"SELECT id, severity FROM alarm {mine}")
    assert severity == "red", "three days overdue, by the terms of the pack"
    log = house.rows(
        f"SELECT note, time FROM alarm_log WHERE alarm_id = '{alarm}' AND action = 'escalated' ORDER BY id"
    )
    assert log == [("district", TEN + 1), ("bureau", TEN + HOUR_MS + 1)]
    said = [
        msgspec.json.decode(body, type=Finding)
        for (body,) in house.rows(f"SELECT body FROM finding WHERE alarm_id = '{alarm}' ORDER BY seq")
    ]
    assert [(each.time, each.severity, each.facts["climbed"]) for each in said] == [
        (TEN + 1, "orange", 1),
        (TEN + HOUR_MS + 1, "orange", 2),
        (TEN + 3 * DAY_MS, "red", 2),
    ]
    assert "已升级 2 级" in said[-1].text.zh and "it has climbed 2 steps" in said[-1].text.en


async def test_g23_posts_are_filled_left_and_filled_again(house: House, desk: SafetyDesk) -> None:
    desk.on_time()
    assert [each for each in tell(house, desk) if "guarantor" in each] == ["guarantor-missing p1 open"] * 3
    async with client_of(desk) as client:
        body = {"hazard": "tank-farm", "since": TEN - DAY_MS, "who": "处长"}
        for role, person in (("principal", "甲"), ("technical", "乙"), ("operation", "丙")):
            named = await client.post("/api/safety/guarantors", json=body | {"role": role, "person": person})
            assert named.status_code == 200, named.text
        desk.on_time()
        assert [each for each in tell(house, desk) if "guarantor" in each] == ["guarantor-missing p1 close"] * 3
        left = body | {"role": "operation", "person": "丙", "until": TEN - HOUR_MS}
        assert (await client.post("/api/safety/guarantors", json=left)).status_code == 200
        desk.on_time()
        assert "guarantor-missing p1 open" in tell(house, desk)
        (hazard,) = (await client.get("/api/safety/guarantors")).json()["items"]
        assert [post["holder"] and post["holder"]["person"] for post in hazard["posts"]] == ["甲", "乙", None]
        for wrong, status in ((body | {"role": "x", "person": "y"}, 422), (left | {"hazard": "none"}, 404)):
            assert (await client.post("/api/safety/guarantors", json=wrong)).status_code == status


def test_g23_an_alarm_is_told_to_the_right_post_and_after_a_change_to_who_follows(
    house: House, desk: SafetyDesk
) -> None:
    def name(role: str, person: str, since: int, until: int | None = None) -> None:
        mail = f"{role}.{person}@plant.example"
        desk.book.enter(Guarantor("tank-farm", "p1", role, person, since, until, house.city.time, "head", email=mail))

    def told(family: str, severity: str, minute: int) -> list[str]:
        house.take(finding(site="p1", family=family, severity=severity, opened=TEN + minute * MINUTE_MS))
        rows = house.rows("SELECT authority FROM warning ORDER BY id")
        people = [row[0] for row in rows if row[0].startswith("guarantor.")]
        return [desk.guarantors.mail_of(each)[0] for each in people]

    for role, person in (("principal", "jia"), ("technical", "yi"), ("operation", "bing")):
        name(role, person, TEN - DAY_MS)
    assert told("limit", "yellow", 0) == [], "a yellow one is below what guarantors are told"
    assert told("limit", "red", 1) == ["operation.bing@plant.example"]
    assert told("hazard-grade", "red", 2)[1:] == ["principal.jia@plant.example"]
    name("operation", "bing", TEN - DAY_MS, house.city.time)
    name("operation", "ding", house.city.time)
    house.city.tick(TEN + HOUR_MS)
    over = {"closed": TEN + HOUR_MS, "time": TEN + HOUR_MS}
    house.take(finding("close", 1, site="p1", family="limit", severity="red", opened=TEN + MINUTE_MS, **over))
    assert told("limit", "red", 90)[-1] == "operation.ding@plant.example"
    assert desk.guarantors.mail_of("fire-brigade") == ()


async def test_g14_points_and_direct_red_over_http(house: House, desk: SafetyDesk) -> None:
    async with client_of(desk) as client:
        for points, direct, colour in ((74.99, [], "orange"), (75, [], "yellow"), (100, ["never-designed"], "red")):
            body = {"site": "p1", "score": points, "direct_red": direct, "who": "处长"}
            assert (await client.post("/api/safety/grades", json=body)).json()["grade"] == colour
        assert (await client.post("/api/safety/grades", json=body | {"direct_red": ["x"]})).status_code == 422
        rows = (await client.get("/api/safety/grades")).json()["items"]
        assert rows[0]["grade"]["grade"] == "red" and rows[1]["grade"] is None
    assert len(desk.book.forms(StaticGrade, "p1")) == 3


def test_a_draw_stays_within_the_jurisdiction_and_lists_too(house: House, desk: SafetyDesk) -> None:
    mine = Jurisdiction(districts=frozenset({"120101"}))
    plan, visits = desk.plan("x", {"ungraded": 9}, 1, TEN, "处长", mine)
    assert {each.site for each in visits} == {"p4", "p5", "p6"} == set(plan.members["ungraded"])
    assert [each.id for each in desk.sites(mine)] == ["p4", "p5", "p6"]
    assert desk.site("p1", mine) is None and desk.site("p4", mine) is not None
    assert msgspec.json.decode(msgspec.json.encode(visits[0]), type=Visit) == visits[0]


def test_the_book_gives_by_time_site_and_what_is_unfinished(store_url: str) -> None:
    house = House(store_url)
    book = Book(house.store, house.clock)
    book.enter(commitment("p1"), commitment("p1", TEN, running=0), commitment("p2", day="2026-11-26"))
    assert [each.running for each in book.newest(Commitment, sites=["p1"])] == [0]
    assert [each.running for each in book.newest(Commitment, sites=["p1"], first=True)] == [2]
    book.enter(commitment("p1", TEN - 2 * HOUR_MS, running=1))
    assert [each.running for each in book.newest(Commitment, sites=["p1"], first=True)] == [1], "it was on its way long"
    assert [each.running for each in book.newest(Commitment, sites=["p1"])] == [0]
    assert [each.site for each in book.newest(Commitment, end=TEN - DAY_MS)] == ["p2"]
    visit = Visit("v", "p1", TEN, 1, "x", 1)
    book.enter(visit, msgspec.structs.replace(visit, done=TEN, time=TEN))
    assert book.newest(Visit, unfinished=True) == [] and len(book.newest(Visit)) == 1
    assert book.one(Danger, "none") is None
    watch = Watch(house.store)
    late = Standing("visit-overdue", "inspection", "inspection", "p1", "v", "yellow", Text("逾", "late"), TEN)
    watch.keep("safety", messages("safety", watch.known("safety", TEN), [late], TEN + 1, ["visit-overdue"]), TEN + 1)
    watch.keep("safety", messages("safety", watch.known("safety", TEN), [], TEN + 2, ["visit-overdue"]), TEN + 2)
    ((name, body, findings),) = watch.untold()
    assert [each.phase for each in findings] == ["open", "close"] and findings[1].closed == TEN + 2
    watch.told(name, body)
    assert watch.untold() == [] and len(Watch(house.store).known("safety", TEN)) == 1
    house.store.close()


def test_a_server_that_was_down_from_ten_to_midnight_says_the_absences_of_that_day_once_it_is_back(
    house: House, history: ListHistory
) -> None:
    def started() -> SafetyDesk:
        tickets = Tickets(house.store, house.city, house.clock)
        return SafetyDesk(house.store, house.city, tickets, house.clock, history)

    def commitments(desk: SafetyDesk) -> list[str]:
        desk.on_time()
        return sorted(each for each in tell(house, desk) if "commitment" in each)

    house.city.tick(TEN - 10 * MINUTE_MS)
    before = started()
    assert commitments(before) == []
    before.book.take([commitment(each.id) for each in SITES[2:]])
    house.city.tick(TEN + 21 * HOUR_MS)  # 7:00 of the next day; nobody looked in between
    after = started()
    assert commitments(after) == [f"commitment-missing p{n} {phase}" for n in (1, 2) for phase in ("close", "open")]
    rows = house.rows("SELECT site, state, opened FROM alarm WHERE family = 'commitment' ORDER BY site")
    assert rows == [("p1", "returned-unacknowledged", TEN), ("p2", "returned-unacknowledged", TEN)]
    (said,) = (each for each in after.watch.findings(["p1"], ["commitment-missing"], 9))
    assert DAY in said.text.zh and DAY in said.text.en and said.facts["day"] == DAY
    assert commitments(started()) == [], "and not again after one more start"


def test_each_level_that_a_late_visit_climbs_to_is_sent(house: House, desk: SafetyDesk) -> None:
    """A route takes it from its level on: the bureau at yellow, an update at orange three days later."""
    desk.book.enter(Visit("v1", "p1", TEN, TEN - DAY_MS, "张三", TEN - DAY_MS))

    def sent(now: int) -> list[tuple[str, str]]:
        house.city.tick(now)
        desk.on_time()
        tell(house, desk)
        asked = "SELECT msg_type, warning.severity FROM warning JOIN alarm ON alarm.id = alarm_id"
        return [(row[0], row[1]) for row in house.rows(f"{asked} WHERE family = 'inspection' ORDER BY warning.id")]

    assert sent(TEN + 1000) == [("Alert", "yellow")]
    assert sent(TEN + 2 * DAY_MS) == [("Alert", "yellow")]
    assert sent(TEN + 3 * DAY_MS + 1000) == [("Alert", "yellow"), ("Update", "orange")]
    assert house.rows("SELECT DISTINCT status FROM delivery") == [("pending",)]

"""Plans, visits and dangers: drawn, entered, overdue, climbing and put right."""

import msgspec
import pytest

from alerts.accounts.jurisdiction import Jurisdiction
from alerts.safety.desk import SafetyDesk
from records.safety.days import DAY_MS, HOUR_MS
from records.safety.forms import Visit
from tests.alerts.city_parts import House
from tests.alerts.safety.safety_house import SITES, client_of, tell
from tests.records.safety.parts import TEN
from topics.finding import Finding


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


def test_a_draw_stays_within_the_jurisdiction_and_lists_too(house: House, desk: SafetyDesk) -> None:
    mine = Jurisdiction(districts=frozenset({"120101"}))
    plan, visits = desk.plan("x", {"ungraded": 9}, 1, TEN, "处长", mine)
    assert {each.site for each in visits} == {"p4", "p5", "p6"} == set(plan.members["ungraded"])
    assert [each.id for each in desk.sites(mine)] == ["p4", "p5", "p6"]
    assert desk.site("p1", mine) is None and desk.site("p4", mine) is not None
    assert msgspec.json.decode(msgspec.json.encode(visits[0]), type=Visit) == visits[0]


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

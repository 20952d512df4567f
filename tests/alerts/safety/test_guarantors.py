"""The posts of those who answer for a hazard: filled, left and filled again, and what each is told."""

from alerts.safety.desk import SafetyDesk
from records.safety.days import DAY_MS, HOUR_MS, MINUTE_MS
from records.safety.forms import Guarantor
from tests.alerts.city_parts import House, finding
from tests.alerts.safety.safety_house import client_of, tell
from tests.records.safety.parts import TEN


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

"""Safety work at the desk: commitments and grades over HTTP, and findings that become alarms whoever tells them."""

from alerts.safety.desk import SafetyDesk
from alerts.safety.watch import Watch
from alerts.tickets.desk import Tickets
from records.history import ListHistory
from records.safety.days import HOUR_MS, MINUTE_MS
from records.safety.forms import StaticGrade
from tests.alerts.city_parts import House
from tests.alerts.safety.safety_house import SITES, client_of, tell
from tests.records.safety.parts import DAY, TEN, commitment
from topics.reading import Reading


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


async def test_g14_points_and_direct_red_over_http(house: House, desk: SafetyDesk) -> None:
    async with client_of(desk) as client:
        for points, direct, colour in ((74.99, [], "orange"), (75, [], "yellow"), (100, ["never-designed"], "red")):
            body = {"site": "p1", "score": points, "direct_red": direct, "who": "处长"}
            assert (await client.post("/api/safety/grades", json=body)).json()["grade"] == colour
        assert (await client.post("/api/safety/grades", json=body | {"direct_red": ["x"]})).status_code == 422
        rows = (await client.get("/api/safety/grades")).json()["items"]
        assert rows[0]["grade"]["grade"] == "red" and rows[1]["grade"] is None
    assert len(desk.book.forms(StaticGrade, "p1")) == 3


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

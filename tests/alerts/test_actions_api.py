"""What people do, over HTTP: every action with its answer, its line in the log and its refusal."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.vocabulary import DESK_ACTIONS, vocabulary
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import MINUTE, T0, House, city, domain, finding
from topics.finding import Text
from topics.handling import EscalationStep, Handling

HANDLING = Handling(
    latching=True,
    confirm="another",
    acknowledge_within_s={"red": 120, "yellow": 600},
    escalate_to=("leader", "bureau"),
)
STEPS = {
    "leader": EscalationStep(Text("带班领导", "duty leader")),
    "bureau": EscalationStep(Text("市局", "city bureau")),
}


@pytest.fixture
def staged(house: House) -> House:
    """The house with a pack that asks for every stage."""
    house.city.put(domain(handling={"limit": HANDLING}, escalation=STEPS))
    return house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    wall = Wall(house.store, house.city, Latency(), house.clock)
    ledger = Ledger(house.store)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), ledger, lambda: None, ListHistory([]), lambda: b""
    )
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made


class Caller:
    """Asks for actions on one alarm."""

    def __init__(self, client: httpx.AsyncClient, alarm: str) -> None:
        self.client, self.alarm = client, alarm

    async def __call__(self, action: str, status: int = 200, **said: Any) -> dict[str, Any]:
        body = {"who": "wang"} | said
        answer = await self.client.post(f"/api/alarms/{self.alarm}/{action}", json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.client.get(f"/api/alarms/{self.alarm}")).json()["log"]
        return found


async def test_a_whole_life_with_every_stage(client: httpx.AsyncClient, staged: House) -> None:
    (name,) = staged.take(finding(severity="red"))
    do = Caller(client, name)
    view = (await client.get("/api/alarms")).json()["items"][0]
    assert (view["state"], view["deadline"], view["escalate_to"]) == ("unacknowledged", T0 + 120_000, "leader")
    quiet = ["shelve", "suppress", "out-of-service"]
    assert view["allowed"] == ["acknowledge", *quiet, "escalate", "hand-over", "comment", "verdict"]
    assert (await do("escalate", note="no answer by phone"))["escalation"] == 1
    assert (await do("acknowledge"))["deadline"] is None
    assert (await do("hand-over", to="赵敏"))["handed_to"] == "赵敏"
    await do("comment", note="valve V-3 is shut")
    staged.take(finding("close", 1, severity="red", closed=T0 + MINUTE))
    latched = (await client.get(f"/api/alarms/{name}")).json()
    assert (latched["state"], "reset" in latched["allowed"]) == ("latched", True)
    assert (await do("reset"))["state"] == "returned-unconfirmed"
    refused = await do("confirm", 409)
    assert "另" in refused["error"] or "他人" in refused["error"]
    closed = await do("confirm", who="li")
    assert (closed["state"], closed["confirmed_by"]) == ("normal", "li")
    judged = await do("verdict", verdict="real", who="li")
    assert (judged["verdict"], judged["verdict_by"], judged["allowed"]) == ("real", "li", ["comment", "verdict"])
    lines = [(line["action"], line["who"], line["note"]) for line in await do.log()]
    assert [line for line in lines if line[1] in ("wang", "li")] == [
        ("escalated", "wang", "leader: no answer by phone"),
        ("acknowledged", "wang", ""),
        ("handed-over", "wang", "赵敏"),
        ("commented", "wang", "valve V-3 is shut"),
        ("reset", "wang", ""),
        ("confirmed", "li", ""),
        ("judged", "li", "real"),
    ]


async def test_shelving_has_an_end_and_a_reason(client: httpx.AsyncClient, house: House) -> None:
    (name,) = house.take(finding())
    do = Caller(client, name)
    assert "expected one of nuisance" in (await do("shelve", 422, seconds=60, reason="because"))["error"]
    await do("shelve", 422, reason="nuisance")
    await do("shelve", 422, seconds=60, one_shot=True, reason="nuisance")
    await do("shelve", 409, seconds=9 * 3600, reason="nuisance")
    shelved = await do("shelve", seconds=60, reason="nuisance")
    assert (shelved["state"], shelved["shelved_until"]) == ("shelved", T0 + 60_000)
    house.city.tick(T0 + 59_999)
    assert house.desk.on_time() == []
    house.city.tick(T0 + 60_000)
    assert house.desk.on_time() == [name] and house.desk.on_time() == []
    view = (await client.get("/api/alarms")).json()["items"][0]
    assert (view["state"], view["shelved_until"]) == ("unacknowledged", None)
    assert [line["rule"] for line in await do.log() if line["action"] == "unshelved"] == ["shelving-time-over"]
    once = await do("shelve", one_shot=True, reason="known", note="crane at work")
    assert (once["one_shot"], once["shelved_until"]) == (True, T0 + 60_000 + 8 * 3600_000)
    assert (await do("unshelve"))["state"] == "unacknowledged"


async def test_suppression_and_maintenance_end_by_returning_to_service(client: httpx.AsyncClient, house: House) -> None:
    (name,) = house.take(finding())
    do = Caller(client, name)
    assert (await do("suppress", reason="start-up"))["state"] == "suppressed"
    assert (await do("out-of-service", reason="maintenance", note="permit 17"))["state"] == "out-of-service"
    said = house.rows("SELECT count(*) FROM warning")
    house.take(finding("update", 1, severity="red"))
    assert house.rows("SELECT count(*) FROM warning") == said, "nobody is told of what is out of service"
    assert (await do("return-to-service"))["state"] == "unacknowledged"
    assert house.rows("SELECT msg_type, severity FROM warning ORDER BY id")[1:] == [("Update", "red"), ("Alert", "red")]


async def test_closing_needs_a_reason_and_a_name(client: httpx.AsyncClient, house: House) -> None:
    (name,) = house.take(finding(), finding("close", 1, closed=T0 + MINUTE))
    do = Caller(client, name)
    await do("close", 422)
    assert "expected one of real, " in (await do("close", 422, verdict="dunno"))["error"]
    assert "expected what it was" in (await do("close", 422, verdict="other"))["error"]
    await do("close", 422, who=" ", verdict="real")
    closed = await do("close", verdict="threshold-wrong")
    assert (closed["state"], closed["verdict"], closed["acknowledged_by"]) == ("normal", "threshold-wrong", "wang")
    later = await do("close", verdict="instrument-fault", who="li")
    assert (later["verdict"], later["verdict_by"]) == ("instrument-fault", "li")


async def test_an_alarm_closed_by_hand_answers_for_its_severity_but_not_for_a_worse_one(
    client: httpx.AsyncClient, house: House
) -> None:
    (name,) = house.take(finding())
    do = Caller(client, name)
    await do("close", 409, verdict="maintenance")
    await do("acknowledge")
    assert (await do("close", verdict="maintenance"))["state"] == "normal"
    assert house.take(finding("update", 1)) == [name], "the same severity is a revision"
    (worse,) = house.take(finding("update", 2, severity="red"))
    assert worse != name
    assert house.rows("SELECT state, severity, follows FROM alarm WHERE closed IS NULL") == [
        ("unacknowledged", "red", name)
    ]
    assert house.take(finding("close", 3, closed=T0 + 5 * MINUTE)) == [worse]


async def test_many_are_acknowledged_at_once_each_with_its_own_answer(client: httpx.AsyncClient, house: House) -> None:
    one, two = house.take(finding(), finding(subject="other", quantity="other"))
    await Caller(client, two)("acknowledge")
    answer = await client.post("/api/alarms/acknowledge", json={"who": "li", "ids": [one, two, "none", one]})
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [(item["id"], item["ok"]) for item in items] == [(one, True), (two, False), ("none", False)]
    assert items[0]["alarm"]["acknowledged_by"] == "li" and items[1]["alarm"]["acknowledged_by"] == "wang"
    assert "不能再确认" in items[1]["error"] and "no alarm" in items[2]["error"]
    assert (await client.post("/api/alarms/acknowledge", json={"who": "li", "ids": []})).status_code == 422


async def test_what_people_say_becomes_precision_per_detector(client: httpx.AsyncClient, house: House) -> None:
    reasons = ["real", "real", "threshold-wrong", "maintenance", "drill"]
    for number, reason in enumerate(reasons):
        (name,) = house.take(finding(quantity=f"q{number}", subject=f"s{number}"))
        await Caller(client, name)("verdict", verdict=reason)
    (limit,) = (await client.get("/api/verdicts")).json()["items"]
    assert (limit["detector"], limit["judged"]) == ("legal-limit", 5)
    assert limit["precision"] == 2 / 3, "maintenance and drill are neither true nor false"
    assert limit["precision_low"] < 2 / 3 < limit["precision_high"]
    assert limit["reasons"]["real"] == 2
    later = await client.get("/api/verdicts", params={"from": T0 + 1})
    assert later.json()["items"] == []


async def test_the_vocabulary_has_every_word_in_both_languages(client: httpx.AsyncClient) -> None:
    words = (await client.get("/api/vocabulary")).json()
    assert words == vocabulary()
    assert {action["code"] for action in words["actions"]} == DESK_ACTIONS.keys()
    for kind in ("states", "actions", "log", "verdicts", "reasons", "rules"):
        for each in words[kind]:
            assert each["title"]["zh"].strip() and each["title"]["en"].strip(), each
    taken = {state["code"]: state["actions"] for state in words["states"]}
    assert taken["closed"] == ["comment", "verdict"]
    assert "reset" in taken["latched"] and "reset" not in taken["acknowledged"]


async def test_every_action_of_the_vocabulary_has_its_path(client: httpx.AsyncClient) -> None:
    said = {"who": "wang", "note": "n", "reason": "known", "seconds": 60, "verdict": "real", "to": "li"}
    for action in DESK_ACTIONS:
        assert (await client.post(f"/api/alarms/none/{action}", json=said)).status_code == 404


async def test_an_unmet_deadline_climbs_by_city_time(client: httpx.AsyncClient, staged: House) -> None:
    (name,) = staged.take(finding(severity="red"))
    staged.city.tick(T0 + 10 * MINUTE)
    assert staged.desk.on_time() == [name]
    view = (await client.get(f"/api/alarms/{name}")).json()
    assert (view["escalation"], view["escalate_to"], view["deadline"]) == (2, None, None)
    climbed = [(line["time"], line["note"], line["rule"]) for line in view["log"] if line["action"] == "escalated"]
    assert climbed == [(T0 + 120_000, "leader", "acknowledge-within"), (T0 + 240_000, "bureau", "acknowledge-within")]


def test_a_pack_that_changes_rewrites_no_open_alarm() -> None:
    before = city()
    assert before.handling("safety", "lel", "limit") == Handling()
    before.put(domain(handling={"default": HANDLING, "lel": Handling(off_delay_s=5)}, escalation=STEPS))
    assert before.handling("safety", "lel", "limit") == Handling(off_delay_s=5)
    assert before.handling("safety", "other", "limit") == HANDLING
    assert before.handling("nowhere", "lel", "limit") == Handling()

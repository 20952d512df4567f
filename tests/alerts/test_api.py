"""The interface over HTTP, with the shapes the pages rely on."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from alerts.api import Server, create_app, require_loopback
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import SHOW_EVERY_MS, Wall
from records.history import ListHistory
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding
from topics.channel_group import ChannelGroup
from topics.errors import ConfigurationError
from topics.finding import Channel, Text
from topics.pulse import Pulse
from topics.reading import Reading

SERIES = "tank-farm-1/GT-1/lel/Rtd"


@pytest.fixture
def server(house: House) -> Server:
    history = ListHistory([Reading(SERIES, T0 - MINUTE, 12.0), Reading(SERIES, T0, 30.0)])
    wall = Wall(house.store, house.city, Latency(), house.clock)
    ledger = Ledger(house.store)
    return Server(house.store, house.city, house.desk, wall, Feed(), ledger, lambda: None, history, lambda: b"up 1\n")


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def test_an_alarm_is_listed_with_titles_in_both_languages(client: httpx.AsyncClient, house: House) -> None:
    (name,) = house.take(finding(severity="red"))
    answer = (await client.get("/api/alarms")).json()
    assert answer["next"] is None
    (alarm,) = answer["items"]
    assert alarm["id"] == name
    assert alarm["state"] == "unacknowledged"
    assert alarm["site_title"] == {"zh": "一号罐区", "en": "tank farm 1"}
    assert alarm["quantity_title"] == {"zh": "可燃气体", "en": "flammable gas"}
    assert (alarm["severity"], alarm["latched_severity"], alarm["district"]) == ("red", "red", "120116")
    assert (alarm["opened"], alarm["closed"], alarm["stored"]) == (T0, None, house.clock.now_ms)


async def test_pages_of_a_long_list_are_followed_by_the_cursor(client: httpx.AsyncClient, house: House) -> None:
    house.take(*(finding(quantity=f"q{number}", subject=f"s{number}", opened=T0 + number // 2) for number in range(7)))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get("/api/alarms", params={"limit": 2, "cursor": cursor})).json()
        seen += [alarm["quantity"] for alarm in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == [f"q{number}" for number in range(7)]
    assert (await client.get("/api/alarms", params={"cursor": "nonsense"})).status_code == 422


async def test_the_list_is_cut_by_state_domain_and_severity(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding(), finding(subject="other", quantity="other", severity="red"))
    house.take(finding("close", 1))

    async def count(**cut: str) -> int:
        return len((await client.get("/api/alarms", params=cut)).json()["items"])

    assert await count(state="open") == 2
    assert await count(state="closed") == 0
    assert await count(severity="red") == 1
    assert await count(domain="port") == 0
    assert (await client.get("/api/alarms", params={"state": "half"})).status_code == 422


async def test_the_story_of_an_alarm_has_everything_an_officer_asks(client: httpx.AsyncClient, house: House) -> None:
    (name,) = house.take(finding(severity="red"))
    story = (await client.get(f"/api/alarms/{name}")).json()
    assert [each["phase"] for each in story["findings"]] == ["open"]
    assert [line["action"] for line in story["log"]] == ["raised", "warning-released", "warning-released"]
    assert {warning["authority"] for warning in story["warnings"]} == {"emergency-bureau", "fire-brigade"}
    warning = story["warnings"][0]
    assert warning["msg_type"] == "Alert" and "safety.routes[0]" in warning["rule"]
    assert warning["deliveries"][0]["status"] == "pending"
    assert story["guidance"]["respond_within_s"] == 300
    assert story["problems"] == []


async def test_acknowledging_needs_a_name_and_happens_once(client: httpx.AsyncClient, house: House) -> None:
    (name,) = house.take(finding())
    path = f"/api/alarms/{name}/acknowledge"
    assert (await client.post(path, json={"who": "  "})).status_code == 422
    assert (await client.post(path, json={"note": "no name"})).status_code == 422
    done = await client.post(path, json={"who": "王伟", "note": "已派人"})
    assert done.status_code == 200
    assert (done.json()["state"], done.json()["acknowledged_by"]) == ("acknowledged", "王伟")
    again = await client.post(path, json={"who": "李娜"})
    assert again.status_code == 409 and again.json()["error"].startswith("已确认的报警不能再确认 / an alarm that is")
    english = await client.post(path, json={"who": "李娜"}, headers={"cookie": "lang=en"})
    assert english.json()["error"].startswith("an alarm that is acknowledged takes")
    assert (await client.post("/api/alarms/none/acknowledge", json={"who": "x"})).status_code == 404


async def test_the_readings_around_an_alarm_come_with_the_limits_of_its_day(
    client: httpx.AsyncClient, house: House
) -> None:
    (name,) = house.take(finding())
    plot = (await client.get(f"/api/alarms/{name}/readings")).json()
    (series,) = plot["series"]
    assert series["id"] == SERIES
    assert series["points"] == [[T0 - MINUTE, 12.0, "N"], [T0, 30.0, "N"]]
    assert [(limit["level"], limit["confirmed"]) for limit in series["limits"]] == [("H", True), ("HH", False)]
    assert series["limits"][0]["source_text"] == {"zh": "test", "en": "test"}, "told as the pack has it"


async def test_a_finding_about_a_group_brings_its_channels_to_the_story_and_to_the_plot(
    client: httpx.AsyncClient, house: House
) -> None:
    gas, strange = Channel(SERIES, Text("可燃气体", "gas"), 0.75, 30.0, 12.0, "%LEL"), "tank-farm-1/GT-1/flow/Rtd"
    house.city.put(domain(groups={"tank": ChannelGroup(Text("储罐工况", "Tank state"), ("lel",))}))
    given: dict[str, Any] = {"subject": "tank-farm-1/tank", "quantity": "tank", "family": "model"}
    (name,) = house.take(finding(**given, channels=(gas, Channel(strange, Text("流量", "flow"), 0.25))))
    story = (await client.get(f"/api/alarms/{name}")).json()
    assert story["quantity_title"] == {"zh": "储罐工况", "en": "Tank state"}
    told = [(each["series"], each["share"]) for each in story["findings"][0]["channels"]]
    assert told == [(SERIES, 0.75), (strange, 0.25)]
    plotted = (await client.get(f"/api/alarms/{name}/readings")).json()["series"]
    assert [each["id"] for each in plotted] == [SERIES, strange]
    assert plotted[0]["points"] == [[T0 - MINUTE, 12.0, "N"], [T0, 30.0, "N"]]


async def test_the_wall_tells_dead_from_silent_from_live(
    client: httpx.AsyncClient, server: Server, house: House
) -> None:
    async def status() -> str:
        house.clock.now_ms += SHOW_EVERY_MS
        return str((await client.get("/api/wall")).json()["domains"][0]["status"])

    assert await status() == "dead"
    server.wall.hear(Pulse("w1", "safety", house.clock.now_ms, T0, last_reading=T0, readings=5))
    assert await status() == "live"
    server.wall.tick(T0 + 10 * MINUTE)
    assert await status() == "silent"
    server.wall.hear(Pulse("w1", "safety", house.clock.now_ms, T0, last_reading=T0 + 10 * MINUTE))
    assert await status() == "live"
    house.clock.now_ms += 11_000
    assert await status() == "dead"


async def test_the_wall_counts_alarms_and_what_is_owed(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding(severity="red"), finding(subject="other", quantity="other"))
    wall = (await client.get("/api/wall")).json()
    assert wall["domains"][0]["alarms"] == {"red": 1, "yellow": 1}
    assert wall["domains"][0]["tiles"][0]["severity"] == "red"
    assert wall["totals"]["open"] == wall["totals"]["unacknowledged"] == 2
    assert (wall["totals"]["due"], wall["totals"]["signed_for"]) == (3, 0)


async def test_metrics_are_what_the_caller_passed_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).text == "up 1\n"


async def test_only_loopback_is_served(client: httpx.AsyncClient) -> None:
    require_loopback("127.0.0.1")
    with pytest.raises(ConfigurationError, match=r"loopback address .* until accounts exist, got '0\.0\.0\.0'"):
        require_loopback("0.0.0.0")
    assert (await client.get("/api/wall", headers={"host": "evil.example"})).status_code == 400

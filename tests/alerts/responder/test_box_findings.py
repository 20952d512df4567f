"""What sensors at boxes say stands on the yard's page and the card: now, and as it was at a past minute."""

from collections.abc import AsyncIterator

import httpx
import pytest

from alerts.api import Server, create_app
from alerts.desk import Desk
from alerts.feed import Feed
from alerts.intake import Arrived, Intake
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.responder.asked import Asked
from alerts.responder.box_findings import box_findings
from alerts.responder.cards import ResponderCards
from alerts.responder.yards import Yards
from alerts.store import Store
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import SENDER, WallClock
from tests.alerts.responder.port import FIRE, MINUTE, box, port
from topics.finding import Finding, Origin, Phase, Text

WARM = Text("硝化棉箱 53.0 °C，超过温度上限 50 °C", "COTTON 53.0 °C, above its ceiling 50 °C")
LOST = Text("ARR 区传感器失联", "3 of 4 sensors in ARR fell silent")


def said(name: str, phase: Phase, minute: int, quantity: str, family: str, text: Text, opened: int = -60) -> Finding:
    time = FIRE + minute * MINUTE
    return Finding(
        name, phase, {"open": 0, "update": 1, "close": 2}[phase], "cargo", "yard-ruihai",
        "yard-ruihai/L1/container_temp",
        quantity, family, "box-ceiling", 1, "orange", FIRE + opened * MINUTE, time, text,
        Origin("readings.cargo", 0, 1, 2), closed=time if phase == "close" else None,
    )  # fmt: skip


class Port:
    """A store with a hot box that cooled at the fire, and an area still lost."""

    def __init__(self, store: Store) -> None:
        self.store, self.city, self.clock, yards = store, port(), WallClock(), Yards()
        yards.take([*box("COTTON", "2556", "ARR", 0, 0), *box("NITRATE", "1942", "ARR", 1, 0)])
        self.cards = ResponderCards(store, self.city, yards, ListHistory(), self.clock)
        Intake(store, self.city, SENDER, self.clock).take(
            [
                Arrived(each)
                for each in (
                    said("hot", "open", -60, "COTTON", "cargo-heat", WARM),
                    said("lost", "open", -10, "ARR", "cargo-lost", LOST, opened=-10),
                    said("hot", "close", 0, "COTTON", "cargo-heat", Text("已恢复正常", "Back to normal")),
                    said("other", "open", -5, "container_temp", "limit", Text("越限", "a limit of the yard")),
                )
            ]
        )


@pytest.fixture
def made(copied_store: str) -> Port:
    return Port(Store(copied_store))


@pytest.fixture
async def client(made: Port) -> AsyncIterator[httpx.AsyncClient]:
    desk, wall = Desk(made.store, made.city, SENDER, made.clock), Wall(made.store, made.city, Latency(), made.clock)
    server = Server(
        made.store, made.city, desk, wall, Feed(), Ledger(made.store), lambda: None, ListHistory(), lambda: b"",
        cards=made.cards,
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client
    made.store.close()


def at(made: Port, minute: int | None) -> list[tuple[str, str]]:
    time = None if minute is None else FIRE + minute * MINUTE
    return [(each.subject, each.text.en) for each in box_findings(made.store, ["yard-ruihai"], time)]


def test_what_held_at_each_minute(made: Port) -> None:
    assert at(made, -61) == []
    assert at(made, -30) == [("COTTON", WARM.en)]
    assert sorted(at(made, -5)) == [("ARR", LOST.en), ("COTTON", WARM.en)]
    assert at(made, 1) == at(made, None) == [("ARR", LOST.en)]
    assert box_findings(made.store, ["yard-far"], None) == []


def test_the_card_of_a_past_moment_and_of_the_boxs_alarm_says_it(made: Port) -> None:
    card = made.cards.card(Asked(container="COTTON", at=FIRE - 30 * MINUTE))
    assert [each.text for each in card.sensors] == [WARM]
    assert [each.text for each in made.cards.card(Asked(site="yard-ruihai")).sensors] == [LOST]
    (alarm,) = [each.alarm for each in box_findings(made.store, ["yard-ruihai"], FIRE - 30 * MINUTE)]
    assert made.cards.card(Asked(alarm=alarm, at=FIRE - 30 * MINUTE)).spot.title.en == "Ruihai yard COTTON"


async def test_the_page_of_the_yard_and_the_card_show_it_with_the_boxs_limits(client: httpx.AsyncClient) -> None:
    asked = {"site": "yard-ruihai", "at": str(FIRE - 30 * MINUTE), "lang": "en"}
    page = (await client.get("/yard", params=asked)).text
    assert WARM.en in page and "What sensors at boxes say" in page
    assert "ceiling 50 °C (goods list, not confirmed)" in page and page.count("not known") >= 1
    assert WARM.zh in (await client.get("/yard", params=asked | {"lang": "zh"})).text
    assert WARM.en in (await client.get("/responder-card", params=asked)).text
    now = (await client.get("/yard", params={"site": "yard-ruihai", "lang": "en"})).text
    assert WARM.en not in now and LOST.en in now

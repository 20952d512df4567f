"""Lesser warnings of a flooded desk, joined: nothing dropped, nothing said twice, red never waits."""

import pytest

from alerts.flood.digest import DIGEST_OF, digest_of
from alerts.flood.digests import MOST, Digests
from alerts.flood.patience import Patience
from alerts.ledger import Ledger, Tried
from alerts.sinks.base import Receipt
from alerts.warnings.cap import to_cap
from streams.bureau_cap import Reader
from tests.alerts.city_parts import SENDER, House, finding
from topics.finding import Text

MINUTE = 60_000


class Desk:
    """A house whose desk of the domain "safety" is in a flood or not, with a ledger and digests."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.flooded = {"safety"}
        patience = Patience(60.0, lambda: self.flooded, lambda domain, _: domain, lambda _: 4)
        house.city.first_try = patience.until
        house.clock.now_ms = 1_700_000_000_000 // MINUTE * MINUTE + 1_000
        self.ledger = Ledger(house.store)
        self.digests = Digests(house.store, SENDER, house.city.colour)

    def take(self, *quantities: str, severity: str = "yellow", phase: str = "open", seq: int = 0) -> None:
        self.house.take(*(finding(phase, seq, quantity=q, subject=q, severity=severity) for q in quantities))

    def wait(self, seconds: float = 60.0) -> None:
        self.house.clock.now_ms += round(seconds * 1000)

    def alone(self) -> list[str]:
        """Headlines of what goes out by itself now, each taken by the recipient."""
        due = self.ledger.due(self.house.clock.now_ms, 100)
        if due:
            self.ledger.record([Tried(each, self.house.clock.now_ms, Receipt(200, "李")) for each in due])
        return [each.said.headline.en for each in due]

    def rows(self, status: str) -> int:
        return int(self.house.rows(f"SELECT count(*) FROM delivery WHERE status = '{status}'")[0][0])


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_without_a_flood_every_warning_goes_out_at_once(desk: Desk) -> None:
    desk.flooded = set()
    desk.take("a", "b")
    assert len(desk.alone()) == 2
    assert desk.digests.due(desk.house.clock.now_ms) == []


def test_in_a_flood_the_lesser_ones_wait_and_go_out_as_one_that_lists_each(desk: Desk) -> None:
    desk.take("a", "b")
    desk.take("c", severity="orange")
    desk.take("hot", severity="red")
    assert [line.split(" warning")[0] for line in desk.alone()] == ["red", "red"]  # bureau and fire brigade, at once
    assert desk.digests.due(desk.house.clock.now_ms) == []
    desk.wait()
    (digest,) = desk.digests.due(desk.house.clock.now_ms)
    assert desk.alone() == []  # what a digest makes is not made by itself as well
    assert digest.said.headline.en == "Digest: 3 warnings (orange 1, yellow 2)"
    assert digest.said.headline.zh == "汇总：3 条预警（橙色 1，黄色 2）"
    assert digest.said.level == "orange" and len(digest.said.alarm.split()) == 3
    for each in digest.deliveries:
        assert each.said.identifier in digest.said.description.zh
        assert each.said.headline.en in digest.said.description.en
    now = desk.house.clock.now_ms
    desk.ledger.record([Tried(each, now, Receipt(200, "值班员")) for each in digest.deliveries])
    assert desk.digests.due(now) == []
    assert (desk.rows("signed-for"), desk.rows("pending")) == (5, 0)


def test_the_bureau_reads_a_digest_as_cap_and_knows_what_it_stands_for(desk: Desk) -> None:
    desk.take("a", "b")
    desk.wait()
    (digest,) = desk.digests.due(desk.house.clock.now_ms)
    message = Reader().read(to_cap(digest.said))
    assert message.msg_type == "Alert"
    assert set(message.covers) == {each.said.identifier for each in digest.deliveries}
    assert digest.said.parameters[DIGEST_OF].count(",") == 4


def test_a_digest_whose_answer_was_lost_goes_out_again_the_same(desk: Desk) -> None:
    desk.take("a", "b")
    desk.wait()
    (first,) = desk.digests.due(desk.house.clock.now_ms)
    desk.take("later")
    (again,) = Digests(desk.house.store, SENDER, desk.house.city.colour).due(desk.house.clock.now_ms)
    assert to_cap(again.said) == to_cap(first.said)
    assert desk.digests.due(desk.house.clock.now_ms, [first.id]) == []  # under way: not once more beside itself


def test_what_is_under_way_by_itself_is_not_joined_as_well(desk: Desk) -> None:
    desk.take("a", "b", "c")
    desk.wait()
    now = desk.house.clock.now_ms
    (alone,) = desk.ledger.due(now, 1)  # taken in the moment in which all three come due
    (digest,) = desk.digests.due(now, alone=[alone.id])
    assert len(digest.deliveries) == 2 and alone.id not in {each.id for each in digest.deliveries}


def test_a_digest_that_is_refused_goes_out_one_by_one_and_is_not_joined_again(desk: Desk) -> None:
    desk.take("a", "b")
    desk.wait()
    (digest,) = desk.digests.due(desk.house.clock.now_ms)
    desk.digests.refuse(digest.id)
    assert len(desk.alone()) == 2
    assert desk.digests.due(desk.house.clock.now_ms) == []


def test_a_chain_keeps_its_order_and_a_rise_to_red_waits_for_nothing(desk: Desk) -> None:
    desk.take("a", "b")
    desk.take("a", severity="orange", phase="update", seq=1)
    desk.take("b", severity="red", phase="update", seq=1)
    said = desk.alone()
    assert said[0].startswith("yellow warning")  # its Alert goes ahead of the red Update, and at once
    assert any(line.startswith("Update: red warning") for line in desk.alone())
    desk.wait()
    (digest,) = desk.digests.due(desk.house.clock.now_ms)
    assert [each.said.msg_type for each in digest.deliveries] == ["Alert", "Update"]
    assert {each.said.level for each in digest.deliveries} == {"yellow", "orange"}


def test_one_that_waited_alone_goes_out_by_itself_and_many_in_several_digests(desk: Desk) -> None:
    desk.take("a")
    desk.wait()
    assert desk.digests.due(desk.house.clock.now_ms) == [] and len(desk.alone()) == 1
    desk.take(*(f"q{n}" for n in range(MOST + 5)))
    desk.wait()
    assert [len(each.deliveries) for each in desk.digests.due(desk.house.clock.now_ms)] == [MOST, 5]


def test_patience_ends_with_the_flood_and_is_shorter_where_the_city_runs_faster() -> None:
    flooded = {"air"}

    def desk(interval_s: float, speed: float = 1.0) -> Patience:
        return Patience(interval_s, lambda: flooded, lambda domain, _: domain, lambda _: 4, lambda: speed)

    until = desk(60.0).until
    assert until("air", "s", 2, "cap", 61_000) == 120_000
    assert until("air", "s", 4, "cap", 61_000) == 61_000
    assert until("port", "s", 2, "cap", 61_000) == 61_000
    assert until("air", "s", 2, "kafka", 61_000) == 61_000
    assert desk(0.0).until("air", "s", 2, "cap", 61_000) == 61_000
    assert desk(60.0, 60.0).until("air", "s", 2, "cap", 61_500) == 62_000
    flooded.clear()
    assert until("air", "s", 2, "cap", 61_000) == 61_000


def test_a_digest_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="expected some warnings"):
        digest_of([], "x", lambda code: Text(code, code))

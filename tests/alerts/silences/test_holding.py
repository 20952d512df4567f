"""Silences and warnings as time lines: what is held back, what is told all the same, what comes when it ends."""

import msgspec
import pytest

from alerts.alertmanager.external import External
from alerts.alertmanager.external_pack import ExternalPack
from alerts.alertmanager.posted import Posted
from alerts.queries import Queries
from alerts.silences.matcher import parse_matcher
from alerts.silences.register import KIND, LISTED_AFTER_END_MS, Silences
from alerts.silences.silence import Refused, Silence, Unknown
from tests.alerts.city_parts import MINUTE, SENDER, T0, House, finding

HOUR = 60 * MINUTE


class Desk:
    """A register over a house, with silences written short."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.register = Silences(house.store, house.city, SENDER, house.clock)

    def silence(self, *matchers: str, minutes: int = 60, starts_in: int = 0, may: bool = False, name: str = "") -> str:
        now = self.house.clock.now_ms
        start = now + starts_in * MINUTE
        wanted = Silence(
            name, tuple(parse_matcher(each) for each in matchers), start, start + minutes * MINUTE, "wang", "work"
        )
        return self.register.write(wanted, may_cover_red=may)

    def later(self, minutes: float) -> list[str]:
        self.house.clock.now_ms += round(minutes * MINUTE)
        return self.register.settle()

    def said(self) -> list[str]:
        return [row[0] for row in self.house.rows("SELECT msg_type FROM warning ORDER BY id")]

    def noted(self) -> list[tuple[str, str]]:
        query = "SELECT action, who FROM alarm_log WHERE action = 'silenced' ORDER BY id"
        return [tuple(row) for row in self.house.rows(query)]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_silenced_alarm_is_open_and_on_record_but_announced_to_nobody(desk: Desk, house: House) -> None:
    name = desk.silence("site=tank-farm-1")
    house.take(finding())
    house.take(finding("update", 1, severity="orange"))
    assert desk.said() == []
    assert house.rows("SELECT state, severity FROM alarm") == [("unacknowledged", "orange")]
    assert desk.noted() == [("silenced", "wang")], "once, not at every change"
    assert [row[0] for row in house.rows("SELECT silence_id FROM silence_hold")] == [name]


def test_when_the_silence_ends_and_it_is_still_there_it_is_announced(desk: Desk, house: House) -> None:
    desk.silence("site=tank-farm-1")
    (alarm,) = house.take(finding())
    story = Queries(house.store, house.city).story(alarm)
    assert story is not None
    assert [(each["created_by"], each["comment"]) for each in story["silenced_by"]] == [("wang", "work")]
    assert desk.later(59) == [] and desk.said() == []
    assert desk.later(1) == [alarm]
    assert desk.said() == ["Alert"]
    assert desk.later(1) == [] and desk.said() == ["Alert"]


def test_ending_a_silence_early_announces_at_once(desk: Desk, house: House) -> None:
    name = desk.silence("site=tank-farm-1")
    house.take(finding())
    desk.register.expire(name, "li")
    assert desk.said() == ["Alert"]
    desk.register.expire(name, "li")
    assert desk.register.get(name).state(house.clock.now_ms) == "expired"


def test_what_was_over_before_the_silence_ended_is_announced_no_more(desk: Desk, house: House) -> None:
    desk.silence("site=tank-farm-1")
    (alarm,) = house.take(finding())
    house.take(finding("close", 1, closed=T0 + MINUTE))
    desk.later(60)
    assert desk.said() == []
    assert house.rows("SELECT state FROM alarm") == [("returned-unacknowledged",)], "the desk still answers for it"
    assert alarm


def test_whoever_was_told_before_the_silence_is_told_that_it_is_over(desk: Desk, house: House) -> None:
    house.take(finding())
    desk.silence("site=tank-farm-1")
    house.take(finding("update", 1, severity="orange"))
    assert desk.said() == ["Alert"]
    house.take(finding("close", 2, closed=T0 + 2 * MINUTE))
    assert desk.said() == ["Alert", "Update"]


def test_red_is_announced_through_a_silence(desk: Desk, house: House) -> None:
    desk.silence("site=tank-farm-1")
    house.take(finding())
    house.take(finding("update", 1, severity="red"))
    assert desk.said() == ["Alert", "Alert"], "to the bureau and the fire brigade"
    with pytest.raises(Refused):
        desk.silence("severity=red")


def test_red_is_silenced_by_a_role_that_may_and_says_so(desk: Desk, house: House) -> None:
    desk.silence("severity=red", may=True)
    house.take(finding(severity="red"))
    assert desk.said() == []


def test_a_pending_silence_begins_by_itself(desk: Desk, house: House) -> None:
    desk.silence("site=tank-farm-1", starts_in=10, minutes=10)
    house.take(finding())
    assert desk.said() == ["Alert"]
    desk.later(10)
    house.take(finding(subject="other", quantity="other"))
    assert desk.said() == ["Alert"]
    desk.later(10)
    assert desk.said() == ["Alert", "Alert"]


def test_a_second_silence_goes_on_where_the_first_ends(desk: Desk, house: House) -> None:
    desk.silence("site=tank-farm-1")
    house.take(finding())
    desk.silence("domain=safety", minutes=120)
    desk.later(60)
    assert desk.said() == []
    desk.later(60)
    assert desk.said() == ["Alert"]


def test_other_matchers_let_go_what_they_no_longer_cover(desk: Desk, house: House) -> None:
    name = desk.silence("domain=safety")
    house.take(finding())
    now = house.clock.now_ms
    other = msgspec.structs.replace(
        desk.register.get(name), matchers=(parse_matcher("site=elsewhere"),), ends_at=now + HOUR
    )
    assert desk.register.write(other) != name
    assert desk.said() == ["Alert"]


def test_an_alarm_of_two_alerts_from_outside_is_held_only_while_both_are_silenced(desk: Desk, house: House) -> None:
    pack = ExternalPack()
    house.city.put(pack.domain)
    external = External(house.store, house.intake, pack, house.clock)
    one = {"alertname": "Disk", "instance": "a", "device": "sda"}
    desk.silence("device=sda")
    external.post([Posted(one)])
    assert desk.said() == []
    external.post([Posted(one | {"device": "sdb"})])
    assert desk.said() == ["Alert"]


def test_every_deed_is_a_line_of_the_ledger(desk: Desk, house: House) -> None:
    name = desk.silence("site=tank-farm-1")
    desk.silence("site=tank-farm-1", minutes=30, name=name)
    desk.register.expire(name, "li")
    lines = [msgspec.json.decode(row[0]) for row in house.rows(f"SELECT body FROM ledger WHERE kind = '{KIND}'")]
    assert [(line["deed"], line["who"], line["id"]) for line in lines] == [
        ("created", "wang", name), ("updated", "wang", name), ("expired", "li", name),
    ]  # fmt: skip


def test_expired_silences_are_listed_for_five_days_and_kept_for_ever(desk: Desk, house: House) -> None:
    name = desk.silence("site=tank-farm-1")
    desk.later(60)
    house.clock.now_ms += LISTED_AFTER_END_MS - 1
    assert [each.id for each in desk.register.listed()] == [name]
    house.clock.now_ms += 1
    assert desk.register.listed() == []
    assert desk.register.get(name).id == name
    with pytest.raises(Unknown):
        desk.register.get("none")

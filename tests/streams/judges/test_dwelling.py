"""Boxes that stand too long: told at the right minute, paused by a hold that counts, whatever order events come in."""

import random

import msgspec
import pytest

from streams.judges.yard import YardJudge
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.errors import ConfigurationError
from topics.events import Declared, Event, GateIn, GateOut, Goods, Held
from topics.finding import Finding

HOUR = 3_600_000
T = 1_438_000_000_000
LIMITS = {"limits_h": {"5": 10.0, "4.3": 2.0}, "source": "the test", "confirmed": True}
NITRATE = Goods("1942", "AMMONIUM NITRATE", "5.1", 20.0)
SODIUM = Goods("1428", "SODIUM", "4.3", 1.0)


def pack(**dwell: object) -> Domain:
    (cargo,) = (each for each in load_domains() if each.name == "cargo")
    return msgspec.structs.replace(cargo, facts=cargo.facts | {"dwell": LIMITS | dwell})


def came(name: str, hour: float, *goods: Goods) -> list[Event]:
    at = T + round(hour * HOUR)
    return [
        Declared(f"d{name}", "yard", at - 1, f"D{name}", name, goods),
        GateIn(f"i{name}", "yard", at, name, f"D{name}"),
    ]


def held(name: str, hour: float, *, ended: bool = False, by: str = "customs") -> Held:
    return Held(f"h{name}{hour}{by}", "yard", T + round(hour * HOUR), name, by, ended)


def play(events: list[Event], until: float, domain: Domain | None = None) -> list[Finding]:
    """The dwell findings of these events in this order, with a tick of city time each quarter of an hour after them."""
    judge, said, offset = YardJudge(domain or pack(), 0), [], 0
    for event in events:
        said += judge.apply(event, offset, 0).findings
        offset += 1
    first = min(event.time for event in events)
    for time in range(first, T + round(until * HOUR) + 1, HOUR // 4):
        said += judge.tick(time, offset, 0).findings
        offset += 1
    return [each for each in said if each.family == "dwell"]


def hours(finding: Finding) -> float:
    return (finding.opened - T) / HOUR


def test_a_box_is_told_at_the_minute_its_shortest_limit_runs_out_and_ends_when_it_leaves() -> None:
    events = [*came("A", 0, NITRATE, SODIUM), *came("B", 0, NITRATE)]
    assert [(each.subject, hours(each)) for each in play(events, 1.9)] == []
    told = play(events, 12)
    assert [(each.subject, each.phase, hours(each)) for each in told] == [
        ("yard/A", "open", 2.0),
        ("yard/B", "open", 10.0),
    ]
    assert (told[0].value, told[0].expected, told[0].unit) == (2.0, 2.0, "h")
    judge = YardJudge(pack(), 0)
    for each in events:
        judge.apply(each, 0, 0)
    assert len(judge.tick(T + 3 * HOUR, 1, 0).findings) == 1
    (gone,) = judge.apply(GateOut("o", "yard", T + 3 * HOUR, "A"), 2, 0).findings
    assert (gone.phase, gone.subject, gone.seq) == ("close", "yard/A", 1)


def test_a_customs_hold_pauses_the_clock_and_the_finding_says_so() -> None:
    events = [*came("A", 0, NITRATE), held("A", 4), held("A", 9, ended=True)]
    (told,) = play(events, 20)
    assert hours(told) == 15.0 and told.facts["held_h"] == 5.0
    assert "5.0 h of holds not counted" in told.text.en and "不计" in told.text.zh
    assert play([*came("A", 0, NITRATE), held("A", 4)], 99) == [], "held with no end"
    other = [*came("A", 0, NITRATE), held("A", 4, by="police"), held("A", 9, ended=True, by="police")]
    assert [hours(each) for each in play(other, 20)] == [10.0], "whose holds are not configured do not count"
    assert [hours(each) for each in play(other, 20, pack(pauses=["police"]))] == [15.0]


def test_a_hold_told_of_too_late_takes_the_finding_back() -> None:
    judge = YardJudge(pack(), 0)
    for event in came("A", 0, NITRATE):
        judge.apply(event, 0, 0)
    assert [each.phase for each in judge.tick(T + 11 * HOUR, 1, 0).findings] == ["open"]
    taken_back = judge.apply(held("A", 4), 2, 0).findings
    assert [each.phase for each in taken_back] == ["close"] and "reckoned anew" in taken_back[0].text.en
    again = judge.apply(held("A", 5, ended=True), 3, 0).findings
    assert [(each.phase, hours(each)) for each in again] == [("open", 11.0)]


def test_the_order_in_which_events_come_plays_no_part() -> None:
    draw = random.Random(4)
    events = [
        *came("A", 0, NITRATE), *came("B", 1, SODIUM), *came("C", 2, NITRATE),
        held("A", 3), held("A", 5, ended=True), GateOut("o", "yard", T + 4 * HOUR, "C"),
    ]  # fmt: skip

    def last(said: list[Finding]) -> dict[str, tuple[str, float]]:
        return {each.subject: (each.phase, hours(each)) for each in said}

    expected = {name: moment for name, moment in last(play(events, 30)).items() if moment[0] == "open"}
    assert expected == {"yard/A": ("open", 12.0), "yard/B": ("open", 3.0)}
    for _ in range(10):
        draw.shuffle(events)
        got = last(play(events, 30))
        assert {name: moment for name, moment in got.items() if moment[0] == "open"} == expected


def test_limits_that_are_none_are_refused_and_a_pack_without_them_judges_nothing() -> None:
    with pytest.raises(ConfigurationError, match=r"cargo: facts\.dwell\.limits_h: expected hours above 0"):
        YardJudge(pack(limits_h={"5": 0}), 0)
    (cargo,) = (each for each in load_domains() if each.name == "cargo")
    bare = {name: value for name, value in cargo.facts.items() if name != "dwell"}
    assert play(came("A", 0, SODIUM), 99, msgspec.structs.replace(cargo, facts=bare)) == []

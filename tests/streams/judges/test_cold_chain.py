"""A freezer fails, a door stands open, a van is late: what the goods have endured, minute by minute."""

from typing import Any

import msgspec
import pytest

from records.recall_cause import breaches
from streams.cold_chain_keeper import breach_event
from streams.judges.cold_chain import Breach, ColdChainJudge, Said
from streams.judges.cold_chain_facts import cold_chain
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.errors import ConfigurationError
from topics.finding import Finding
from topics.reading import Reading

T0 = 1_764_172_800_000
MINUTE = 60_000
VAN = "van-7/T1/vehicle_temp/Rtd"
CARRIER = "urn:epc:id:giai:6901234.van7"


def pack(**changes: Any) -> Domain:
    (food,) = [each for each in load_domains() if each.name == "food"]
    chilled = {
        "quantities": ["vehicle_temp"], "low": 0.0, "high": 8.0, "allowed_s": 1200, "grace_s": 600, "dose": 1000.0,
        "excused_by": ["door"], "clear_s": 600, "source": "the test's own", "confirmed": False,
    }  # fmt: skip
    facts = food.facts | {"cold_chain": {"chilled": chilled | changes}, "cold_chain_carriers": {"T1": CARRIER}}
    return msgspec.structs.replace(food, facts=facts)


class Van:
    """A judge, fed minute by minute."""

    def __init__(self, **changes: Any) -> None:
        domain = pack(**changes)
        facts = cold_chain(domain)
        assert facts is not None
        self.judge = ColdChainJudge(domain, facts, 0)
        self.findings: list[Finding] = []
        self.breaches: list[Breach] = []
        self.offset = 0

    def say(self, minute: float, value: float, series: str = VAN, **more: Any) -> None:
        self._heard(self.judge.apply(Reading(series, int(T0 + minute * MINUTE), value, **more), self.offset, 0))

    def tick(self, minute: float) -> None:
        self._heard(self.judge.tick(int(T0 + minute * MINUTE), self.offset, 0))

    def drive(self, first: int, last: int, value: float) -> None:
        """A value every five minutes, city time every minute."""
        for minute in range(first, last):
            if minute % 5 == 0:
                self.say(minute, value)
            self.tick(minute)

    def phases(self) -> list[tuple[str, str, int]]:
        return [(each.detector, each.phase, (each.time - T0) // MINUTE) for each in self.findings]

    def _heard(self, said: Said) -> None:
        self.offset += 1
        self.findings += said.findings
        self.breaches += said.breaches


def test_goods_that_were_too_warm_for_too_long_are_told_once_and_the_breach_is_the_windows() -> None:
    van = Van()
    van.drive(0, 60, 4.0)
    van.drive(60, 100, 12.0)
    van.drive(100, 180, 5.0)
    opened, *updates, closed = van.findings
    assert (opened.phase, closed.phase, {each.phase for each in updates}) == ("open", "close", {"update"})
    assert 80 <= (opened.time - T0) / MINUTE <= 82, "20 minutes are endured"
    assert {each.id for each in van.findings} == {opened.id}
    assert closed.facts["beyond_s"] == 2400
    assert closed.facts["dose"] == 160.0
    assert "累计 40 分钟" in closed.text.zh
    (breach,) = van.breaches
    assert (breach.start, breach.end, breach.worst) == (T0 + 60 * MINUTE, T0 + 100 * MINUTE, 12.0)
    assert (breach.carrier, breach.finding) == (CARRIER, opened.id)


def test_what_endures_less_comes_in_parts_over_the_day() -> None:
    van = Van()
    for hour in range(3):  # eight minutes, three times, no single one too long
        van.drive(hour * 60, hour * 60 + 50, 4.0)
        van.drive(hour * 60 + 50, hour * 60 + 60, 9.0)
    van.drive(180, 200, 4.0)
    assert (van.phases()[0][1], van.phases()[-1][1]) == ("open", "close")
    assert len(van.breaches) == 1
    assert 170 <= van.phases()[0][2] <= 176


def test_a_door_forgives_what_is_short_and_nothing_that_is_long() -> None:
    for minutes, expected in ((10, 0), (25, 1)):
        van = Van()
        van.drive(0, 10, 4.0)
        van.say(10, 1.0, "van-7/T1/door/Rtd")
        van.drive(10, 10 + minutes, 11.0)
        van.say(10 + minutes, 0.0, "van-7/T1/door/Rtd")
        van.drive(10 + minutes, 60, 4.0)
        assert len(van.breaches) == expected, minutes


def test_city_time_alone_uses_the_budget_up_as_far_as_a_value_proves() -> None:
    van = Van()
    van.say(0, 4.0)
    van.say(5, 15.0)
    for minute in range(6, 60):
        van.tick(minute)
    assert [phase for _, phase, _ in van.phases()] == ["open", "update"]
    assert van.phases()[0][2] == 26
    assert van.findings[-1].facts["beyond_s"] == 1800, "half an hour of silence proves no more"
    for minute in range(60, 60 + 3 * 1440, 30):  # silent for days: nothing breaks, nothing is over
        van.tick(minute)
    van.say(5000, 4.0)
    van.tick(5001)
    assert van.findings[-1].phase == "close"


def test_what_comes_aboard_after_a_breach_has_its_whole_budget() -> None:
    van = Van()
    van.drive(0, 40, 12.0)
    van.drive(40, 60, 4.0)
    assert len(van.breaches) == 1
    van.drive(60, 75, 12.0)
    van.drive(75, 200, 4.0)
    assert len(van.breaches) == 1


def test_late_marked_and_other_readings_change_nothing() -> None:
    van = Van()
    van.say(10, 4.0)
    for minute in range(60):
        van.say(minute / 10, 30.0)
        van.say(20 + minute, 30.0, flag="D")
        van.say(20 + minute, 30.0, backfill=True)
        van.say(20 + minute, 30.0, "van-7/T1/humidity/Rtd")
    van.tick(90)
    assert van.findings == []


def test_medicine_beyond_its_limits_must_be_recorded_more_densely() -> None:
    van = Van(record_s=120)
    van.say(0, 5.0)
    van.say(30, 5.0)  # within its limits half an hour is well
    van.say(60, 9.0)
    van.say(66, 9.0)
    van.say(68, 9.0)
    van.tick(69)
    assert [each for each in van.phases() if each[0] == "cold_chain_recording"] == [
        ("cold_chain_recording", "open", 66), ("cold_chain_recording", "close", 68),
    ]  # fmt: skip
    assert "6 分钟无记录" in van.findings[0].text.zh


def test_a_breach_is_an_event_of_custody_that_a_recall_understands() -> None:
    breach = Breach("f1", "van-7", CARRIER, T0, T0 + 40 * MINUTE, 12.0)
    event = breach_event(breach)
    assert breaches(event) == {CARRIER: (T0, T0 + 40 * MINUTE)}
    assert breach_event(breach) == event, "said again after a crash it is the same event"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"low": 9.0}, r"food.toml: facts.cold_chain.chilled.low: expected less than high = 8.0, got 9.0"),
        ({"quantities": ["mood"]}, r"facts.cold_chain.chilled.quantities: expected quantities of the pack .*'mood'"),
        ({"quantities": ["vehicle_temp"] * 2}, "expected each quantity once"),
        ({"allowed_s": "x"}, "facts.cold_chain.chilled: Expected `float`"),
        ({"alowed_s": 1}, "unknown field `alowed_s`"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        cold_chain(pack(**wrong))

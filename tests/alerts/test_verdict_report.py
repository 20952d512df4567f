"""Verdicts by detector and class, suggestions with their evidence, and their way out to the topic."""

from typing import Any

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError

from alerts.lifecycle import Closed, Judged
from alerts.verdict_log import VerdictLog
from alerts.verdict_report import JudgedEpisode, judged_episodes, suggestions, table
from alerts.verdicts import REASONS
from streams.verdict_publisher import VerdictPublisher
from tests.alerts.city_parts import MINUTE, T0, House, finding
from topics.codec import encode
from topics.verdict import VerdictSaid

HOUR_S = 3_600.0


def episode(number: int, label: str, lasted_s: float | None = None, **more: Any) -> JudgedEpisode:
    reason = next(code for code, reason in REASONS.items() if reason.counts_as == label)
    fields: dict[str, Any] = {"detector": "limit", "sensor_class": "catalytic", "subject": f"s{number}", "opened": T0}
    return JudgedEpisode(alarm=f"A{number}", label=label, reason=reason, lasted_s=lasted_s, **(fields | more))


def test_precision_is_by_detector_and_class_and_maintenance_and_drill_stand_apart() -> None:
    labels = ["true"] * 8 + ["false"] * 2 + ["maintenance"] * 30 + ["drill"] * 30 + ["sensor-fault"] * 3
    (line,) = table(episode(number, label) for number, label in enumerate(labels))
    assert (line["judged"], line["precision"]) == (73, 0.8)
    assert [round(line[name], 4) for name in ("precision_low", "precision_high")] == [0.4902, 0.9433]
    assert line["labels"] == {"drill": 30, "false": 2, "maintenance": 30, "sensor-fault": 3, "true": 8}
    (other,) = table([episode(1, "maintenance")])
    assert other["precision"] is None


def test_an_alarm_with_many_episodes_counts_once() -> None:
    (line,) = table([episode(1, "true"), episode(1, "true"), episode(2, "false")])
    assert (line["judged"], line["precision"]) == (2, 0.5)


def test_short_false_alarms_suggest_the_mildest_hold_that_spares_most_and_loses_none() -> None:
    judged = [episode(number, "false", 20.0 + number) for number in range(9)]
    judged += [episode(20 + number, "true", HOUR_S) for number in range(2)]
    (found,) = suggestions(judged)
    assert (found.setting, found.value) == ("hold_s", 30.0)
    assert (found.spared, found.false, found.lost, found.true) == (9, 9, 0, 2)
    assert "9" in found.text.zh and "hold_s" in found.text.en and found.high < 0.7


def test_nothing_is_suggested_that_would_lose_a_true_alarm() -> None:
    judged = [episode(number, "false", 20.0) for number in range(9)] + [episode(20, "true", 5.0)]
    assert suggestions(judged) == []


@pytest.mark.parametrize(
    "judged",
    [
        [episode(number, "false", 20.0) for number in range(4)],  # too few
        [episode(number, "maintenance", 20.0) for number in range(40)],  # not false
        [*(episode(n, "false", 20.0) for n in range(6)), *(episode(50 + n, "true", HOUR_S) for n in range(60))],  # good
    ],
)
def test_nothing_is_suggested_without_cause(judged: list[JudgedEpisode]) -> None:
    assert suggestions(judged) == []


def test_statistical_alarms_suggest_a_rarer_opening() -> None:
    judged = [episode(number, "false", p=2e-5, detector="anomaly") for number in range(8)]
    judged += [episode(20, "true", p=1e-9, detector="anomaly")]
    (found,) = suggestions(judged)
    assert (found.setting, found.value, found.spared, found.lost) == ("false_alerts_per_sensor_day", 1e-5, 8, 0)


def test_chatter_of_one_series_suggests_a_dead_band() -> None:
    judged = [
        episode(number, "false", HOUR_S, subject="s", opened=T0 + number * 3_700_000, beyond=0.4 + number / 100)
        for number in range(8)
    ]
    (found,) = suggestions(judged)
    assert (found.setting, found.value, found.spared) == ("deadband", 0.47, 7)


def judge(house: House, number: int, verdict: str, lasted: int = 1) -> str:
    subject = f"tank-farm-1/GT-{number}/lel/Rtd"
    first = finding(quantity=f"q{number}", subject=subject, value=40.0, p=1e-6)
    (name,) = house.take(first)
    house.take(finding("close", 1, quantity=f"q{number}", subject=subject, closed=T0 + lasted * MINUTE, value=20.0))
    house.desk.act(name, lambda _, now: Judged(now, "wang", verdict=verdict))
    return name


def test_what_is_in_the_store_is_what_is_counted(house: House) -> None:
    judge(house, 1, "real", 3)
    judge(house, 2, "maintenance")
    judge(house, 3, "real")
    house.take(finding(quantity="q9", subject="tank-farm-1/GT-9/lel/Rtd"))  # nobody has said what it was
    found = judged_episodes(house.store, lambda domain, subject: f"{domain}/{subject[-3:]}")
    assert sorted((each.label, each.lasted_s) for each in found) == [
        ("maintenance", 60.0),
        ("true", 60.0),
        ("true", 180.0),
    ]
    assert {(each.sensor_class, each.beyond, each.p) for each in found} == {("safety/Rtd", 15.0, 1e-6)}
    assert judged_episodes(house.store, lambda *_: "", since=T0 + 1) == []


class Broker:
    """Keeps what is put, fails when told."""

    def __init__(self) -> None:
        self.kept: list[VerdictSaid] = []
        self.away = False

    async def put(self, topic: str, key: bytes, value: bytes) -> str:
        if self.away:
            raise KafkaConnectionError("away")
        said = msgspec.json.decode(value, type=VerdictSaid)
        assert (topic, key) == ("verdicts", said.alarm.encode())
        self.kept.append(said)
        return ""


async def test_every_verdict_goes_out_once_in_order_and_the_last_of_an_alarm_holds(house: House) -> None:
    broker = Broker()
    publisher = VerdictPublisher(house.store, broker.put)
    assert await publisher.publish() == 0
    first, second = judge(house, 1, "real"), judge(house, 2, "drill")
    house.desk.act(first, lambda _, now: Judged(now, "li", "it was the pump", verdict="threshold-wrong"))
    assert await publisher.publish() == 3
    assert [(each.alarm, each.counts_as, each.by) for each in broker.kept] == [
        (first, "true", "wang"), (second, "drill", "wang"), (first, "false", "li"),
    ]  # fmt: skip
    assert broker.kept[2].note == "it was the pump" and broker.kept[0].findings[0].detector == "legal-limit"
    assert await publisher.publish() == 0
    assert await VerdictPublisher(house.store, broker.put).publish() == 0  # nor after a restart


async def test_a_cluster_that_is_away_loses_none_and_a_crash_repeats_the_same_id(house: House) -> None:
    broker = Broker()
    publisher = VerdictPublisher(house.store, broker.put)
    judge(house, 1, "real")
    broker.away = True
    with pytest.raises(KafkaConnectionError):
        await publisher.publish()
    broker.away = False
    ((_, unsaid),) = VerdictLog(house.store).unsaid()
    await broker.put("verdicts", unsaid.alarm.encode(), encode(unsaid))  # kept, then the process dies
    assert await VerdictPublisher(house.store, broker.put).publish() == 1
    assert len({each.id for each in broker.kept}) == 1 and len(broker.kept) == 2


async def test_a_close_with_its_reason_is_a_verdict_and_lines_between_hold_nothing_up(house: House) -> None:
    broker = Broker()
    publisher = VerdictPublisher(house.store, broker.put)
    for number in range(5):
        house.take(finding(quantity=f"n{number}", subject=f"n{number}"))
    (name,) = house.take(finding(quantity="c", subject="c"))
    await publisher.publish()
    house.desk.acknowledge(name, "wang", "")
    house.desk.act(name, lambda _, now: Closed(now, "wang", "", "real"))
    assert await publisher.publish() == 1
    assert (broker.kept[0].verdict, broker.kept[0].severity) == ("real", "yellow")

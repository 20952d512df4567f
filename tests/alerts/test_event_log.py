"""What happens to an alarm, as it goes out to the topic: every step once and in order, over a restart too."""

from alerts.event_log import EventLog
from tests.alerts.city_parts import MINUTE, T0, House, finding
from topics.alarm_event import AlarmEvent


def said(log: EventLog) -> list[AlarmEvent]:
    found = log.unsaid()
    for line, _ in found:
        log.kept(line)
    return [event for _, event in found]


def test_a_life_is_told_step_by_step_and_once(house: House) -> None:
    (alarm,) = house.take(finding())
    log = EventLog(house.store)
    told = said(log)
    assert told[0].action == "raised" and {each.alarm for each in told} == {alarm}
    house.city.tick(T0 + 4 * MINUTE)
    house.desk.acknowledge(alarm, "wang", "on my way")
    (answered,) = said(log)
    assert (answered.action, answered.who, answered.before, answered.after) == (
        "acknowledged", "wang", "unacknowledged", "acknowledged",
    )  # fmt: skip
    assert (answered.site, answered.quantity, answered.family) == ("tank-farm-1", "lel", "limit")
    assert answered.time == T0 + 4 * MINUTE and answered.note.endswith("on my way")
    assert said(log) == said(EventLog(house.store)) == []


def test_what_no_broker_has_kept_comes_again(house: House) -> None:
    house.take(finding())
    first = EventLog(house.store).unsaid()
    assert first and EventLog(house.store).unsaid() == first

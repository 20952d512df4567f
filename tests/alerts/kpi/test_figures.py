"""The key figures of a desk as time lines, and the live ones against a recomputation from the log."""

import random
from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.kpi.annunciation import Line
from alerts.kpi.figures import DAY_MS, HOUR_MS, figures
from alerts.kpi.mix import priorities
from alerts.kpi.rates import Rates
from alerts.kpi.record import CITY, Records

RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
PRIORITY = priorities(list(RANKS))
S = 1000
MINUTE = 60 * S
UNACK, ACK, BACK, NORMAL = "unacknowledged", "acknowledged", "returned-unacknowledged", "normal"


class Log:
    """Writes lines as a shift would: what happens to an alarm at which second."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._states: dict[str, str] = {}

    def say(
        self, at_s: float, alarm: str, state: str, severity: str = "yellow", desk: str = "port", action: str = "changed"
    ) -> None:
        before = self._states.get(alarm, NORMAL)
        self._states[alarm] = state
        key = alarm.partition("#")[0]
        self.lines.append(Line(alarm, key, desk, round(at_s * S), action, before, state, severity, RANKS[severity]))


def read(lines: Iterable[Line], rates: Rates | None = None) -> Records:
    records = Records(rates or Rates())
    for line in lines:
        records.follow(line)
    return records


def told(log: Log, start: int, end: int, desk: str = CITY) -> dict[str, Any]:
    return figures(read(log.lines).desk(desk), start, end, lambda severity, _: PRIORITY[severity])


def test_an_alarm_sounds_when_it_comes_gets_worse_or_comes_back_and_not_when_it_is_answered() -> None:
    log = Log()
    log.say(0, "a", UNACK)
    log.say(5, "a", UNACK)  # a note in the log: nothing sounds
    log.say(10, "a", UNACK, "red")  # worse
    log.say(12, "a", UNACK, "yellow")
    log.say(14, "a", UNACK, "red")  # no worse than it was
    log.say(20, "a", ACK, "red")
    log.say(30, "a", UNACK, "red")  # the acknowledgement is withdrawn
    log.say(40, "a", BACK, "red")
    log.say(50, "a", UNACK, "red")  # the condition is back
    log.say(60, "a", ACK, "red")
    log.say(70, "a", NORMAL, "red")
    assert told(log, -1, MINUTE * 2)["alarms"] == 4
    assert told(log, 0, MINUTE * 2)["alarms"] == 3  # (from, to]: what sounded at from is the stretch before's


def test_each_desk_has_its_own_figures_and_the_city_has_all() -> None:
    log = Log()
    log.say(0, "a", UNACK, desk="port")
    log.say(1, "b", UNACK, desk="air")
    assert [told(log, -1, MINUTE, desk)["alarms"] for desk in (CITY, "port", "air", "nobody")] == [2, 1, 1, 0]


def test_a_flood_its_share_of_time_and_its_peak() -> None:
    log = Log()
    for number in range(24):
        log.say(number * 10, f"k{number}", UNACK)
    during = told(log, -1, 5 * MINUTE)
    assert during["flood"]["on"] and during["flood"]["since"] == 100 * S  # the eleventh
    assert (during["now"], during["peak"]) == (24, {"alarms": 24, "at": 230 * S})
    # The last four are those from 200 s on; the one at 190 s leaves at 790 s.
    after = told(log, -1, HOUR_MS - 1)
    assert not after["flood"]["on"]
    assert after["flood"]["periods"] == [{"start": 100 * S, "end": 790 * S}]
    assert after["flood"]["share_of_time"] == round(690 / 3600, 6)
    assert after["average"] == {"per_10_min": 4.0, "per_hour": 24.0, "per_day": 576.0}


def test_chattering_and_fleeting_are_told_apart() -> None:
    log = Log()
    for number in range(3):
        log.say(number * 20, f"valve#{number}", UNACK)
        log.say(number * 20 + 5, f"valve#{number}", BACK)
        log.say(number * 20 + 8, f"valve#{number}", NORMAL)
    log.say(100, "pump#1", UNACK)
    log.say(110, "pump#1", BACK)  # over before anybody answered, once
    log.say(200, "tank#1", UNACK)
    log.say(205, "tank#1", ACK)  # answered first
    log.say(210, "tank#1", NORMAL)
    found = told(log, -1, HOUR_MS)
    assert (found["chattering"]["keys"], found["chattering"]["alarms"]) == (1, 3)
    assert found["chattering"]["worst"][0].key == "valve"
    assert found["fleeting"] == 1


def test_three_in_a_little_more_than_a_minute_do_not_chatter() -> None:
    log = Log()
    for number, at in enumerate((0, 30, 61)):
        log.say(at, f"valve#{number}", UNACK)
    assert told(log, -1, HOUR_MS)["chattering"]["keys"] == 0


def test_what_stands_longer_than_a_day_is_stale_until_it_goes() -> None:
    log = Log()
    log.say(0, "old", UNACK)
    log.say(3600, "old", ACK)
    log.say(30 * 3600, "old", NORMAL)
    log.say(10 * 3600, "quick", UNACK)
    log.say(20 * 3600, "quick", NORMAL)
    noon = told(log, 0, 25 * HOUR_MS)["stale"]
    assert (noon["now"], noon["became"]) == (1, 1)
    assert noon["oldest"] == [{"alarm": "old", "key": "old", "since": 0}]
    assert told(log, 0, 23 * HOUR_MS)["stale"]["now"] == 0
    assert told(log, 0, 31 * HOUR_MS)["stale"] == {"now": 0, "became": 1, "per_day": 0.774, "oldest": []}


def test_a_shelved_alarm_is_neither_stale_nor_waiting_and_sounds_when_it_comes_off_the_shelf() -> None:
    log = Log()
    log.say(0, "a", UNACK)
    log.say(60, "a", "shelved")
    assert told(log, -1, 30 * HOUR_MS)["stale"]["now"] == 0
    assert told(log, -1, 30 * HOUR_MS)["unacknowledged"]["waiting"] == 0
    log.say(40 * 3600, "a", UNACK)
    assert told(log, -1, 41 * HOUR_MS)["alarms"] == 2


def test_what_is_hidden_behind_its_cause_sounds_when_it_is_shown_and_an_unanswered_one_sounds_again() -> None:
    log = Log()
    log.say(0, "a", UNACK)
    log.say(10, "a", UNACK, action="hidden")
    log.say(20, "a", UNACK, "red")
    assert told(log, -1, MINUTE)["alarms"] == 1
    assert told(log, -1, MINUTE)["unacknowledged"]["waiting"] == 0
    log.say(30, "a", UNACK, "red", action="shown")
    log.say(40, "a", UNACK, "red", action="re-alarmed")
    assert told(log, -1, MINUTE)["alarms"] == 3
    assert told(log, -1, MINUTE)["unacknowledged"]["waiting"] == 1


def test_the_ten_loudest_and_their_share() -> None:
    log = Log()
    for key in range(12):
        for number in range(12 - key):
            log.say(key * 1000 + number * 70, f"k{key:02}#{number}", UNACK)
    top = told(log, -1, DAY_MS)["top"]
    assert [each["key"] for each in top["keys"]] == [f"k{key:02}" for key in range(10)]
    assert top["share"] == round(75 / 78, 6)


def test_the_mix_of_priorities_stands_beside_what_is_recommended() -> None:
    log = Log()
    for number, severity in enumerate(["blue"] * 8 + ["yellow"] * 1 + ["red"] * 1):
        log.say(number * 100, f"k{number}", UNACK, severity)
    mix = told(log, -1, HOUR_MS)["mix"]
    assert {name: (each["share"], each["recommended"]) for name, each in mix.items()} == {
        "low": (0.8, 0.8),
        "medium": (0.1, 0.15),
        "high": (0.0, 0.05),
        "critical": (0.1, 0.01),
    }


def test_how_long_alarms_wait_for_an_answer() -> None:
    log = Log()
    for number, waited in enumerate((10, 20, 60, 300)):
        log.say(number, f"k{number}", UNACK)
        log.say(number + waited, f"k{number}", ACK)
    log.say(30, "open", UNACK)
    log.say(35, "open", BACK)  # over, and still nobody has answered
    found = told(log, -1, 10 * MINUTE)["unacknowledged"]
    assert found == {
        "waiting": 1,
        "oldest_s": 570.0,
        "answered": 4,
        "mean_s": 97.5,
        "p50_s": 20.0,
        "p95_s": 300.0,
        "longest_s": 300.0,
    }


def test_figures_of_a_past_moment_do_not_know_what_came_after() -> None:
    log = Log()
    log.say(0, "a", UNACK)
    log.say(500, "a", ACK)
    before = read(log.lines[:1]).desk(CITY)
    after = read(log.lines).desk(CITY)

    def say(severity: str, _: str) -> str:
        return PRIORITY[severity]

    assert figures(after, -1, 400 * S, say) == figures(before, -1, 400 * S, say)


STATES = (UNACK, ACK, BACK, NORMAL, "shelved")
steps = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(STATES), st.sampled_from(list(RANKS)), st.integers(0, 90), st.booleans()
    ),
    max_size=60,
)


@settings(max_examples=80, deadline=None)
@given(steps, st.integers(0, 2**32), st.integers(0, 200))
def test_the_live_figures_are_those_of_a_recomputation_from_the_log(
    made: list[tuple[int, str, str, int, bool]], seed: int, end: int
) -> None:
    """Looked at after every line, in an order that only keeps each alarm's own: as if read in one go, by time."""
    log = Log()
    for alarm, state, severity, at, port in made:
        action = ("changed", "hidden", "shown", "re-alarmed")[at % 4]
        log.say(at, f"{alarm % 3}#{alarm}", state, severity, "port" if port else "air", action)
    rates = Rates(window_s=20, flood_starts_above=4, flood_ends_below=2, chatter_within_s=15, fleeting_within_s=10,
                  stale_after_s=50)  # fmt: skip

    def say(severity: str, _: str) -> str:
        return PRIORITY[severity]

    live = Records(rates)
    for line in _mixed(log.lines, seed):
        live.follow(line)
        figures(live.desk("port"), -1, end * S, say)
    again = read(log.lines, rates)
    for desk in (CITY, "port", "air"):
        assert figures(live.desk(desk), -1, end * S, say) == figures(again.desk(desk), -1, end * S, say)


def _mixed(lines: list[Line], seed: int) -> list[Line]:
    """Another order in which every alarm's lines keep theirs."""
    left: dict[str, list[Line]] = {}
    for line in lines:
        left.setdefault(line.alarm, []).append(line)
    chance = random.Random(seed)
    mixed = []
    while left:
        name = chance.choice(sorted(left))
        mixed.append(left[name].pop(0))
        if not left[name]:
            del left[name]
    return mixed

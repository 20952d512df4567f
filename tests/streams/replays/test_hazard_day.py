"""The hazard day: what is said of it is what the standard's text asks for, and the oracle would notice if not."""

import datetime as dt
from functools import cache

import pytest

from detectors.rules.hazard import voting
from detectors.rules.limits import CITY
from streams.judges.episodes import Episodes
from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge
from streams.replays import hazard, hazard_oracle
from streams.replays.hazard_day import MINUTE_MS, SITE, START_MS, hazard_pack
from topics.domain_file import load_domains
from topics.errors import ConfigurationError
from topics.finding import Finding
from topics.reading import Reading


@cache
def day() -> hazard.Replayed:
    return hazard.replay_hazard_day()


def test_the_day_is_judged_as_the_oracle_reckons_it() -> None:
    played = day()
    assert (played.missed, played.unwanted) == ([], [])
    assert {each.rule for each in played.said} == {
        "unit-hazard-grade", "unit-over-storage", "unit-vote", "unit-discrepancy", "unit-rate-of-rise", "unit-bypass",
    }  # fmt: skip
    assert played.kept_silent["ammonia tanks rate-of-rise start-up"] > 0


def test_the_oracle_notices_a_planted_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voting.Vote, "tripped", property(lambda self: self.votes >= 1))  # one of three
    played = hazard.replay_hazard_day()
    assert any(each.rule == "unit-vote" for each in [*played.missed, *played.unwanted])
    monkeypatch.undo()
    monkeypatch.setattr(hazard_oracle, "ALPHA_60_PEOPLE", 1.2)
    wrong = hazard.Replayed(day().said, hazard_oracle.expected())
    assert any(each.rule == "unit-hazard-grade" for each in wrong.missed)


def test_a_replay_says_the_same_and_every_sentence_is_there_twice() -> None:
    first, second = day().findings, hazard.replay_hazard_day().findings
    assert first == second
    assert all(each.text.zh and each.text.en and each.text.zh != each.text.en for each in first)
    worst = next(each for each in first if each.facts.get("grade") == 1)
    assert "UN 1005 2×300 t/10 t" not in worst.text.zh and "UN 1005 2×" in worst.text.zh, "term by term"
    assert worst.facts["R_design"] == 270.0


class Farm:
    """The judge of the day's unit, fed by hand; minutes from the day's beginning."""

    def __init__(self) -> None:
        pack = hazard_pack()
        facts = hazard_facts(pack)
        assert facts is not None
        self.judge = UnitsJudge(pack, facts, 0)

    def read(self, minute: float, device: str, value: float, quantity: str = "level_percent") -> list[Finding]:
        time = START_MS + int(minute * MINUTE_MS)
        return self.judge.apply(Reading(f"{SITE}/{device}/{quantity}/Rtd", time, value), 0, 0)

    def tick(self, minute: float) -> list[Finding]:
        return self.judge.tick(START_MS + int(minute * MINUTE_MS), 0, 0)

    def open(self, rule: str) -> bool:
        return bool(self.judge.episodes.that_hold(rule))


def test_a_start_up_that_lasts_too_long_suppresses_nothing_any_more() -> None:
    farm = Farm()
    farm.read(0, "DCS", 2.0, "unit_state")
    for minute in range(130):
        farm.read(minute, "T1A", 20.0 + 0.5 * minute)  # 30 % an hour
        if minute == 119:
            assert not farm.open("unit-rate-of-rise")
    assert farm.open("unit-rate-of-rise")


def test_a_gauge_that_falls_silent_leaves_the_others_to_vote_on_the_safe_side() -> None:
    farm = Farm()
    for device, value in (("T1A", 95.0), ("T1B", 60.0), ("T1C", 60.0)):
        farm.read(0, device, value)
    assert not farm.open("unit-vote")
    farm.read(5, "T1A", 95.0)
    farm.read(5, "T1B", 60.0)
    assert farm.open("unit-vote"), "T1C has been silent for five minutes: one of two"


def test_marked_late_and_strange_readings_change_nothing() -> None:
    farm = Farm()
    farm.read(1, "T1A", 95.0)
    before = farm.judge.episodes.that_hold("unit-vote")
    old = Reading(f"{SITE}/T1A/level_percent/Rtd", START_MS, 10.0)
    marked = Reading(f"{SITE}/T1A/level_percent/Rtd", START_MS + 2 * MINUTE_MS, 10.0, "C")
    other = Reading("elsewhere/T1A/level_percent/Rtd", START_MS + 2 * MINUTE_MS, 10.0)
    assert [farm.judge.apply(each, 0, 0) for each in (old, marked, other)] == [[], [], []]
    assert farm.judge.episodes.that_hold("unit-vote") == before


def test_the_products_pack_declares_gases_and_interlocks_by_standard() -> None:
    pack = next(each for each in load_domains() if each.name == "safety")
    today = dt.datetime.fromtimestamp(START_MS / 1000, CITY).date()
    levels = {
        code: {
            limit.level: (limit.side, limit.value) for limit in pack.quantities[code].limits if limit.in_force(today)
        }
        for code in ("oxygen", "gas_oel", "gas_lel", "interlock_trip", "level_percent")
    }
    assert levels["oxygen"] == {"L": ("low", 19.5), "H": ("high", 23.5)}
    assert levels["gas_oel"] == {"H": ("high", 100.0), "HH": ("high", 200.0)}
    assert levels["gas_lel"] == {"H": ("high", 25.0), "HH": ("high", 50.0)}
    assert set(levels["level_percent"]) == {"LL", "L", "H", "HH"}
    assert levels["interlock_trip"] == {"HH": ("high", 0.5)}
    assert not any(limit.confirmed for limit in pack.quantities["oxygen"].limits), "from memory, and said so"


def test_a_pack_whose_unit_lacks_something_is_refused_by_name() -> None:
    pack = hazard_pack()
    pack.facts["hazard"]["units"]["ammonia tanks"] = {"tanks": []}
    with pytest.raises(ConfigurationError, match=r"facts.hazard.*about"):
        hazard_facts(pack)
    assert isinstance(Farm().judge.episodes, Episodes)

"""The hazard day: what is said of it is what the standard's text asks for, and the oracle would notice if not."""

import datetime as dt
from functools import cache

import pytest

from detectors.rules.hazard import voting
from detectors.rules.limits import CITY
from streams.judges.episodes import Episodes
from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge, Word
from streams.replays import hazard, hazard_oracle
from streams.replays.hazard_day import MINUTE_MS, SITE, START_MS, hazard_pack
from topics.domain_file import load_domains
from topics.errors import ConfigurationError
from topics.reading import Reading
from topics.unit_state import UnitState


@cache
def day() -> hazard.Replayed:
    return hazard.replay_hazard_day()


def test_the_day_is_judged_as_the_oracle_reckons_it() -> None:
    played = day()
    assert (played.missed, played.unwanted) == ([], [])
    assert {each.rule for each in played.said} == {
        "unit-hazard-grade", "unit-over-storage", "unit-vote", "unit-discrepancy", "unit-rate-of-rise", "unit-bypass",
    }  # fmt: skip
    assert [(each.rule, each.opens, each.closes) for each in played.silent] == [("unit-rate-of-rise", 369, 420)]
    assert [(each.state, each.suppresses) for each in played.states] == [
        ("running", ()), ("start-up", ("low-limit", "low-trip", "rate-of-rise")), ("running", ()),
    ]  # fmt: skip


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

    def read(self, minute: float, device: str, value: float, quantity: str = "level_percent") -> list[Word]:
        time = START_MS + int(minute * MINUTE_MS)
        return self.judge.apply(Reading(f"{SITE}/{device}/{quantity}/Rtd", time, value), 0, 0)

    def tick(self, minute: float) -> list[Word]:
        return self.judge.tick(START_MS + int(minute * MINUTE_MS), 0, 0)

    def states(self, words: list[Word]) -> list[tuple[str, int, tuple[str, ...]]]:
        """State, since when (minutes), and what it suppresses."""
        said = [each for each in words if isinstance(each, UnitState)]
        return [(each.state, (each.since - START_MS) // MINUTE_MS, each.suppresses) for each in said]

    def open(self, rule: str) -> bool:
        return bool(self.judge.episodes.that_hold(rule))


def test_a_start_up_that_lasts_too_long_suppresses_nothing_any_more_however_often_it_is_said() -> None:
    farm = Farm()
    said: list[Word] = []
    for minute in range(130):
        said += farm.read(minute, "DCS", 2.0, "unit_state")  # as an instrument that repeats itself
        said += farm.read(minute, "T1A", 20.0 + 0.5 * minute)  # 30 % an hour
    assert farm.open("unit-rate-of-rise"), "it stands from the first; whether it is heard is the state's to say"
    assert farm.states(said) == [("start-up", 0, ("low-limit", "low-trip", "rate-of-rise")), ("start-up", 0, ())]
    expired = next(each for each in said if isinstance(each, UnitState) and not each.suppresses)
    assert (expired.time - START_MS) // MINUTE_MS == 121


def test_a_start_up_ends_by_city_time_alone_where_the_instruments_are_silent() -> None:
    farm = Farm()
    farm.read(0, "DCS", 2.0, "unit_state")
    assert farm.states(farm.tick(120)) == []
    assert farm.states(farm.tick(120.1)) == [("start-up", 0, ())]


def test_a_unit_says_its_first_state_even_if_it_runs_and_then_only_what_is_new() -> None:
    farm = Farm()
    assert farm.states(farm.read(0, "DCS", 1.0, "unit_state")) == [("running", 0, ())], "it may have ended another"
    assert farm.states(farm.read(1, "DCS", 1.0, "unit_state")) == []
    out = farm.read(2, "ammonia tanks", 0.0, "unit_state")
    assert farm.states(out) == [
        ("out-of-service", 2, ("bypass", "discrepancy", "low-limit", "low-trip", "rate-of-rise"))
    ]
    (state,) = (each for each in out if isinstance(each, UnitState))
    assert "T1B/level_percent" in state.points and "T2A/temperature" in state.points
    assert not any(point.endswith(("/oxygen", "/gas_lel", "/interlock_trip")) for point in state.points)


def test_of_two_units_of_a_site_only_the_one_that_is_named_changes_its_state() -> None:
    pack = hazard_pack()
    units = pack.facts["hazard"]["units"]
    units["pumps"] = {"about": units["ammonia tanks"]["about"] | {"instruments": ["P1"]}}
    facts = hazard_facts(pack)
    assert facts is not None
    judge = UnitsJudge(pack, facts, 0)

    def said(device: str, minute: int, value: float) -> set[str]:
        time = START_MS + minute * MINUTE_MS
        words = judge.apply(Reading(f"{SITE}/{device}/unit_state/Rtd", time, value), 0, 0)
        return {each.unit for each in words if isinstance(each, UnitState)}

    assert said("pumps", 0, 0.0) == {"pumps"} and said("T1B", 1, 2.0) == {"ammonia tanks"}
    assert said("DCS", 2, 1.0) == {"pumps", "ammonia tanks"}, "a state of the site is that of all its units"


def test_a_unit_may_name_what_it_suppresses_and_only_what_there_is() -> None:
    pack = hazard_pack()
    about = pack.facts["hazard"]["units"]["ammonia tanks"]["about"]
    about["suppresses"] = {"out-of-service": ["low-limit", "high-limit"]}
    facts = hazard_facts(pack)
    assert facts is not None
    words = UnitsJudge(pack, facts, 0).apply(Reading(f"{SITE}/DCS/unit_state/Rtd", START_MS, 0.0), 0, 0)
    assert [each.suppresses for each in words if isinstance(each, UnitState)] == [("high-limit", "low-limit")]
    about["suppresses"] = {"out-of-service": ["gas"]}
    with pytest.raises(ConfigurationError, match=r"facts.hazard.*gas"):
        hazard_facts(pack)


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

"""The port night told by order and by the signs of its lead times, whatever the masses; and what would be a miss."""

import datetime as dt
import shutil
from collections.abc import Iterator

import msgspec
import pytest

from alerts.store import Store
from streams.packs import load_packs
from streams.replays.port_chain import Played, play_chain, scaled
from streams.replays.port_story import Story, in_order
from streams.sources.simulator.script import Script, load_script
from streams.sources.simulator.script_lines import Seen, Stock
from tests.made_stores import made_store

TODAY, THAT_NIGHT = dt.date(2026, 1, 1), dt.date(2015, 8, 12)
SCRIPT = load_script("port-2015")


def fewer_boxes(script: Script) -> Script:
    """The same masses in an eighth of the boxes but where boxes stand too close: the command plays them all."""
    lines = tuple(
        msgspec.structs.replace(line, boxes=max(1, line.boxes // 8))
        if isinstance(line, Stock) and line.block != "ARR"
        else line
        for line in script.lines
    )
    return msgspec.structs.replace(script, lines=lines)


@pytest.fixture(scope="module", params=[(0.5, THAT_NIGHT), (1.5, TODAY)], ids=["half, 2015", "half more, today"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    factor, day = request.param
    folder = tmp_path_factory.mktemp("night")
    store = Store(made_store(folder))
    yield play_chain(load_packs(), store, day, scaled(fewer_boxes(SCRIPT), factor), (600, 60))
    store.close()
    shutil.rmtree(folder)


def test_the_story_is_told_in_its_order_and_nothing_that_should_warn_comes_late(played: Played) -> None:
    story = played.story
    assert story.faults() == []
    assert all(each.at is not None for each in story.told)
    order = in_order(story)
    inventory = {"hazard-grade", "nitrate-not-permitted", "over-storage", "dwell"}
    assert set(order[:4]) == inventory, "weeks before the night the yard's inventory alone was red"
    assert order[4:] == ["segregation", "box-heats", "box-burns", "fire-seen", "yard-gas", "plume", "sensors-lost"]


def test_both_authorities_are_told_weeks_before_and_the_air_only_after(played: Played) -> None:
    told = played.story.figures()["told"]
    week = 7 * 24 * 60
    assert told["transport-commission"] > week and told["emergency-management-bureau"] > week
    assert told["ecology-environment-bureau"] < 0


def test_lead_times_are_told_against_the_fire_and_both_blasts(played: Played) -> None:
    alerts = {each["name"]: each for each in played.story.figures()["alerts"]}
    before = alerts["box-burns"]["minutes_before"]
    assert before["first-blast"] - before["first-fire"] == pytest.approx(42.3, abs=0.11)  # 42 min 20 s
    assert before["second-blast"] - before["first-blast"] == pytest.approx(0.5, abs=0.11)
    assert alerts["fire-seen"]["minutes_before"]["first-blast"] == pytest.approx(42.3, abs=0.11)
    assert {each["basis"] for each in alerts.values()} == {"reported", "assumed"}
    assert all(each["source"] for each in alerts.values())


def test_the_rules_of_the_day_asked_for_are_named(played: Played) -> None:
    assert played.story.figures()["rules_as_of"] in ("2015-08-12", "2026-01-01")


def test_a_warning_after_the_event_and_one_that_never_came_are_misses(played: Played) -> None:
    story = played.story
    fire = story.fire_ms

    def with_(name: str, **changes: object) -> list[str]:
        told = []
        for each in story.told:
            values = {"beat": each.beat, "at": each.at, "recipients": each.recipients}
            told.append(type(each)(**(values | (changes if each.beat.name == name else {}))))  # type: ignore[arg-type]
        return Story(tuple(told), story.moments, story.first_told, story.rules_as_of).faults()

    assert with_("box-heats", at=None) == ["box-heats: expected an alarm, got none"]
    assert "expected it before the first fire" in with_("box-heats", at=fire + 60_000)[0]
    assert "expected it after" in with_("plume", at=fire - 60_000)[0]
    late = {"transport-commission": fire + 1, "emergency-management-bureau": fire + 60_000}
    assert "expected a warning before" in with_("segregation", recipients=late)[0]


def test_every_fact_of_the_scenario_says_whether_it_was_reported_or_assumed() -> None:
    assert {line.basis for line in SCRIPT.lines} == {"published", "assumed"}
    assert all(line.source for line in (*SCRIPT.lines, *SCRIPT.story))
    seen = {line.id: line for line in SCRIPT.lines if isinstance(line, Seen)}
    assert seen["first-fire"].basis == seen["first-blast"].basis == seen["second-blast"].basis == "published"

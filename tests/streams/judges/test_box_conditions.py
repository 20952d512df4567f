"""The judge of boxes as a whole: what it does not judge, and that neither order of arrival nor a restart is told."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.box_terms import box_terms
from streams.judges.box_conditions import EVENTS, READINGS
from streams.judges.box_memory import pack_remembered, read_remembered
from tests.streams.judges.box_logs import disorder, hear, interleaved, story, ticked
from tests.streams.judges.boxes import FAR, box, day, judge, pack, play, reading
from topics.errors import ConfigurationError


def test_readings_marked_by_the_device_are_heard_but_not_judged() -> None:
    values = [reading("R1", m, 20.0, flag="M") for m in range(1, 30)]
    assert play(judge(), day(values, 30), [*box("SIMU0000001", "R1"), FAR]) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temperatures": ["warmth"]}, "expected quantities of the pack"),
        ({"rise": {"window_s": 600.0, "bucket_s": 300.0}}, r"rise.window_s: expected at least four"),
        ({"tilts": {"tilt": {"first": 9.0, "second": 5.0, "source": "s", "confirmed": False}}}, "tilt.first"),
        ({"silent_s": 0.0}, "silent_s"),
    ],
)
def test_broken_terms_are_refused_by_key(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        box_terms(pack(**changes))


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_neither_the_order_of_arrival_nor_how_the_logs_are_read_changes_what_is_said(seed: int, other: int) -> None:
    values, events = story(seed)
    dice = random.Random(other)
    plain = interleaved(judge(), {EVENTS: ticked(events), READINGS: ticked(values)}, random.Random(1))
    mixed = interleaved(judge(), {EVENTS: disorder(events, dice), READINGS: disorder(values, dice)}, dice)
    assert plain and mixed == plain


def test_what_comes_later_than_it_may_is_counted_and_changes_nothing() -> None:
    watch = judge()
    log = day([reading("R1", m, -10.0) for m in range(1, 60)], 60)
    log.insert(100, reading("R1", 2, 80.0))
    assert play(watch, log, [*box("SIMU0000001", "R1"), FAR]) == [] and watch.inbox.late == 1


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 2_000), min_size=1, max_size=4))
def test_a_restart_at_any_point_equals_no_restart(seed: int, stops: list[int]) -> None:
    values, events = story(seed)
    logs = {EVENTS: ticked(events), READINGS: ticked(values)}
    whole = interleaved(judge(), logs, random.Random(1))
    dice, watch, found, told = random.Random(seed), judge(), [], 0
    places = {EVENTS: 0, READINGS: 0}
    for stop in [*sorted(stops), 10_000_000]:
        while any(places[name] < len(log) for name, log in logs.items()) and sum(places.values()) < stop:
            name = dice.choice([each for each, log in logs.items() if places[each] < len(log)])
            for _ in range(dice.randrange(1, 40)):
                if places[name] < len(logs[name]):
                    hear(watch, name, logs[name][places[name]], places[name])
                    places[name] += 1
            found += [each for when, each in watch.advance() if when > told]
        told = max(told, watch.released)
        kept = read_remembered(pack_remembered(watch.memory(places[READINGS])))
        assert kept is not None
        watch = judge()
        watch.recall(kept)
        places = {EVENTS: 0, READINGS: kept.next_offset}
    assert found == whole

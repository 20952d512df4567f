"""The day as it is sent: complete in any cut, with each story at its time and no alarm that is not meant."""

import datetime as dt
import itertools
from collections import Counter
from functools import cache
from typing import Any

import numpy as np

from streams.sources.simulator.day import Message
from tests.streams.sources.simulator.limits import breaches, limits_of
from tests.streams.sources.simulator.plays import END, MIDNIGHT, SCRIPT, clock, whole_day


@cache
def everything() -> tuple[tuple[Message, ...], dict[str, tuple[Any, Any]]]:
    """All messages of the day, and by series its times and values (back-filled ones left out)."""
    messages: list[Message] = []
    step = 3_600_000
    for start in range(MIDNIGHT, END, step):
        messages += whole_day().span(start, start + step).messages
    columns: dict[str, tuple[list[int], list[float]]] = {}
    for message in messages:
        if not message.backfill:
            for series, value in zip(message.series, message.values, strict=True):
                times, values = columns.setdefault(series.id, ([], []))
                times.append(message.time)
                values.append(value)
    return tuple(messages), {name: (np.array(t), np.array(v)) for name, (t, v) in columns.items()}


def values(start: str, end: str, **wanted: str) -> Any:
    """The values sent between two times of the one series that has these attributes."""
    (series,) = [each for each in whole_day().series if all(getattr(each, k) == v for k, v in wanted.items())]
    times, sent = everything()[1][series.id]
    return sent[(times >= clock(start)) & (times < clock(end))]


def _order(message: Message) -> tuple[int, str]:
    return message.time, message.device


def test_any_cut_of_the_time_gives_the_same_day() -> None:
    first, last = clock("22:40"), clock("22:55")
    whole = whole_day().span(first, last)
    cuts = [first, first + 1, first + 61_234, clock("22:50"), clock("22:50:03"), last]
    parts = [whole_day().span(a, b) for a, b in itertools.pairwise(cuts)]
    together = [each for part in parts for each in part.messages]
    assert sorted(together, key=_order) == sorted(whole.messages, key=_order)
    assert [each for part in parts for each in part.events] == whole.events


def test_one_reading_a_minute_for_each_series_and_six_in_the_night() -> None:
    columns = everything()[1]
    day, dense = whole_day(), SCRIPT.play.dense[0] if SCRIPT.play else None
    assert dense is not None
    for series in day.series:
        times, _ = columns[series.id]
        assert len(np.unique(times)) == len(times), series.id
        before = times < clock("10:00")
        assert before.sum() == 600, series.id
        night = (times >= clock("22:50")) & (times < clock("22:55"))
        assert night.sum() == (30 if series.site in dense.sites else 5), series.id
    assert sum(len(each.values) for each in everything()[0]) > 390_000


def test_messages_come_in_the_order_of_time_except_what_is_filled_in() -> None:
    span = whole_day().span(clock("10:40"), clock("10:50"))
    live = [each.time for each in span.messages if not each.backfill]
    assert live == sorted(live)
    filled = [each for each in span.messages if each.backfill]
    assert {each.series[0].site for each in filled} == {"outlet-05"}
    assert [each.time for each in filled] == sorted(each.time for each in filled)
    assert clock("10:10") <= filled[0].time and filled[-1].time < clock("10:40") and len(filled) == 30


def test_the_outfall_rises_goes_silent_and_sticks() -> None:
    cod = {"site": "outlet-05", "quantity": "w01018"}
    assert values("08:00", "09:00", **cod).max() < 40
    assert values("09:31", "10:10", **cod).min() > 120
    assert values("10:10", "10:40", **cod).size == 0
    stuck = values("13:00", "17:00", **cod)
    assert len(set(stuck.tolist())) == 1 and stuck.size == 240
    assert len(set(values("17:01", "18:00", **cod).tolist())) > 10
    assert len(set(values("13:00", "17:00", site="outlet-05", quantity="w21003").tolist())) > 10


def test_the_box_heats_from_the_air_of_the_day_to_more_than_65() -> None:
    heat = {"device": "ruihai-ARR-01"}
    assert 28 < values("19:00", "20:00", **heat).mean() < 36
    assert values("22:40", "22:50", **heat).max() > 65
    assert values("22:56", "23:59", **heat).size == 0


def test_the_blast_takes_the_sensors_and_the_plume_comes_after_it() -> None:
    for series in whole_day().series:
        times, _ = everything()[1][series.id]
        if series.site in ("yard-ruihai", "plant-14"):
            assert times.max() < clock("23:34:06")
        else:
            assert times.max() >= clock("23:59")
    for site in ("air-06", "air-07"):
        for quantity, least in (("a21017", 5.0), ("a21001", 50.0), ("a21028", 14.0)):
            plume = {"site": site, "quantity": quantity}
            assert values("23:30", "23:36", **plume).max() < least / 100
            assert values("23:40", "23:41", **plume).max() > least
    assert values("23:40", "23:41", site="air-08", quantity="a21017").max() < 0.05


def test_the_limits_passed_are_those_the_script_means_and_no_others() -> None:
    day, found = dt.date(2015, 8, 12), Counter[tuple[str, str]]()
    first: dict[tuple[str, str, str], int] = {}
    for series in whole_day().series:
        times, sent = everything()[1][series.id]
        for limit in limits_of(whole_day().city, series, day):
            for time in breaches(limit, times, sent):
                found[series.site, series.quantity] += 1
                first.setdefault((series.site, series.quantity, limit.severity), time)
    meant = {(each.site, each.quantity) for line in SCRIPT.lines for each in line.expect if each.family == "limit"}
    assert set(found) == meant
    assert len(meant) == 13
    for line in SCRIPT.lines:
        for each in line.expect:
            if each.family == "limit":
                assert (each.site, each.quantity, each.severity) in first, line.id
    assert clock("21:00") < first["yard-ruihai", "container_temp", "yellow"] < clock("22:51:46")
    assert first["yard-ruihai", "container_temp", "red"] < clock("22:51:46")


def test_doors_and_defrosting_must_not_alarm_though_they_pass_the_limit() -> None:
    passed = 0
    for series in whole_day().series:
        if series.signal.defrost and series.quantity == "freezer_temp" and series.site != "cold-03":
            _, sent = everything()[1][series.id]
            passed += int((sent > -18).sum())
    assert passed > 20, "the healthy day has spikes above the limit, all shorter than it allows"


def test_the_history_for_priming_is_healthy_and_fills_the_minutes() -> None:
    ids, times, sent = whole_day().history(MIDNIGHT - 86_400_000, MIDNIGHT)
    assert sent.shape == times.shape == (len(ids), 1440)
    assert np.isfinite(sent).all()
    assert (np.diff(times, axis=1) == 60_000).all()
    assert ids == [series.id for series in whole_day().series]

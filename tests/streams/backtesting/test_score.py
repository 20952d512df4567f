"""Findings against what people say was there: found in time, too late, for nothing, or not to be counted."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from streams.backtesting.labels import Labels, labels_from_csv, labels_from_verdicts
from streams.backtesting.score import alarms, by_detector, episodes, figures, judge
from tests.detectors.small_pack import MINUTE, START
from tests.streams.backtesting.parts import episode, finding, label, series
from topics.errors import ConfigurationError

ZONE = ZoneInfo("Asia/Shanghai")
END = START + 1_000 * MINUTE


def test_an_episode_in_time_is_found_with_its_lead_and_one_elsewhere_is_false() -> None:
    told = episodes([*episode("a", 110, 130), *episode("b", 300, 310)], END)
    labels = Labels((label("a", 100, 160), label("c", 100, 160)), True)
    found = figures(told, labels, 2.0, 10, 4)
    assert (found["true"], found["false"], found["found"], found["events"]) == (1, 1, 1, 2)
    assert found["precision"] == 0.5 and found["recall"] == 0.5
    assert found["lead_min_median"] == 50.0 and found["delay_min_median"] == 10.0
    assert found["alarms"] == 2 and found["alarms_per_operator_day"] == 2 / 8
    assert found["episodes_per_sensor_day"] == 2 / 20
    assert by_detector(told, labels)["anomaly"]["precision"] == 0.5


def test_a_warning_after_the_event_is_a_miss() -> None:
    told = episodes(episode("a", 140, 150), END)
    found = figures(told, Labels((label("a", 100, 160, event=130),), True), 1.0, 1, 1)
    assert found["found"] == 0 and found["late"] == 1 and found["recall"] == 0.0
    assert found["leads"][0]["late_min"] == 10.0 and found["leads"][0]["lead_min"] is None


def test_drills_count_for_nothing_and_verdicts_leave_the_rest_unjudged() -> None:
    told = episodes([*episode("a", 110, 130), *episode("b", 300, 310)], END)
    drill = label("a", 100, 160, "aside")
    assert judge(told, Labels((drill,), True)).counted("aside") == 1
    assert judge(told, Labels((drill,), True)).counted("false") == 1
    assert judge(told, Labels((drill,), False)).counted("unjudged") == 1


def test_episodes_of_one_alarm_that_overlap_are_one_alarm_and_late_data_is_none() -> None:
    other = [finding("a", 115, id="x", detector="limit"), finding("a", 140, "close", 115, id="x", detector="limit")]
    told = episodes([*episode("a", 110, 130), *other, *episode("a", 200, 210), finding("z", 5, late=True)], END)
    assert len(told) == 3 and alarms(told) == 2
    assert episodes([finding("a", 10)], END)[0].until == END  # still open at the end


def test_verdicts_become_windows_of_what_they_were_given_on() -> None:
    opening = finding("a", 110)
    story = {
        "verdict": "threshold-wrong", "opened": opening.opened, "returned": None, "closed": START + 200 * MINUTE,
        "updated": START, "findings": [{"subject": opening.subject, "id": opening.id}],
    }  # fmt: skip
    labels = labels_from_verdicts([story, story | {"verdict": None}, story | {"verdict": "real"}])
    assert not labels.complete and [each.kind for each in labels.windows] == ["false", "event"]
    told = episodes(episode("a", 90, 95), END)  # a candidate finds it 20 minutes sooner
    assert judge(told, Labels(labels.windows[:1], False)).counted("false") == 1


def test_labels_are_read_with_the_city_s_zone_and_bad_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        f"series,start,end,label,event\n{series('a')},2015-08-12T00:00,2015-08-12T01:00,fire,\nb,{START},{END},drill,\n"
    )
    windows = labels_from_csv(path, ZONE).windows
    assert windows[0].start == START and windows[0].event == START + 60 * MINUTE and windows[1].kind == "aside"
    assert windows[1].speaks_of(finding("b", 1)) and not windows[1].speaks_of(finding("a", 1))
    path.write_text("series,start,end,label\na,2015-08-12,2015-08-11,fire\n")
    with pytest.raises(ConfigurationError, match="line 2: end: expected no time before the start"):
        labels_from_csv(path, ZONE)

"""Groups in a look back: a finding is matched by the channels that weigh in it, and its plot says what each gave."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from detectors.base import SeriesSpec
from streams.backtesting.report import cases, report
from streams.backtesting.score import Told
from streams.backtesting.trace import Trace
from tests.detectors.small_pack import spec
from tests.streams.backtesting.parts import finding, label, series
from topics.finding import Channel, Finding, Text

#: What the page asks of a command that has counted nothing.
FIGURES: dict[str, Any] = {
    "domain": "trial", "source": "", "from": 0, "to": 0, "readings": 0, "sensors": 1, "pack": "", "models": "",
    "rate": 0, "alarms": 0, "episodes": 0, "alarms_per_operator_day": None, "operators": 1,
    "episodes_per_sensor_day": None,
    "by_detector": {}, "refused": {}, "cpu_s": 0, "readings_per_s": 0,
}  # fmt: skip


def group_finding() -> Finding:
    weighty = Channel(series("a"), Text("温度", "Temperature"), 0.8, 31.0, 28.0, "°C")
    slight = Channel(series("b"), Text("压力", "Pressure"), 0.05)
    return msgspec.structs.replace(finding("a", 30), subject="a/tank", detector="hotelling", channels=(weighty, slight))


def test_a_finding_about_a_group_is_about_the_channels_that_weigh() -> None:
    assert label("a", 0, 60).speaks_of(group_finding())
    assert not label("b", 0, 60).speaks_of(group_finding())


def test_the_page_draws_the_weightiest_channel_and_says_what_each_gave() -> None:
    opening = group_finding()
    told = Told(opening, opening, opening.time, opening.time + 600_000, (opening,))
    sensors: dict[str, SeriesSpec] = {series("a"): spec(series("a"))}
    chosen = cases([told], None, sensors, 5)
    assert [(each.series, each.kind) for each in chosen] == [(series("a"), "unjudged")]
    page = report(FIGURES, chosen, {series("a"): Trace()}, [told], None, sensors, ZoneInfo("Asia/Shanghai"))
    assert "各通道的贡献 what each channel gave" in page
    assert "温度 Temperature" in page and ">80%" in page and ">5%" in page

"""The split into desks, its file, and the figures in the city's words."""

from pathlib import Path

import pytest

from alerts.kpi.desks import DutyDesk, DutyDesks, read_desks
from alerts.kpi.follow import DeskFigures
from tests.alerts.city_parts import MINUTE, T0, House, finding
from topics.errors import ConfigurationError
from topics.finding import Text


def figures(house: House, desks: DutyDesks | None = None) -> DeskFigures:
    return DeskFigures(house.store, house.city, desks or DutyDesks(), house.clock)


def flood(house: House, count: int = 11) -> None:
    house.take(*(finding(quantity=f"q{n}", subject=f"s{n}", opened=T0 + n * 1000) for n in range(count)))
    house.city.tick(T0 + MINUTE)


def test_each_domain_is_a_desk_where_nobody_says_otherwise(house: House) -> None:
    flood(house)
    live = figures(house)
    assert live.of("safety", None, None)["alarms"] == live.of("city", None, None)["alarms"] == 11
    assert live.of("safety", None, None)["title"] == {"zh": "安全生产", "en": "safety production"}
    assert live.of("city", None, None)["title"] == {"zh": "全市", "en": "whole city"}
    assert live.flooded() == {"safety": T0 + 10_000}
    with pytest.raises(ValueError, match="desk: expected one of city, safety, got 'port'"):
        live.of("port", None, None)


def test_the_loudest_bear_their_titles_in_both_languages(house: House) -> None:
    house.take(finding())
    (loudest,) = figures(house).of("city", None, None)["top"]["keys"]
    assert loudest["key"] == "safety|tank-farm-1|lel|limit"
    assert loudest["site_title"] == {"zh": "一号罐区", "en": "tank farm 1"}
    assert loudest["quantity_title"] == {"zh": "可燃气体", "en": "flammable gas"}


def test_a_server_that_starts_anew_reads_the_same_figures_out_of_the_log(house: House) -> None:
    live = figures(house)
    flood(house, 5)
    live.catch_up()
    house.take(finding("close", 1, quantity="q0", subject="s0", opened=T0, time=T0 + 5000))
    assert live.of("safety", None, None) == figures(house).of("safety", None, None)
    assert live.panel()[1]["last_hour"] == 5


def test_a_desk_of_a_district_takes_its_alarms_and_the_rest_stays_with_the_domain(house: House) -> None:
    port = DutyDesk("port", Text("港区值班台", "port desk"), districts=("120116",))
    house.take(finding(), finding(site="elsewhere", subject="other"))
    live = figures(house, DutyDesks((port,)))
    assert [live.of(name, None, None)["alarms"] for name in ("port", "safety", "city")] == [1, 1, 2]
    assert live.of("port", None, None)["title"]["zh"] == "港区值班台"


def test_a_desk_sees_the_online_rate_of_its_points_and_the_alarms_of_each_a_day(house: House) -> None:
    start = T0 - 12 * 60 * MINUTE
    house.take(finding(opened=start, family="quality", detector="missing"))
    house.take(finding("close", 1, opened=start, time=start + 360 * MINUTE, family="quality", detector="missing"))
    house.take(finding(), finding(family="commitment", detector="commitment-missing", subject="tank-farm-1/2015-08-12"))
    found = figures(house).of("safety", None, None)
    points = found["points"]
    assert (found["alarms"], points["points"], points["offline_hours"], points["online_percent"]) == (3, 1, 6, 75.0)
    assert (points["alarms_of_instruments"], points["alarms_per_point_day"]) == (2, 2.0), "a form that is late is none"
    elsewhere = DutyDesk("port", Text("港区值班台", "port desk"), districts=("120101",))
    assert figures(house, DutyDesks((elsewhere,))).of("port", None, None)["points"]["online_percent"] is None


def test_the_file_of_desks_says_how_they_are_split_and_judged(tmp_path: Path) -> None:
    path = tmp_path / "desks.toml"
    path.write_text(
        '[[desk]]\nname = "port"\ntitle = {zh = "港区", en = "port"}\ndomains = ["safety"]\n'
        "[rates]\nflood_starts_above = 20\n",
        encoding="utf-8",
    )
    desks = read_desks(path)
    assert (desks.of("safety", "any", ""), desks.of("air", "any", "")) == ("port", "air")
    assert (desks.rates.flood_starts_above, desks.rates.flood_ends_below) == (20, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rates]\nflood_ends_below = 11\n", "expected flood_ends_below <= flood_starts_above .10., got 11"),
        ("[rates]\nwindow = 5\n", "unknown field `window`"),
        ('[[desk]]\nname = "city"\ntitle = {zh = "a", en = "b"}\n', "none of them 'city'"),
        ("[[desk]\n", "desks.toml"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "desks.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        read_desks(path)

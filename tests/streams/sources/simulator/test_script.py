"""Scenario files: every line says where it is from, and a broken line is refused by name."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.sources.simulator.city import FOLDER
from streams.sources.simulator.script import joined, load_script
from streams.sources.simulator.script_lines import Seen, Stock, ms
from tests.streams.sources.simulator.limits import PACKS
from tests.streams.sources.simulator.plays import MIDNIGHT, SCRIPT, clock, whole_day
from topics.errors import ConfigurationError
from topics.scheme import load_scheme


def test_every_line_carries_its_source_and_whether_it_is_published() -> None:
    for line in SCRIPT.lines:
        assert line.source, line.id
        assert line.basis in ("published", "assumed")
        assert line.title.zh and line.title.en
    assert {line.basis for line in SCRIPT.lines} == {"published", "assumed"}


def test_what_is_published_of_the_night() -> None:
    seen = {line.id: line for line in SCRIPT.lines if isinstance(line, Seen)}
    assert ms(seen["first-fire"].at) == clock("22:51:46")
    assert ms(seen["first-blast"].at) == clock("23:34:06")
    assert ms(seen["second-blast"].at) == clock("23:34:37")
    assert all(line.basis == "published" for line in seen.values())
    masses: dict[str, float] = {}
    for line in SCRIPT.lines:
        if isinstance(line, Stock) and line.site == "yard-ruihai":
            masses[line.un] = masses.get(line.un, 0.0) + line.mass_t
    assert masses["1942"] == 800 and masses["1486"] == 1342.8 and masses["1849"] == 484
    assert masses["1689"] == pytest.approx(680.5) and masses["2556"] == pytest.approx(229.37)


def test_lines_name_sites_quantities_and_severities_that_exist() -> None:
    scheme, domains = load_scheme(), {site.id: site.domain for site in whole_day().city.sites}
    for line in SCRIPT.lines:
        sites = getattr(line, "sites", None) or ([line.site] if hasattr(line, "site") else [])
        assert all(site in domains for site in sites), line.id
        for each in line.expect:
            assert each.site in domains and scheme.rank(each.severity) > 0
            assert each.family in PACKS[domains[each.site]].families
    assert SCRIPT.play is not None and MIDNIGHT <= ms(SCRIPT.play.start) <= min(_times(SCRIPT.lines))


def _times(lines: Iterable[Any]) -> Iterator[int]:
    """When each line of the day itself begins; what was stocked in the weeks before is told before the play."""
    for line in lines:
        begins = getattr(line, "start", None) or getattr(line, "at", None)
        if begins is not None and ms(begins) >= MIDNIGHT:
            yield ms(begins)


def test_the_play_takes_less_than_ninety_seconds_and_the_night_is_not_hurried() -> None:
    assert SCRIPT.play is not None
    at, wall, night = ms(SCRIPT.play.start), 0.0, 0.0
    for leg in SCRIPT.play.legs:
        wall += (ms(leg.until) - at) / leg.speed / 1000
        if at <= clock("22:51:46") < ms(leg.until):
            night = leg.speed
            assert at <= clock("22:50") and ms(leg.until) >= clock("23:40")
        at = ms(leg.until)
    assert wall <= 90 and 0 < night <= 60


def test_broken_scenarios_are_refused_by_file_and_key(tmp_path: Path) -> None:
    known = r"\['cargo-road', 'city-day', 'kitchen-day', 'port-2015', 'road-day'\]"
    with pytest.raises(ConfigurationError, match=f"expected one of {known}, got 'nowhere'"):
        load_script("nowhere")
    text = (FOLDER / "city-day.toml").read_text(encoding="utf-8")
    path = tmp_path / "broken.toml"
    for wrong, right, said in (
        ('basis = "guessed"', 'basis = "assumed"', "basis"),
        ('kind = "rump"', 'kind = "ramp"', "rump"),
        ('id = "cod-stuck"', 'id = "cod-backfill"', "cod-stuck.*more than once"),
    ):
        path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
        with pytest.raises(ConfigurationError, match=rf"broken\.toml.*{said}"):
            load_script("broken", tmp_path)


def test_joining_keeps_all_lines_and_the_first_play() -> None:
    night, day = load_script("port-2015"), load_script("city-day")
    both = joined("both", day, night)
    assert len(both.lines) == len(night.lines) + len(day.lines)
    assert both.play == night.play

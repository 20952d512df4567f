"""Eight more domains, each a file and nothing else: its sample goes through the kernel, sounds, stands on the wall."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from alerts.city import City
from alerts.latency import Latency
from alerts.wall import SHOW_EVERY_MS, Wall
from records.registry import Device, Site, registry_of
from streams.backtesting.look_back import Asked, LookedBack, look_back
from streams.packs import load_packs
from streams.settings import load_settings
from tests.alerts.city_parts import House
from tests.made_stores import made_store
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.finding import Finding, Text
from topics.pulse import Pulse
from topics.reading import parse_series

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/examples/domains"
ZONE = ZoneInfo("Asia/Shanghai")
PACKS = {pack.name: pack for pack in load_packs(FOLDER)}

#: By pack, what its sample must give, in the order of telling: subject, family, the worst it became, since when.
EXPECTED = {
    "tourism": [("old-town/GATE-1/occupancy/Rtd", "limit", "red", "2026-05-02T11:20")],
    "agriculture": [("field-7/MET-1/air_temperature/Rtd", "limit", "orange", "2026-04-09T23:50")],
    "cyber": [("e-office/SIEM-1/failed_logins/Rtd", "limit", "orange", "2026-03-11T02:05")],
    "employment": [("machine-works/HR/layoffs/Rtd", "limit", "yellow", "2026-01-11T18:00")],
    "drugs": [("hospital-2/LOT-A17/adverse_reactions/Rtd", "limit", "yellow", "2026-02-04T07:00")],
    "economy": [("city/NDRC/pig_grain_ratio/Rtd", "limit", "yellow", "2026-01-09T17:00")],
    "road": [("g18-km-41/VIS-1/visibility/Rtd", "limit", "orange", "2026-11-04T05:10")],
    # One storm. The statistics see the beach go over six hours before it is too short.
    "tailings": [
        ("pond-3/RG-1/rain_24h/Rtd", "limit", "yellow", "2026-07-20T23:20"),
        ("pond-3/DB-1/dry_beach/Rtd", "anomaly", "blue", "2026-07-21T01:10"),
        ("pond-3/DB-1/dry_beach/Rtd", "limit", "red", "2026-07-21T07:50"),
        ("pond-3/WL-1/pond_level/Rtd", "anomaly", "blue", "2026-07-21T10:40"),
    ],
}
#: Whom its warnings go to.
TOLD = {
    "tourism": {"tourism-bureau", "police"},
    "agriculture": {"agriculture-bureau"},
    "cyber": {"cyberspace-office", "cyber-police"},
    "employment": {"labour-bureau"},
    "drugs": {"drug-administration"},
    "economy": {"development-commission"},
    "road": {"transport-bureau", "traffic-police"},
    "tailings": {"emergency-bureau"},
}


def looked_back(name: str) -> tuple[LookedBack, list[Finding]]:
    """What ``citybrain backtest --domains … --domain … --csv … --tick-s 300`` gives."""
    asked = Asked(name, file=FOLDER / f"{name}.csv", tick_s=300, own_packs=True)
    with closing(look_back(load_settings(domains_dir=str(FOLDER)), asked)) as work:
        done = work.run()
    return done, msgspec.convert(done.findings, list[Finding])


def sites_of(pack: Domain) -> Iterator[Site | Device]:
    """The sites and devices of its sample, as somebody would register them."""
    lines = (FOLDER / f"{pack.name}.csv").read_text(encoding="utf-8").splitlines()[1:]
    parts = [parse_series(series) for series in {line.partition(",")[0] for line in lines}]
    for site in {each.site for each in parts}:
        yield Site(site, pack.name, Text(f"{site}（示例）", site), "example", "120116", 39.04, 117.74)
        for device in {each.device for each in parts if each.site == site}:
            yield Device(device, site, "example")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One city of all eight, with an empty store."""
    registry = registry_of([each for pack in PACKS.values() for each in sites_of(pack)])
    made = House(made_store(tmp_path_factory.mktemp("domains")), City(PACKS.values(), registry))
    yield made
    made.store.close()


def shown(wall: Wall, house: House, name: str) -> dict[str, int]:
    """The open alarms of a domain on the wall, by severity."""
    house.clock.now_ms += SHOW_EVERY_MS
    wall.hear(Pulse("worker", name, 0, last_reading=house.city.time))
    (told,) = (each for each in wall.show()["domains"] if each["name"] == name)
    assert told["status"] == "live"
    assert sum(tile["alarms"] for tile in told["tiles"]) == sum(told["alarms"].values())
    alarms: dict[str, int] = told["alarms"]
    return alarms


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_found_sounds_and_stands_on_the_wall(name: str, house: House) -> None:
    done, findings = looked_back(name)
    assert (done.figures["refused"], done.figures["late_readings"]) == ({}, 0)
    rank = house.city.rank
    opened = {each.id: each for each in findings if each.phase == "open"}
    worst = {
        key: max((f.severity for f in findings if f.id == key), key=lambda code: rank(name, code)) for key in opened
    }
    since = {key: datetime.fromtimestamp(each.opened / 1000, ZONE) for key, each in opened.items()}
    assert [
        (each.subject, each.family, worst[key], since[key].strftime("%Y-%m-%dT%H:%M")) for key, each in opened.items()
    ] == EXPECTED[name]
    limits = [each for each in opened.values() if each.family == "limit"]
    assert all("限值未经核实" in each.text.zh and "limit unconfirmed" in each.text.en for each in limits)

    wall = Wall(house.store, house.city, Latency(), house.clock)
    house.city.time = 0  # each sample has days of its own
    wall.tick(findings[0].opened)
    assert shown(wall, house, name) == {}
    for each in findings:
        wall.tick(each.time)
        house.take(each)
        if each.severity == worst[each.id]:
            assert shown(wall, house, name)[each.severity] >= 1
    # Nobody has acknowledged anything, so also what is over stands there still.
    assert sum(shown(wall, house, name).values()) == len(EXPECTED[name])
    told = house.rows(
        f"SELECT DISTINCT warning.authority FROM warning JOIN alarm ON alarm.id = alarm_id WHERE domain = '{name}'"
    )
    assert {authority for (authority,) in told} == TOLD[name]


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_a_pack_shows_and_its_sample_holds_all_it_measures(pack: Domain) -> None:
    on_the_wall = {code for tile in pack.wall for code in tile.quantities}
    text = (FOLDER / f"{pack.name}.csv").read_text(encoding="utf-8")
    in_the_sample = {parse_series(line.partition(",")[0]).quantity for line in text.splitlines()[1:]}
    assert set(pack.quantities) == on_the_wall == in_the_sample
    limits = [limit for quantity in pack.quantities.values() for limit in quantity.limits]
    assert limits and not any(limit.confirmed for limit in limits)  # an example's numbers are nobody's law


def test_they_stand_beside_the_domains_of_the_product() -> None:
    own = load_domains()
    assert not {each.name for each in own} & PACKS.keys()
    assert len({each.order for each in (*own, *PACKS.values())}) == len(own) + len(PACKS)


def test_tailings_ponds_take_at_most_seventy_lines() -> None:
    lines = (FOLDER / "tailings.toml").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 70
    assert set(PACKS["tailings"].quantities) == {"seepage_depth", "displacement", "dry_beach", "rain_24h", "pond_level"}


def test_the_page_names_every_file_and_every_file_is_there() -> None:
    page = (ROOT / "docs/domains.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\(examples/domains/([\w.-]+)\)", page))
    assert named == {path.name for path in FOLDER.iterdir()}
    assert EXPECTED.keys() == TOLD.keys() == PACKS.keys() == {path.stem for path in FOLDER.iterdir()}
